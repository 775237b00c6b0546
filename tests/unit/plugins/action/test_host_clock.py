# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib
import time
from types import SimpleNamespace

import pytest


@pytest.fixture
def ask(collections, monkeypatch):
    """Ask a host that is ahead by so many seconds, or says something else."""
    module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.host_clock")
    monkeypatch.setattr(module.AskingAction, "run", lambda self, tmp, task_vars: {})

    def run(says):
        action = module.ActionModule(SimpleNamespace(async_val=0, delegate_to=None), *[None] * 5)
        action._low_level_execute_command = lambda command, executable: {"stdout": says()}
        return action.run()

    return run


def test_a_clock_that_is_an_hour_ahead(ask):
    answer = ask(lambda: f"{time.time() + 3600:.9f}\n")
    assert answer["changed"] is False
    assert answer["offset_seconds"] == pytest.approx(3600, abs=0.01)
    assert 0 <= answer["uncertainty_seconds"] < 0.1


def test_a_host_that_does_not_tell_its_time_is_refused(ask):
    answer = ask(lambda: "date: not found")
    assert answer["failed"]
    assert "does not tell its time" in answer["msg"]
