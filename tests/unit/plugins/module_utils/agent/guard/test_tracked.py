# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tracked files must say."""

from __future__ import annotations

import pytest
from module_utils.agent.guard.tracked import Known, doubtful, drained_at_boot, number_of, wanted
from module_utils.host.drain_file import Drain, DrainFiles

WELL = {"proxy": 0, "watch": 0, "keepalived": 0, "drain": 0}


def known(proxy="", keepalived="", answers=None, kept=(), **more):
    return Known({"proxy": proxy, "keepalived": keepalived}, answers, dict(kept), **more)


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("proxy", "0\n", 0),
        ("proxy", "-254", -254),
        ("proxy", "-253\n", -253),
        ("proxy", "-25", None),
        ("watch", "-253", None),
        ("drain", "-253 upgrade\n", -253),
        ("drain", "-12", -12),
        ("drain", "", None),
        ("drain", "-", None),
        ("drain", "drained", None),
        ("keepalived", None, None),
    ],
)
def test_only_the_numbers_of_its_writer_count(name, text, number):
    assert number_of(name, text) == number


@pytest.mark.parametrize(
    ("change", "state", "wrong"),
    [
        ({}, known(), {}),
        # Wiped
        ({"drain": None}, known(), {"drain": "0"}),
        ({"drain": None}, known(kept={"drain": "-253\n"}), {"drain": "-253\n"}),
        ({"drain": None}, known(drained_at_boot="-253"), {"drain": "-253"}),
        ({"watch": None, "keepalived": None}, known(), {"watch": "0", "keepalived": "0"}),
        ({"watch": None}, known(kept={"watch": "-254"}), {"watch": "-254"}),
        # The proxy, by what systemd says
        ({"proxy": None}, known(), {}),
        ({"proxy": None}, known("active"), {"proxy": "0"}),
        ({"proxy": None}, known("failed"), {"proxy": "-254"}),
        ({"proxy": None}, known("activating"), {"proxy": "-254"}),
        ({"proxy": None}, known("deactivating"), {}),
        ({"proxy": None}, known("busy"), {}),
        ({"proxy": -254}, known("active"), {"proxy": "0"}),
        ({"proxy": -253}, known("deactivating"), {}),
        ({"proxy": 0}, known("inactive"), {"proxy": "-254"}),
        ({"proxy": -254}, known("inactive"), {}),
        # A proxy of one's own
        ({"proxy": None}, Known({}, None, {"proxy": "0"}), {"proxy": "0"}),
        # The watcher, by the proxy's port
        ({"watch": -254}, known(answers=True), {"watch": "0"}),
        ({"watch": -254}, known(answers=False), {}),
        # keepalived, while it stops and afterwards
        ({"keepalived": -253}, known(keepalived="active"), {"keepalived": "0"}),
        ({"keepalived": -253}, known(keepalived="busy"), {}),
        ({"keepalived": -253}, known(keepalived="active", handing_over=True), {}),
        ({"keepalived": None}, known(handing_over=True), {"keepalived": "0"}),
        # People drained it
        ({"drain": -253}, known("active", "active"), {}),
        ({"uplink": None}, known(kept={"uplink": "-126"}), {"uplink": "-126"}),
    ],
)
def test_what_must_be_written(change, state, wrong):
    assert wanted({**WELL, **change}, state) == wrong


@pytest.mark.parametrize(
    ("change", "handing_over", "doubts"),
    [
        ({}, False, (False, False, False)),
        # It is stopped, and everybody says so
        ({"proxy": -254, "watch": -254}, False, (False, False, True)),
        ({"proxy": -254}, False, (True, False, False)),
        ({"proxy": None}, False, (True, False, False)),
        ({"watch": -254}, False, (True, False, True)),
        ({"keepalived": -253}, False, (False, True, False)),
        ({"keepalived": -253}, True, (False, False, False)),
    ],
)
def test_systemd_is_asked_only_where_something_disagrees(change, handing_over, doubts):
    assert doubtful({**WELL, **change}, handing_over) == doubts


@pytest.mark.parametrize("value", [-253, -12, 0])
def test_a_node_that_is_drained_is_so_after_a_reboot(tmp_path, value):
    files = DrainFiles(tmp_path / "drain", tmp_path / "at-boot.conf")
    files.now.write_text("0\n")
    files.write(Drain(value, 0.0, survives_reboot=True))
    assert drained_at_boot(files.at_boot.read_text()) == f"{value}"


@pytest.mark.parametrize(
    "text", ["", "f /run/ha_lb/drain 0644 root root - soon", "f /run/ha_lb/proxy 0644 root root - 1"]
)
def test_what_says_nothing_of_a_drain(text):
    assert drained_at_boot(text) == ""
