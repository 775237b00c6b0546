# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture
def ask(collections, monkeypatch):
    """Ask a host whose shell is this one's, or that says something else."""
    module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.kernel_modules")
    monkeypatch.setattr(module.AskingAction, "run", lambda self, tmp, task_vars: {})

    def shell(command, executable):
        done = subprocess.run([executable, "-c", command], capture_output=True, text=True, check=False)
        return {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

    def run(names, said=None):
        action = module.ActionModule(SimpleNamespace(async_val=0, delegate_to=None), *[None] * 5)
        action.validate_argument_spec = lambda options: (None, {"names": names})
        action._low_level_execute_command = shell if said is None else lambda command, executable: said
        return action.run()

    return run


def test_a_module_that_no_kernel_has(ask):
    assert ask(["ha_lb_no_such_module", "$(echo planted)"]) == {
        "changed": False,
        "missing": ["ha_lb_no_such_module", "$(echo", "planted)"],
    }


def test_a_module_that_is_there(ask):
    loaded = min(Path("/sys/module").iterdir())
    assert ask([loaded.name])["missing"] == []


def test_a_host_that_does_not_say(ask):
    answer = ask(["ip_vs"], {"rc": 1, "stdout": "", "stderr": "no shell"})
    assert answer["failed"]
    assert answer["msg"] == "no shell"
