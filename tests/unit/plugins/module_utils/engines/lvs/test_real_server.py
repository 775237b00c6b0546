# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.engines.lvs.real_server import real_server_refusals

FACTS = {
    "interfaces": ["lo", "eth0", "tunl0"],
    "lo": {"ipv4": {"address": "127.0.0.1", "netmask": "255.0.0.0"}},
    "eth0": {
        "ipv4": {"address": "192.0.2.21", "netmask": "255.255.255.0"},
        "ipv4_secondaries": [{"address": "192.0.2.30", "netmask": "255.255.255.255"}],
        "ipv6": [{"address": "2001:db8::21", "prefix": "64", "scope": "global"}],
    },
    "tunl0": {"ipv4": {"address": "192.0.2.40", "netmask": "255.255.255.255"}},
    "default_ipv4": {"gateway": "192.0.2.1", "interface": "eth0"},
    "default_ipv6": {},
}
DEFAULTS = {
    "lvs_real_server_vips": [],
    "lvs_real_server_forwarding": "direct",
    "lvs_real_server_tunnel": "ipip",
    "lvs_real_server_tunnel_port": 6080,
    "lvs_real_server_gateways": [],
}


def refusals(facts=FACTS, **given):
    return real_server_refusals(
        {**DEFAULTS, **{f"lvs_real_server_{name}": value for name, value in given.items()}}, facts
    )


@pytest.mark.parametrize(
    "right",
    [
        {"vips": ["192.0.2.10", "2001:db8::10"]},
        # It is there from the run before
        {"vips": ["192.0.2.40"], "forwarding": "tunnel", "tunnel": "gue", "tunnel_port": "5555"},
        {"forwarding": "nat", "gateways": ["192.0.2.1"]},
    ],
)
def test_what_is_right_is_accepted(right):
    assert refusals(**right) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vips": ["192.0.2.300"]}, ["vips[0]: 192.0.2.300 is not an address"]),
        ({"vips": ["web"]}, ["vips[0]: web is not an address"]),
        ({"vips": ["192.0.2.10/24"]}, ["vips[0]: 192.0.2.10/24 has a prefix length, and none is wanted here"]),
        (
            {"vips": ["127.0.0.5"]},
            ["vips[0]: 127.0.0.5 is not an address that a host can have: it is the loopback of every host"],
        ),
        ({"vips": "192.0.2.10"}, ["vips: '192.0.2.10' is not a list"]),
        ({"vips": None}, ["vips: is null: give it a value, or leave it out"]),
        ({"vips": []}, ["vips: is empty: with direct a server needs the VIPs that it serves"]),
        (
            {"vips": ["192.0.2.10", "2001:db8::10", "192.0.2.10"]},
            ["vips[2]: 192.0.2.10 is already in lvs_real_server_vips[0]"],
        ),
        (
            {"vips": ["192.0.2.10"], "forwarding": "dr", "tunnel": "vxlan", "tunnel_port": 0},
            [
                "forwarding: 'dr' is not one of direct, nat, tunnel",
                "tunnel: 'vxlan' is not one of ipip, gue, gre",
                "tunnel_port: 0 is not a whole number from 1 to 65535",
            ],
        ),
        (
            {"forwarding": "nat"},
            ["gateways: is empty: with nat all answers go back through the directors, so name their VIP"],
        ),
        (
            {"forwarding": "nat", "vips": ["192.0.2.10"], "gateways": ["192.0.2.1", "192.0.2.2"]},
            [
                "vips: is for direct and tunnel: with nat the VIPs are on the directors alone",
                "gateways[1]: 192.0.2.2 is a second gateway for IPv4 beside 192.0.2.1, and a default route has one",
            ],
        ),
        (
            {"vips": ["192.0.2.10"], "gateways": ["192.0.2.1"]},
            ["gateways: is for nat: with direct a server answers its clients itself"],
        ),
        (
            {"forwarding": "nat", "gateways": ["192.0.2.9", "2001:db8::9"]},
            [
                "gateways[0]: the default route of this host leads to 192.0.2.1: let it lead to the directors' VIP, "
                "in the configuration of its network",
                "gateways[1]: this host has no default route over IPv6: let it lead to the directors' VIP, "
                "in the configuration of its network",
            ],
        ),
        (
            {"vips": ["192.0.2.30", "192.0.2.10", "2001:db8:0::21"]},
            [
                "vips[0]: 192.0.2.30 is on eth0 of this host, which answers ARP for it: "
                "take it away there, or leave it out here",
                "vips[2]: 2001:db8::21 is on eth0 of this host, which answers neighbour discovery for it: "
                "take it away there, or leave it out here",
            ],
        ),
    ],
)
def test_what_is_wrong_is_refused_all_at_once(wrong, said):
    assert refusals(**wrong) == [f"lvs_real_server_{each}" for each in said]


@pytest.mark.parametrize("facts", [{}, {"interfaces": ["eth0"], "eth0": {"ipv4": {"address": "x", "netmask": 7}}}])
def test_facts_that_say_nothing_are_refused(facts):
    (said,) = refusals(facts, vips=["192.0.2.10"])
    assert said.startswith("ansible_facts: ")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["192.0.2.10", "nat", "direct"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=6,
)


@given(st.fixed_dictionaries(dict.fromkeys(DEFAULTS, ANYTHING)), ANYTHING)
def test_nonsense_is_refused_in_words(variables, route):
    said = real_server_refusals(variables, {**FACTS, "default_ipv4": route})
    assert all("\n" not in each for each in said)
