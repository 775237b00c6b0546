# SPDX-License-Identifier: GPL-3.0-or-later
"""Firewalls, clouds, interfaces and proxies around an instance."""

from __future__ import annotations

import time

import pytest
from configurations import node
from module_utils.keepalived.lint.rules import environment, hosts, proxies
from module_utils.lint.engine import lint

INSTANCE = """\
vrrp_instance A {
    interface eth0
    virtual_router_id 7
%s
    virtual_ipaddress {
        192.0.2.10/24
    }
}
"""
NFT = """\
table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy %s;
\t\tct state established,related accept
%s
\t}

\tchain output {
\t\ttype filter hook output priority filter; policy %s;
%s
\t}
}
"""
IPTABLES = "*filter\n:INPUT %s [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n%s\nCOMMIT\n"


def found(text, lines="", rules=environment.RULES, **facts):
    return [each.rule for each in lint([node("lb1", text % lines, facts)], rules)]


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("", []),
        (NFT % ("accept", "", "accept", ""), []),
        (NFT % ("drop", "", "accept", ""), ["input"]),
        (NFT % ("drop", "", "drop", ""), ["input", "output"]),
        (NFT % ("accept", "\t\tcounter packets 1 bytes 60 drop", "accept", ""), ["input"]),
        (NFT % ("accept", "\t\treject with icmpx admin-prohibited", "accept", ""), ["input"]),
        (NFT % ("accept", "\t\ttcp dport 23 drop", "accept", ""), []),
        (IPTABLES % ("DROP", ""), ["input"]),
        (IPTABLES % ("ACCEPT", "-A INPUT -j REJECT --reject-with icmp-host-prohibited"), ["input"]),
        (IPTABLES % ("ACCEPT", "-A INPUT -p tcp -j DROP"), []),
        ("no firewall at all", []),
    ],
)
def test_chains_that_drop_by_default(text, ways):
    assert [each.way for each in environment.walls(text)] == ways


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        ("", False),
        ("\t\tip protocol vrrp accept", True),
        ("\t\tmeta l4proto 112 accept", True),
        ("\t\tip protocol vrrp drop", False),
        ('\t\tiifname "eth0" accept', True),
        ('\t\tiifname "eth1" accept', False),
        ("\t\tip saddr 192.0.2.12 accept", True),
        ("\t\tip saddr 192.0.2.12 counter packets 0 bytes 0 accept", True),
        ("\t\tip saddr { 192.0.2.11, 192.0.2.12 } accept", True),
        ("\t\tip saddr 192.0.2.0/24 accept", True),
        ("\t\tip saddr 198.51.100.0/24 accept", False),
        ("\t\tip saddr 192.0.2.12 tcp dport 22 accept", False),
        ("\t\ttcp dport 112 drop", False),
    ],
)
def test_rules_that_accept_adverts(rule, passes):
    peers = "unicast_peer {\n192.0.2.12\n}"
    assert ("KA153" not in found(INSTANCE, peers, firewall=NFT % ("drop", rule, "accept", ""))) is passes


def test_auth_type_ah_needs_protocol_51():
    ah = "authentication {\nauth_type AH\nauth_pass abc\n}"
    text = NFT % ("drop", "\t\tip protocol vrrp accept", "accept", "")
    assert "KA153" in found(INSTANCE, ah, firewall=text)
    assert "KA153" not in found(INSTANCE, ah, firewall=text.replace("vrrp", "ah"))


@pytest.mark.parametrize(
    ("lines", "severities"),
    [
        ("", ["E"]),
        ("unicast_peer {\n192.0.2.12\n}", ["W"]),
        ("unicast_peer {\n192.0.2.12\n}\nnotify_master /bin/move", []),
    ],
)
def test_clouds_deliver_no_multicast(lines, severities):
    made = node("lb1", INSTANCE % lines, {"cloud": "amazon"})
    assert [each.severity.value for each in lint([made], environment.RULES)] == severities


@pytest.mark.parametrize(
    ("addresses", "rules"),
    [
        (["192.0.2.11/24"], []),
        (["192.0.2.11/24", "192.0.2.10/24"], []),
        (["2001:db8::1/64"], ["KA147", "KA149"]),
        (["198.51.100.1/24"], ["KA149"]),
        (["nonsense"], ["KA149"]),
    ],
)
def test_interface_and_subnet_of_a_vip(addresses, rules):
    entry = {"name": "eth0", "addresses": addresses, "own": []}
    assert found(INSTANCE, rules=hosts.RULES, interfaces=[entry]) == rules


@pytest.mark.parametrize(
    ("prefix", "own", "found_it"), [("24", ["192.0.2.10"], True), ("32", ["192.0.2.10"], False), ("24", [], False)]
)
def test_a_vip_that_is_an_own_address(prefix, own, found_it):
    entry = {"name": "eth0", "addresses": ["192.0.2.11/24", f"192.0.2.10/{prefix}"], "own": own}
    assert ("KA148" in found(INSTANCE, rules=hosts.RULES, interfaces=[entry])) is found_it


@pytest.mark.parametrize(
    ("bind", "rules"),
    [
        ("192.0.2.10:443", []),
        ("*:443", []),
        ("[::]:443 v4v6", []),
        ("[::]:443", ["HX301"]),
        ("192.0.2.11:443", ["HX301"]),
        ("192.0.2.10:443,192.0.2.99:443", ["HX301"]),
    ],
)
def test_the_proxy_must_listen_at_the_vip(bind, rules):
    entry = {"name": "eth0", "addresses": ["192.0.2.11/24"], "own": []}
    text = f"global\n    stats socket /x mode 660 level admin\nfrontend web\n    bind {bind}\n"
    assert found(INSTANCE, rules=proxies.RULES, interfaces=[entry], haproxy_cfg=text) == rules


def test_a_vip_of_a_virtual_server_needs_no_proxy():
    text = INSTANCE + "virtual_server 192.0.2.10 443 {\n}\n"
    proxy = "global\n    stats socket /x mode 660 level admin\nfrontend web\n    bind 127.0.0.1:443\n"
    assert found(text, rules=proxies.RULES, haproxy_cfg=proxy) == []


PEERS = "\n".join(["    unicast_peer {", *(f"        192.0.2.{number}" for number in range(11, 200)), "    }"])
LONG_SET = ", ".join(["198.51.100.0/24"] * 50_000)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 500_000 + "chain x {\n",
        "saddr {" * 140_000,
        NFT % ("drop", "\n".join(["\t\tip saddr 198.51.100.1 accept"] * 20_000), "drop", ""),
        "".join(NFT % ("drop", "", "drop", "") for _number in range(4_000)),
        NFT % ("drop", f"\t\tip saddr {{ {LONG_SET} }} accept", "accept", ""),
    ],
)
def test_a_firewall_of_a_megabyte_is_read_in_its_time(text):
    began = time.process_time()
    found(INSTANCE, PEERS, firewall=text[:1_000_000])
    assert time.process_time() - began < 10
