# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys

import pytest
from module_utils.host.bundle import bundle


@pytest.fixture
def run(tmp_path):
    """Run a program as a host does: it has Python, and neither this directory nor these variables."""

    def run(text):
        command = [sys.executable, "-I", "-"]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=tmp_path, env={})

    return run


def test_a_function_of_the_core_runs_with_nothing_but_python(run):
    dump = json.dumps([])
    assert json.loads(run(bundle(("basics.errors", "keepalived.live.status"), "read_status", dump)).stdout) == []


def test_what_is_not_ascii_comes_through(run):
    done = run(bundle(("basics.errors", "basics.address"), "bare", "…'\"\\"))
    assert "HaLbError: '…\\'\"\\\\' is not an address" in done.stderr
    assert done.stdout == ""


def test_a_module_that_is_missing_is_named(run):
    assert "core.basics" in run(bundle(("basics.address",), "bare", "192.0.2.1")).stderr
