# SPDX-License-Identifier: GPL-3.0-or-later
"""The look as a program that this machine runs itself, and the module where it cannot run."""

from __future__ import annotations

import importlib
import json
import subprocess
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleError

MODULE = {
    "changed": False, "running": False, "proxy": "ok", "instances": [], "drain": None, "units": [], "held": [],
}  # fmt: skip


@pytest.fixture
def ask(collections, monkeypatch):
    """Ask this machine through a connection of which is said whether it pipelines, and what its programs print."""
    plugin = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.vrrp_info")
    monkeypatch.setattr(plugin.ProgramAction, "run", lambda *_: {})

    def execute(command, in_data):
        done = subprocess.run(command, shell=True, input=in_data, capture_output=True, check=False)
        return {"stdout": done.stdout.decode()}

    def ask(pipelining=True, prints=execute, answers=None, **options):
        said = SimpleNamespace(module=None)

        def module(name, options, **_):
            said.module = (name, options["check_port"])
            return {**MODULE, **(answers or {})}

        action = plugin.ActionModule(SimpleNamespace(async_val=0, args=options, delegate_to=None), *[None] * 5)
        action._is_pipelining_enabled = lambda *_: pipelining
        action._low_level_execute_command, action._execute_module = prints, module
        said.answer = action.run(task_vars={"inventory_hostname": "lb1"})
        return said

    return ask


def test_the_program_sees_what_the_module_sees(ask, tmp_path):
    look = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.live.look")
    defaults = {name: option["default"] for name, option in look.OPTIONS.items()}
    options = {"pid_file": str(tmp_path / "none"), "check_port": 1, "addresses": ["127.0.0.1/8", "192.0.2.10"]}
    said = ask(**options)
    assert said.module is None
    assert said.answer == look.look({**defaults, **options})
    assert (said.answer["running"], said.answer["held"]) == (False, ["127.0.0.1"])


def test_what_was_waited_for_is_said_with_the_addresses_that_are_here(ask, tmp_path):
    said = ask(pid_file=str(tmp_path / "none"), wait_for="fit", wait_seconds=0, addresses=["127.0.0.1"])
    wanted = {"failed": True, "msg": "after 0 s, keepalived does not run", "held": ["127.0.0.1"]}
    assert {key: each for key, each in said.answer.items() if key in wanted} == wanted
    # Whatever is wrong, the agents may say more of it
    assert {*said.answer} - {*wanted} == {"guard", "ear", "drift", "locked"}


@pytest.mark.parametrize("prints", ["", "/bin/sh: 1: /usr/bin/python3: not found", "Traceback"])
def test_where_the_program_does_not_run_the_module_does(ask, prints):
    said = ask(prints=lambda *_, **__: {"stdout": prints}, check_port="8406")
    assert (said.module, said.answer) == (("evenkeel.ha_lb.vrrp_info", 8406), MODULE)


def test_without_pipelining_the_module_runs(ask):
    assert ask(pipelining=False).module == ("evenkeel.ha_lb.vrrp_info", 8405)


def test_wrong_options_are_refused_before_anything_is_sent(ask):
    with pytest.raises(AnsibleError, match="wait_for"):
        ask(wait_for="ever", prints=None)


def test_what_nobody_documented_is_no_answer(ask):
    """Of a program as of a module: neither hosts for the inventory, nor facts, nor words of Ansible's own."""
    more = {"add_host": {"host_name": "lb2"}, "ansible_facts": {"haproxy_source": {}}, "_ansible_no_log": True}
    said = ask(prints=lambda *_, **__: {"stdout": json.dumps({**MODULE, **more})})
    assert said.answer == MODULE
    assert ask(pipelining=False, answers=more).answer == MODULE


def test_an_answer_of_another_shape_fails_and_names_the_host(ask):
    said = ask(prints=lambda *_, **__: {"stdout": json.dumps({**MODULE, "held": "all"})})
    assert said.answer == {
        "failed": True,
        "msg": "lb1 answers vrrp_info with what is no answer: held is 'all', not a list",
    }
