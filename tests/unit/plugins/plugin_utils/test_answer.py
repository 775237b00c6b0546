# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action takes of the answer of a module: what that documents, which has to have a shape."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from module_utils.basics.answer import TYPES

ROOT = Path(__file__).parents[4]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
# By names that nobody knows before, or as another format has it
FREE = {
    "keepalived_config.config.facts",
    *(f"keepalived_lint.{each}" for each in ("counts", "findings", "sarif")),
    "upgrade_plan.installed",
    *(f"vip_probe.measured.{each}" for each in ("answered_by", "errors", "outages.errors")),
    *(f"vrrp_layout.{each}" for each in ("dns", "instances", "layout", "proof")),
}


@pytest.fixture
def plugin(collections):
    return importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer")


def shapes(documented, path):
    """Yield the path and the documentation of everything that is returned."""
    for name, wanted in documented.items():
        yield f"{path}.{name}", wanted
        yield from shapes(wanted.get("contains", {}), f"{path}.{name}")


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_returns_has_a_shape(plugin, module):
    """A mapping without one is taken as it is, so that there are few of them."""
    for path, wanted in shapes(plugin.documented(module), module):
        assert wanted["type"] in {*TYPES, "list", "dict", "raw"}, path
        assert wanted["type"] != "list" or "elements" in wanted, path
        is_mapping = "dict" in (wanted["type"], wanted.get("elements"))
        assert is_mapping is ("contains" in wanted or path in FREE), path


class Task(SimpleNamespace):
    """A task as an action knows it."""

    def __init__(self, module, **more):
        super().__init__(action=f"evenkeel.ha_lb.{module}", async_val=0, delegate_to=None, args={}, **more)


@pytest.fixture
def run(plugin, monkeypatch):
    """Run the action of a module, which answers so."""
    monkeypatch.setattr(plugin.ActionBase, "run", lambda *_: {})

    def run(module, said, task=None, found=None):
        action = object.__new__(plugin.AnswerAction)
        action._task = task or Task(module)
        action._connection = SimpleNamespace(has_native_async=False, _shell=SimpleNamespace(tmpdir="/x"))
        action._remove_tmp_path = lambda path: None
        action._discovered_interpreter_key, action._discovered_interpreter = found or (None, False)
        action._execute_module = lambda task_vars, wrap_async: said
        return action.run(task_vars={"inventory_hostname": "lb1"})

    return run


def test_an_answer_is_what_is_documented(run):
    said = {"changed": True, "value": 0, "add_host": {}, "invocation": {}, "ansible_facts": {"ha_lb_vips": []}}
    assert run("vrrp_drain", said) == {"changed": True, "value": 0}


def test_the_interpreter_that_ansible_has_found_is_no_fact_of_the_host(run):
    said = {"changed": False, "value": 0, "ansible_facts": {"discovered_interpreter_python": "/tmp/evil"}}
    found = ("discovered_interpreter_python", "/usr/bin/python3")
    facts = {"discovered_interpreter_python": "/usr/bin/python3"}
    assert run("vrrp_drain", said, found=found) == {"changed": False, "value": 0, "ansible_facts": facts}


def test_a_module_in_the_background_says_where_its_answer_will_be(run):
    job = {"started": 1, "finished": 0, "ansible_job_id": "j1", "results_file": "/root/.ansible_async/j1"}
    task = Task("vip_watch")
    task.async_val = 60
    assert run("vip_watch", {**job, "ansible_facts": {}, "changed": False}, task) == {**job, "changed": False}
    # As ansible-core 2.17 says it
    assert run("vip_watch", {**job, "failed": 0}, task) == {**job, "failed": False}


def test_where_no_module_runs_the_end_of_what_was_printed_is_the_reason(run):
    said = {"failed": True, "msg": "MODULE FAILURE", "module_stderr": "bash: \x1b[1mno python\n", "module_stdout": ""}
    assert run("vrrp_drain", said) == {"failed": True, "msg": r"lb1: no module runs there: bash: \x1b[1mno python"}


def test_a_task_for_another_host_names_that_one(run):
    task = Task("vrrp_drain")
    task.delegate_to = "lb2"
    assert run("vrrp_drain", {"value": "x"}, task)["msg"].startswith("lb2 answers vrrp_drain with what is no answer: ")


def test_whose_configuration_it_is_the_host_does_not_say(collections, plugin, monkeypatch):
    action = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.keepalived_config")
    monkeypatch.setattr(action.AnswerAction, "run", lambda *_: {"config": {"node": "lb2", "content": ""}})
    this = object.__new__(action.ActionModule)
    this._task = SimpleNamespace(args={"node": "lb1"})
    assert this.run()["config"]["node"] == "lb1"
