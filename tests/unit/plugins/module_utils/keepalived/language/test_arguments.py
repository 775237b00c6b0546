# SPDX-License-Identifier: GPL-3.0-or-later
"""Tunnel options that `keepalived -t` accepts and refuses (check_parser.c)."""

from __future__ import annotations

import pytest
from module_utils.keepalived.language.parser import parse


def problems(line):
    return [problem.message for problem in parse(f"virtual_server 192.0.2.1 80 {{\nlvs_method {line}\n}}").problems]


@pytest.mark.parametrize(
    "line",
    [
        "NAT",
        "TUN",
        "TUN type ipip",
        "TUN type ipip nocsum",
        "TUN type gue port 6080",
        "TUN port 6080 remcsum type gue",
        "TUN type gre csum",
        "TUN type ipip type gue port 6080",
        "TUN csum nocsum",
    ],
)
def test_tunnels(line):
    assert problems(line) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "lvs_method needs NAT or DR or TUN after it"),
        ("TUNNEL", "lvs_method: TUNNEL is not NAT or DR or TUN"),
        ("TUN type", "lvs_method: type needs ipip or gue or gre after it"),
        ("TUN type vxlan", "lvs_method: type: vxlan is not ipip or gue or gre"),
        ("TUN typ gre", "lvs_method: keepalived does not know typ here; did you mean type?"),
        ("TUN type gue port 0", "lvs_method: port: 0 is not a number from 1 to 65535"),
        ("TUN type gue", "lvs_method: a gue tunnel needs a port"),
        ("NAT type gue", "lvs_method: a gue tunnel needs a port"),
        ("TUN port 6080", "lvs_method: only a gue tunnel has a port, and this is ipip"),
        ("TUN type gre port 6080", "lvs_method: only a gue tunnel has a port, and this is gre"),
        ("TUN csum", "lvs_method: csum is not for ipip tunnels"),
        ("TUN type gre remcsum", "lvs_method: remcsum is not for gre tunnels"),
    ],
)
def test_tunnels_that_are_refused(line, message):
    assert problems(line) == [message]


@pytest.mark.parametrize("keyword", ["lb_kind", "lvs_method", "sorry_server_lvs_method"])
def test_every_keyword_with_tunnel_options(keyword):
    text = f"virtual_server 192.0.2.1 80 {{\n{keyword} TUN type gue\n}}"
    assert [problem.message for problem in parse(text).problems] == [f"{keyword}: a gue tunnel needs a port"]


def test_tunnel_options_of_a_real_server():
    text = "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\nlvs_method TUN csum\n}\n}"
    assert [problem.message for problem in parse(text).problems] == ["lvs_method: csum is not for ipip tunnels"]
