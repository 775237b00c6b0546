# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the lock, with the answers of a node made up."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from dataclasses import asdict
from types import SimpleNamespace

import pytest

REFUSED = {"failed": True, "msg": "lb1: ann@ops1 runs site"}


@pytest.fixture
def plugin(collections, monkeypatch):
    module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.cluster_lock")
    monkeypatch.setattr(module.AskingAction, "run", lambda *_: {})
    monkeypatch.setattr(module, "POLL_SECONDS", 0)
    return module


@pytest.fixture
def ask(plugin):
    """Run the action against a node that gives these answers; return the last one, and what was asked and shown."""

    def ask(*answers, **arguments):
        said = SimpleNamespace(asked=[], shown=[])
        waiting = list(answers)

        def execute(module, asked, **__):
            said.asked.append(dict(asked))
            return dict(waiting.pop(0))

        action = object.__new__(plugin.ActionModule)
        action._task = SimpleNamespace(args=arguments, delegate_to=None)
        action._display = SimpleNamespace(display=said.shown.append)
        action._execute_module = execute
        said.result = action.run(task_vars={"inventory_hostname": "lb1"})
        return said

    return ask


def holder(plugin, **changes):
    run = {**asdict(plugin.this_run()), **changes}
    return {**REFUSED, "holder": {**run, "id": "0123abcd"}}


def test_the_run_is_the_process_whichever_task_asks(plugin):
    mine = plugin.this_run()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        theirs = pool.apply(plugin.this_run)
    assert (mine.pid, mine.id) == (os.getpid(), theirs.id)
    assert mine.who.endswith(f"@{os.uname().nodename}")


def test_who_has_no_name_has_a_number(plugin, monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(plugin.getpass, "getuser", lambda: {}["nobody"])
    assert plugin.user() == f"uid {os.getuid()}"


def test_a_free_lock_is_asked_for_once(plugin, ask):
    said = ask({"id": "4567cdef"})
    assert said.result == {"id": "4567cdef"}
    assert [each["node"] for each in said.asked] == ["lb1"]


def test_an_interpreter_that_was_found_on_one_host_is_no_fact_of_all(ask):
    assert ask(
        {"id": "4567cdef", "ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3.11"}}
    ).result == {"id": "4567cdef"}


def test_who_does_not_wait_is_told(plugin, ask):
    said = ask(holder(plugin))
    assert (said.result["msg"], said.result["holder"]["id"]) == (REFUSED["msg"], "0123abcd")


@pytest.mark.parametrize("wait", ["soon", -1, None, [5], float("nan")])
def test_a_wrong_time_to_wait_is_refused_with_its_variable(ask, wait):
    said = ask(wait_seconds=wait).result
    assert said["failed"]
    assert said["msg"].startswith("ha_lb_lock_wait_seconds: ")
    assert said["msg"].endswith(" is not a number of seconds from 0 to 86400")


def test_who_waits_is_told_once_and_has_his_turn(plugin, ask):
    said = ask(holder(plugin), holder(plugin), {"id": "4567cdef"}, wait_seconds=60)
    assert (said.result, said.shown) == ({"id": "4567cdef"}, [REFUSED["msg"]])


def test_the_lock_of_a_process_that_is_gone_is_taken_over(plugin, ask):
    said = ask(holder(plugin, started="1"), {"id": "4567cdef"})
    assert said.result == {"id": "4567cdef"}
    assert [each.get("broken") for each in said.asked] == [None, "0123abcd"]


def test_a_process_of_another_machine_is_not_looked_for(plugin, ask):
    assert "holder" in ask(holder(plugin, started="1", space="boot-9 pid:[1]")).result
