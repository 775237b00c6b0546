# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import subprocess

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.drill.catalogue import BY_NAME, DRILLS
from module_utils.operations.drill.fault import Log, plan_of, read_log

SETTINGS = {"proxy": "haproxy", "drain": -253, "interfaces": "eth0 eth1.5", "port": 80, "uplinks": ""}


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_every_drill_is_valid_shell_with_known_variables(drill):
    plan = plan_of(drill, SETTINGS, 1.5, 4)
    for name in ("fault", "break", "mend"):
        assert subprocess.run(["sh", "-n"], input=plan.files[name].encode(), check=False).returncode == 0
    known = {*SETTINGS, "number", "interface", "way", "hook", "uplink", "address"}
    used = set(re.findall(r"\$([a-z]+)", plan.files["break"] + plan.files["mend"]))
    assert used <= known


def test_the_unit_mends_when_it_ends_and_has_a_time_limit():
    plan = plan_of(BY_NAME["drained"], SETTINGS, 1.5, 4)
    assert plan.command == [
        "systemd-run",
        "--quiet",
        "--collect",
        "--unit=ha_lb-drill.service",
        "--property=ExecStopPost=/bin/sh /run/ha_lb_drill/mend",
        "--property=RuntimeMaxSec=35.5",
        "--property=TimeoutStopSec=30",
        "/bin/sh",
        "/run/ha_lb_drill/fault",
    ]
    assert plan.files["fault"].splitlines()[0] == "sleep 1.5"
    assert plan.files["fault"].splitlines()[-1] == "sleep 4"
    assert plan.files["break"].splitlines()[-1] == "echo $drain >/run/ha_lb/drain"
    assert plan.files["mend"].splitlines()[-1] == "echo 0 >/run/ha_lb/drain"


def test_settings_are_quoted():
    plan = plan_of(BY_NAME["proxy_killed"], {"proxy": "x; reboot"}, 0, 1)
    assert "proxy='x; reboot'\n" in plan.files["break"]


def test_every_uplink_is_lost_and_nothing_else(tmp_path):
    (tmp_path / "nft").write_text('#!/bin/sh\necho "$*"\n')
    (tmp_path / "nft").chmod(0o755)
    settings = {**SETTINGS, "uplinks": "192.0.2.1, 192.0.2.2,53 2001:db8::1, 2001:db8::2,443"}
    script = plan_of(BY_NAME["uplinks_lost"], settings, 0, 1).files["break"]
    done = subprocess.run(["sh", "-e"], input=script, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True,
                          capture_output=True, check=True)  # fmt: skip
    assert [each.removeprefix("add rule inet ha_lb_drill output ") for each in done.stdout.splitlines()[2:]] == [
        "ip daddr 192.0.2.1 icmp type echo-request drop",
        "ip daddr 192.0.2.2 tcp dport 53 drop",
        "ip6 daddr 2001:db8::1 icmpv6 type echo-request drop",
        "ip6 daddr 2001:db8::2 tcp dport 443 drop",
    ]


def test_every_interface_is_cut_off(tmp_path):
    (tmp_path / "nft").write_text('#!/bin/sh\necho "$*"\n')
    (tmp_path / "nft").chmod(0o755)
    script = plan_of(BY_NAME["network_cut"], SETTINGS, 0, 1).files["break"]
    done = subprocess.run(["sh", "-e"], input=script, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, text=True,
                          capture_output=True, check=True)  # fmt: skip
    commands = done.stdout.splitlines()
    assert commands[0] == "add table netdev ha_lb_drill"
    hook = '{{ type filter hook {} device "{}" priority -500; policy drop; }}'
    assert commands[1:] == [
        f"add chain netdev ha_lb_drill {way}{number} {hook.format(way, interface)}"
        for number, interface in ((1, "eth0"), (2, "eth1.5"))
        for way in ("ingress", "egress")
    ]


def test_read_log():
    assert read_log("") == Log(None, None, False)
    assert read_log("broken 12.5\nmended 16.25\n") == Log(12.5, 16.25, False)
    assert read_log("broken 12.5\nfailed 12.6\nmended 12.7\n") == Log(12.5, 12.7, True)
    assert read_log("broken 1.0\nmended 2.0\nmended 3.0\n").mended == 2.0


@pytest.mark.parametrize("text", ["broken\n", "broken now", "started 12.5", "broken 12.5 1\n"])
def test_read_log_refuses_other_lines(text):
    with pytest.raises(HaLbError, match="is not what a drill writes"):
        read_log(text)
