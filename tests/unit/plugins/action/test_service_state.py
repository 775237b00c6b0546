# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison as a program that this machine runs itself, and the module where it cannot run."""

from __future__ import annotations

import hashlib
import importlib
import subprocess
from types import SimpleNamespace

import pytest

SECRET = {"path": "/nowhere/secret", "secret": "geheim", "mode": "0600"}
ANSWER = {"changed": False, "differs": False, "files": [], "packages": [], "pending": [], "unit": {}}


@pytest.fixture
def compare(collections, monkeypatch):
    """Compare this machine through a connection that pipelines, or does not; what was sent is kept."""
    plugin = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.action.service_state")
    monkeypatch.setattr(plugin.ProgramAction, "run", lambda *_: {})

    def compare(pipelining=True, **options):
        sent = SimpleNamespace(program="", module=None)

        def execute(command, in_data):
            sent.program = in_data.decode()
            done = subprocess.run(command, shell=True, input=in_data, capture_output=True, check=False)
            return {"stdout": done.stdout.decode()}

        def module(name, options, **_):
            sent.module = options
            return dict(ANSWER)

        connection = SimpleNamespace(is_pipelining_enabled=lambda *_: pipelining)
        action = plugin.ActionModule(
            SimpleNamespace(async_val=0, args=options, delegate_to=None), connection, *[None] * 4
        )
        action._low_level_execute_command, action._execute_module = execute, module
        sent.answer = action.run()
        return sent

    return compare


def test_the_program_runs_alone_and_gets_no_content(compare):
    sent = compare(files=[SECRET])
    assert sent.module is None
    assert sent.answer == {
        "changed": False,
        "differs": True,
        "files": ["/nowhere/secret"],
        "packages": [],
        "pending": [],
        "unit": {},
    }
    assert "geheim" not in sent.program


def test_without_pipelining_the_module_runs_and_gets_no_content(compare):
    sent = compare(pipelining=False, files=[SECRET])
    assert sent.answer == ANSWER
    assert sent.module["files"][0]["sha256"] == hashlib.sha256(b"geheim").hexdigest()
    assert "geheim" not in str(sent.module)
