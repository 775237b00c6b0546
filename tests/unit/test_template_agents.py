# SPDX-License-Identifier: GPL-3.0-or-later
"""Where systemd listens for the status page, and what is started for it."""

from __future__ import annotations

import re

import pytest
from inputs import INPUTS
from rendering import declared, render

GIVEN = next(iter(INPUTS["agents"].values()))


def listens(**given):
    return re.findall(r"^ListenStream=(.+)$", render("agents", "status.socket.j2", **{**GIVEN, **given}), re.MULTILINE)


@pytest.mark.parametrize(
    ("addresses", "listening"),
    [
        (["127.0.0.1"], ["127.0.0.1:8500"]),
        (["0.0.0.0", "::"], ["0.0.0.0:8500", "[::]:8500"]),
        (["2001:db8::10", "192.0.2.10"], ["[2001:db8::10]:8500", "192.0.2.10:8500"]),
    ],
)
def test_systemd_listens_at_each_address(addresses, listening):
    assert listens(notify_status_addresses=addresses, notify_status_port=8500) == listening


def test_ipv4_and_ipv6_do_not_take_the_port_from_each_other_and_a_vip_may_be_elsewhere():
    lines = render("agents", "status.socket.j2", **GIVEN).splitlines()
    assert {"BindIPv6Only=ipv6-only", "FreeBind=yes"} <= set(lines)


def test_the_service_of_a_socket_is_started_by_it_alone_and_may_end_well():
    lines = render("agents", "status.service.j2", **GIVEN).splitlines()
    assert "[Install]" not in lines
    assert "Restart=on-failure" in lines
    assert "PartOf=ha_lb-status.socket" in lines
    assert "ha_lb-status.socket" in declared("agents")["__agents_units"]


def test_every_file_that_a_unit_is_made_of_starts_it_anew():
    """A glob takes the service and the socket, and no directory of drop-ins."""
    text = render("agents", "notify-units.j2", **GIVEN)
    (glob,) = re.findall(r'/etc/systemd/system/"\$\{1%\.socket\}"(\S+)', text)
    assert glob == ".s*[et]"
    pattern = re.compile(r"\.s.*[et]\Z")
    assert [each for each in (".service", ".socket", ".service.d", ".socket.d") if pattern.match(each)] == [
        ".service",
        ".socket",
    ]


@pytest.mark.parametrize("unit", ["ear", "guard", "notify", "status"])
def test_an_agent_starts_from_files_that_are_compiled(unit):
    """With -O or -OO, it would compile the standard library at each start, and keep the memory."""
    (program,) = re.findall(r"^ExecStart=(.+)$", render("agents", f"{unit}.service.j2", **GIVEN), re.MULTILINE)
    assert program.startswith("/usr/bin/python3 -X utf8 -S -B -m ha_lb.agent.")
    assert "python3 -S -m compileall -q " in render("agents", "notify-units.j2", **GIVEN)
