# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's processes by /proc."""

from __future__ import annotations

import pytest
from module_utils.agent.guard.process import kill_all, pulse_of, signal_json


@pytest.fixture
def host(tmp_path):
    """A host, as a function that makes a process: its file, its PID, its name, its state."""
    (tmp_path / "run").mkdir()

    def process(name, pid, command="keepalived", state="S", slept="7"):
        (tmp_path / f"run/{name}.pid").write_text(f"{pid}\n")
        folder = tmp_path / f"proc/{pid}"
        folder.mkdir(parents=True, exist_ok=True)
        rest = " ".join([state, *map(str, range(4, 22)), f"{pid}00", "0"])
        (folder / "stat").write_text(f"{pid} ({command}) {rest}\n")
        (folder / "status").write_text(f"Name:\t{command}\nvoluntary_ctxt_switches:\t{slept}\nnonvoluntary: 1\n")

    process.places = (str(tmp_path / "run"), str(tmp_path / "proc"))
    return process


def test_a_pulse(host):
    host("keepalived", 10)
    host("vrrp", 11)
    assert pulse_of(*host.places) == ("10:1000 11:1100", False, "7")
    assert pulse_of(*host.places, slept="3").slept == "3"


@pytest.mark.parametrize("which", ["keepalived", "vrrp"])
@pytest.mark.parametrize("state", ["T", "t"])
def test_one_that_is_stopped(host, which, state):
    host("keepalived", 10)
    host("vrrp", 11)
    host(which, 12, state=state)
    assert pulse_of(*host.places).stopped


@pytest.mark.parametrize("other", [{"command": "sshd"}, {"state": "Z"}])
def test_what_is_no_keepalived_any_more(host, other):
    host("keepalived", 10)
    host("vrrp", 11, **other)
    assert pulse_of(*host.places) is None
    host("keepalived", 10, **other)
    assert not kill_all(*host.places)


def test_without_files(tmp_path):
    assert pulse_of(str(tmp_path), str(tmp_path)) is None
    assert not signal_json(str(tmp_path))
