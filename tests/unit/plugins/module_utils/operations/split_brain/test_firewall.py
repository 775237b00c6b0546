# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules drop an advert and which do not, in rulesets of nft, ufw and firewalld."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.operations.split_brain.firewall import AdvertDatagram, dropped_by

UNICAST = AdvertDatagram("ipv4", "192.0.2.11", "192.0.2.12", "eth0")
MULTICAST = UNICAST._replace(destination="224.0.0.18")
SIX = AdvertDatagram("ipv6", "2001:db8::11", "2001:db8::12", "eth0")


def ruleset(*rules, hook="input", table="inet filter", policy="accept", more=""):
    body = "\n".join(f"\t\t{rule}" for rule in rules)
    head = f"\t\ttype filter hook {hook} priority filter; policy {policy};"
    return f"table {table} {{\n\tchain here {{\n{head}\n{body}\n\t}}\n{more}}}\n"


@pytest.mark.parametrize(
    "rule",
    [
        "ip protocol 112 drop",
        "ip protocol vrrp counter packets 17 bytes 680 drop",
        "meta l4proto 112 reject",
        "meta l4proto { 51, 112 } drop",
        "meta l4proto { tcp, vrrp } reject with icmp port-unreachable",
        'iifname "eth0" ip protocol vrrp drop comment "no VRRP here" # handle 4',
        "iif eth0 ip saddr 192.0.2.0/24 drop",
        "ip saddr 192.0.2.11 drop",
        "ip saddr 192.0.2.1-192.0.2.20 drop",
        "ip daddr != 192.0.2.99 meta l4proto vrrp drop",
        "ip protocol != { tcp, udp } drop",
        "meta l4proto vrrp ip saddr != { 192.0.2.12, 192.0.2.13 } drop",
        "meta l4proto vrrp ip ttl 255 drop",
        "meta nfproto ipv4 drop",
        "drop",
        'log prefix "dropped: " level info drop',
    ],
)
def test_rules_that_drop_the_advert(rule):
    shown = rule.partition(" # ")[0]
    assert dropped_by(ruleset(rule), "in", UNICAST) == f"the rule `{shown}` in chain here of table inet filter"


@pytest.mark.parametrize(
    "rule",
    [
        "ip protocol 51 drop",
        "ip protocol 112 accept",
        "ip protocol 112 counter packets 17 bytes 680",
        "meta l4proto != vrrp drop",
        "tcp dport 112 drop",
        "tcp dport { 22, 80 } ct state new drop",
        'iifname "eth1" drop',
        'iifname != "eth0" drop',
        "ip saddr 192.0.2.99 drop",
        "ip saddr != 192.0.2.0/24 drop",
        "meta l4proto vrrp ip saddr != { 192.0.2.11, 192.0.2.13 } drop",
        "meta l4proto vrrp ip saddr != 192.0.2.11 drop",
        "meta l4proto vrrp ip ttl != 255 drop",
        "meta l4proto vrrp ip6 hoplimit 255 drop",
        "ip6 saddr 2001:db8::11 drop",
        "meta nfproto ipv6 drop",
        "",
        "nonsense",
    ],
)
def test_rules_that_do_not_drop_the_advert(rule):
    assert dropped_by(ruleset(rule), "in", UNICAST) == ""


@pytest.mark.parametrize(
    ("hook", "direction", "found"),
    [
        ("input", "in", True),
        ("prerouting", "in", True),
        ("ingress", "in", True),
        ("output", "in", False),
        ("forward", "in", False),
        ("output", "out", True),
        ("postrouting", "out", True),
        ("egress", "out", True),
        ("input", "out", False),
    ],
)
def test_only_hooks_of_the_direction_count(hook, direction, found):
    assert bool(dropped_by(ruleset("ip protocol 112 drop", hook=hook), direction, UNICAST)) is found


@pytest.mark.parametrize(
    ("table", "datagram", "found"),
    [
        ("ip filter", UNICAST, True),
        ("ip6 filter", UNICAST, False),
        ("ip6 filter", SIX, True),
        ("netdev filter", SIX, True),
        ("bridge filter", SIX, False),
        ("arp filter", UNICAST, False),
    ],
)
def test_only_tables_of_the_family_count(table, datagram, found):
    assert bool(dropped_by(ruleset("meta l4proto 112 drop", table=table), "in", datagram)) is found


