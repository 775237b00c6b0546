# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules on a real kernel: two network namespaces with a cable between them. Needs root."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from lab.wire_namespace import cable  # noqa: E402


@pytest.fixture
def hosts():
    """Return the host that listens and the host that sends."""
    with cable() as both:
        yield both


@pytest.fixture
def listener(hosts):
    return hosts[0]


@pytest.fixture
def speaker(hosts):
    return hosts[1]


@pytest.fixture
def ask(listener, tmp_path):
    """Return a function that runs a module in check mode on the listener, and returns its result, rc and duration."""
    collections = ROOT / ".ansible/collections"
    modules = "ansible_collections.evenkeel.ha_lb.plugins.modules"

    def ask(*before, module="vrid_conflict", **options):
        arguments = tmp_path / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": True, **options}}))
        tmp_path.chmod(0o755)
        command = ["env", f"PYTHONPATH={collections}", sys.executable, "-m", f"{modules}.{module}", str(arguments)]
        begin = time.monotonic()
        done = subprocess.run(listener.command(*before, *command), capture_output=True, text=True, check=False)
        answer = json.loads(done.stdout)
        assert "Traceback" not in done.stderr
        return {**answer, "rc": done.returncode, "took": time.monotonic() - begin}

    return ask