def test_the_first_matching_rule_decides():
    assert dropped_by(ruleset("ip protocol vrrp accept", "drop"), "in", UNICAST) == ""
    assert "`drop`" in dropped_by(ruleset("tcp dport 22 accept", "drop"), "in", UNICAST)


def test_one_chain_that_drops_is_enough():
    both = ruleset("ip protocol vrrp accept") + ruleset("ip protocol vrrp drop", table="ip other")
    assert dropped_by(both, "in", UNICAST).endswith("of table ip other")


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("tcp dport 22 accept", True),
        ("ip saddr 192.0.2.99 meta l4proto vrrp accept", True),
        ("ip saddr 192.0.2.11 meta l4proto vrrp accept", False),
        ("meta l4proto vrrp return", True),
    ],
)
def test_a_policy_drops_what_no_rule_accepts(rule, found):
    says = dropped_by(ruleset(rule, policy="drop"), "in", UNICAST)
    assert says == (found * "chain here of table inet filter, which drops what none of its rules accepts")


def test_a_policy_after_a_rule_for_established_connections():
    rules = ("ct state established,related accept", 'iifname "lo" accept', "tcp dport 22 accept")
    assert dropped_by(ruleset(*rules, policy="drop"), "in", UNICAST).startswith("chain here of table inet filter")
    assert dropped_by(ruleset(*rules, "meta l4proto 112 accept", policy="drop"), "in", UNICAST) == ""


def test_a_rule_about_an_unknown_address_is_uncertain():
    unknown = UNICAST._replace(source="")
    assert dropped_by(ruleset("ip saddr 192.0.2.11 drop"), "in", unknown)
    assert dropped_by(ruleset("ip saddr 192.0.2.11 drop"), "in", unknown, guesses=(False,)) == ""


def test_a_jump():
    guard = "\tchain guard {\n\t\tmeta l4proto vrrp drop\n\t}\n"
    expected = "the rule `meta l4proto vrrp drop` in chain guard of table inet filter"
    assert dropped_by(ruleset("jump guard", more=guard), "in", UNICAST) == expected
    assert dropped_by(ruleset("ip protocol tcp jump guard", more=guard), "in", UNICAST) == ""
    assert dropped_by(ruleset("jump nowhere"), "in", UNICAST) == ""


def test_a_jump_returns_and_a_goto_does_not():
    back = "\tchain back {\n\t\ttcp dport 22 accept\n\t}\n"
    assert "`drop`" in dropped_by(ruleset("jump back", "drop", more=back), "in", UNICAST)
    assert dropped_by(ruleset("goto back", "drop", more=back), "in", UNICAST) == ""


def test_a_loop_of_jumps_ends():
    loop = "\tchain one {\n\t\tjump two\n\t}\n\tchain two {\n\t\tjump one\n\t}\n"
    assert dropped_by(ruleset("jump one", more=loop), "in", UNICAST) == ""


@pytest.mark.parametrize("rule", ["ip saddr @bad drop", "ct state invalid drop", "limit rate over 5/second drop"])
def test_a_certain_rule_comes_before_an_uncertain_one(rule):
    assert rule in dropped_by(ruleset(rule), "in", UNICAST)
    assert "vrrp" in dropped_by(ruleset(rule, "ip protocol vrrp drop"), "in", UNICAST)


def test_without_guesses_an_uncertain_rule_is_not_returned():
    text = ruleset("ct state invalid drop")
    assert dropped_by(text, "in", UNICAST, guesses=(False,)) == ""
    assert dropped_by(ruleset("ip protocol vrrp drop"), "in", UNICAST, guesses=(False,))


def iptables(*rules, policy="ACCEPT", table="filter"):
    chains = [f":INPUT {policy} [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]", ":guard - [0:0]"]
    return "\n".join(["# Generated by iptables-save", f"*{table}", *chains, *rules, "COMMIT", "# Completed"])


@pytest.mark.parametrize(
    "rule",
    [
        "-A INPUT -p vrrp -j DROP",
        "-A INPUT -p 112 -m comment --comment no -j REJECT --reject-with icmp-port-unreachable",
        "-A INPUT ! -p tcp -i eth0 -j DROP",
        "-A INPUT ! -s 192.0.2.99/32 -j DROP",
        "-A INPUT -j DROP",
        "-A INPUT -p vrrp -m state --state NEW -j DROP",
    ],
)
def test_rules_of_iptables_that_drop_the_advert(rule):
    assert dropped_by(iptables(rule), "in", UNICAST) == f"the rule `{rule}` in chain INPUT of table ip filter"


@pytest.mark.parametrize(
    "rule",
    [
        "-A INPUT -p tcp -m tcp --dport 22 -j DROP",
        "-A INPUT -p vrrp -j ACCEPT",
        "-A INPUT -i lo -j DROP",
        "-A OUTPUT -p vrrp -j DROP",
        "-A FORWARD -p vrrp -j DROP",
        "-A INPUT -p vrrp -j LOG --log-prefix drop",
        "-A guard -p vrrp -j DROP",
    ],
)
def test_rules_of_iptables_that_do_not_drop_the_advert(rule):
    assert dropped_by(iptables(rule), "in", UNICAST) == ""


def test_chains_and_policies_of_iptables():
    inner = dropped_by(iptables("-A INPUT -p vrrp -j guard", "-A guard -j DROP"), "in", UNICAST)
    assert inner == "the rule `-A guard -j DROP` in chain guard of table ip filter"
    rest = dropped_by(iptables("-A INPUT -p tcp -j ACCEPT", policy="DROP"), "in", UNICAST)
    assert rest == "chain INPUT of table ip filter, which drops what none of its rules accepts"
    assert dropped_by(iptables(policy="DROP"), "in", SIX) == ""


def test_multicast_and_authentication_headers():
    assert dropped_by(ruleset("ip daddr 224.0.0.0/4 drop"), "in", MULTICAST)
    assert dropped_by(ruleset("ip daddr 224.0.0.0/4 drop"), "in", UNICAST) == ""
    assert dropped_by(ruleset("meta l4proto ah drop"), "in", UNICAST._replace(protocol="51"))


def test_a_set_is_no_chain():
    named = "\tset bad {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.99 }\n\t}\n"
    assert dropped_by(ruleset("tcp dport 22 accept", more=named), "in", UNICAST) == ""


WORDS = st.sampled_from(
    [
        *("table inet a {", "chain b {", "}", "type filter hook input priority 0; policy drop;", "jump b", "goto b"),
        *("ip saddr", "ip6 saddr { ::1, x }", "192.0.2.0/24", "!=", "{", '"', "limit rate 1/second", "drop", "accept"),
        *("\n", "\t", "meta l4proto", "iifname", "-", "continue", "return", "*filter", ":INPUT DROP", "-A INPUT", "-p"),
        *("-j", "COMMIT"),
    ]
)


@given(st.lists(WORDS, max_size=40).map(" ".join), st.sampled_from([UNICAST, SIX]))
def test_any_text_is_accepted(text, datagram):
    assert isinstance(dropped_by(text, "in", datagram), str)


def chain(name, *rules):
    return "\n".join([f"\tchain {name} {{", *(f"\t\t{rule}" for rule in rules), "\t}", ""])


def test_chains_that_jump_to_themselves_decide_nothing_and_end():
    """No kernel takes them, so a host that shows them lies. Without a memory, ten jumps are ten to the sixteenth."""
    looped = ruleset("jump there", more=chain("there", *["jump there"] * 10, "jump here"))
    assert dropped_by(looped, "in", UNICAST) == ""
    assert "chain there" in dropped_by(ruleset("jump there", more=chain("there", "jump there", "drop")), "in", UNICAST)


def test_a_chain_is_walked_through_once_however_many_jump_to_it():
    """As a tree, this one would have two to the fifteenth leaves."""
    chains = "".join(chain(f"c{number}", *[f"jump c{number + 1}"] * 20) for number in range(15))
    assert dropped_by(ruleset("jump c0", more=chains + chain("c15", "accept")), "in", UNICAST) == ""


@pytest.mark.parametrize(
    "text",
    [
        ruleset("a " * 200_000),
        ruleset(*["accept"] * 30_000),
        ":A ACCEPT\n" * 20_000 + "COMMIT\n" * 50_000,
        "*filter\n" + "".join(f":c{number} -\n" for number in range(20_000)) + "COMMIT\n" * 50_000,
        "table inet x {\n" + "chain a {\n" * 100_000,
        ruleset("log " + 'prefix "x" ' * 50_000),
        ruleset("tcp " * 100_000),
    ],
)
def test_a_ruleset_of_a_megabyte_is_read_in_its_time(text):
    began = time.process_time()
    assert dropped_by(text, "in", UNICAST) == ""
    assert time.process_time() - began < 10
