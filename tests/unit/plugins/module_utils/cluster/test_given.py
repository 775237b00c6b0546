# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host as they are given: whatever they are, a result or a refusal, and no secret in either."""

from __future__ import annotations

import copy
import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given as any_given
from hypothesis import strategies as any_of
from module_utils.basics.errors import HaLbError
from module_utils.cluster.check import check, nodes_of, variables_of
from module_utils.cluster.given import given, unreadable
from module_utils.cluster.inventory import clusters_of
from module_utils.cluster.variables import COLLECTION_VARIABLES
from samples import API, POOL, SHOP, WEB, refused

ROLES = Path(__file__).parents[5] / "roles"
CANARY = "hunter2"
CYCLE: dict[str, object] = {}
CYCLE["again"] = [CYCLE]
SPEC = {
    **{f"keepalived_{name}": {"type": "str"} for name in ("auth_pass", "transport")},
    **{f"haproxy_{name}": {"type": "str"} for name in ("stats_password", "extra_global")},
}
HOSTS = {
    name: {
        "ansible_host": f"192.0.2.1{number}",
        "ha_lb_address": f"192.0.2.1{number}",
        "ha_lb_vips": [{**WEB, "prefer": "lb1", "priorities": None, "dns_name": "www.example.org"}, API],
        "ha_lb_services": [{**SHOP, "check": {"http": {"path": "/x"}}}],
        "ha_lb_pools": [POOL],
        "ha_lb_taken_vrids": [9],
        "ha_lb_in_use": [{"vip": "web", "vrid": 10}],
        "ha_lb_engine": "haproxy",
        "keepalived_sync_groups": [{"name": "both", "vips": ["web", "api"]}],
        "keepalived_vrrp_version": 2,
        "keepalived_auth_pass": "s3cret",
        "notify_mail": {"to": "a@example.org", "from": "b@example.org", "server": "c", "user": "d", "password": "e"},
        "notify_webhooks": [{"name": "f", "url": "https://g/h", "headers": {"I": "j"}, "form": {"k": "{text}"}}],
        "notify_commands": [{"name": "l", "argv": ["/m", "n"]}],
        "haproxy_stats_password": "o",
        "haproxy_extra_frontends": {"shop": "p q"},
    }
    for number, name in ((1, "lb1"), (2, "lb2"))
}


def spec_errors(spec, values):
    return []


def whole(hosts):
    """Do with the variables of hosts what preflight does."""
    nodes = nodes_of(list(hosts), hosts)
    said = {name: variables_of(variables) for name, variables in hosts.items()}
    return check(said["lb1"], nodes, {}, SPEC, spec_errors, said)


def changed(name, places, value):
    """Return the hosts with another value somewhere in a variable: at each place, the key of that number."""
    hosts = copy.deepcopy(HOSTS)
    for variables in hosts.values():
        inner, key = variables, name
        for place in places:
            below = inner.get(key) if isinstance(inner, dict) else inner[key]
            keys = list(below) if isinstance(below, dict) else range(len(below)) if isinstance(below, list) else ()
            if not keys:
                break
            inner, key = below, keys[place % len(keys)]
        inner[key] = value
    return hosts


def test_the_hosts_of_these_tests_are_right():
    assert whole(HOSTS) == []


ODD = ["web", "lb1", "192.0.2.9/24", 16**5000, datetime.date(2026, 1, 2), {1}, b"", CYCLE, "x" * 300]
LEAVES = any_of.one_of(
    any_of.none(),
    any_of.booleans(),
    any_of.integers(),
    any_of.floats(),
    any_of.text(max_size=9),
    any_of.integers(0, len(ODD) - 1).map(lambda number: ODD[number]),
)
KEYS = any_of.text(max_size=5) | any_of.sampled_from(["name", "vrid", None, True, 5, (1,)])
DATA = any_of.recursive(
    LEAVES, lambda inner: any_of.lists(inner, max_size=4) | any_of.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
NAMES = any_of.sampled_from([*HOSTS["lb1"], "ha_lb_vip", "keepalived_preempt", "haproxy_extra_global", "notify_on"])
PLACES = any_of.lists(any_of.integers(0, 9), max_size=5)


@any_given(NAMES, PLACES, DATA)
def test_any_data_anywhere_gives_a_refusal_or_a_result(name, places, value):
    try:
        advice = whole(changed(name, places, value))
    except HaLbError as refusal:
        lines = str(refusal).splitlines()
        assert 0 < len(lines) <= 50
        assert all(len(line) < 1000 and ": " in line for line in lines)
    else:
        assert all(isinstance(each, str) for each in advice)


SECRET_NAMES = [
    "keepalived_auth_pass",
    "notify_mail",
    "notify_webhooks",
    "notify_commands",
    "haproxy_stats_password",
    "haproxy_extra_frontends",
    "haproxy_extra_global",
    "haproxy_stats_pasword",
    "keepalived_authpass",
    "keepalived_auth",
    "notify_webhook",
    "haproxy_password",
    "ha_lb_token",
]
TEXTS = [
    CANARY,
    f"smtp://u:{CANARY}@mail.example.org",
    f'a "{CANARY}',
    f"{CANARY}\n{CANARY}",
    f"{{{CANARY}}}",
    f"\x00{CANARY}",
]
SECRET_KEYS = any_of.sampled_from(["url", "headers", "password", "passwort", "body", "argv", CANARY, f"a: {CANARY}"])
CANARIES = any_of.recursive(
    any_of.sampled_from(TEXTS),
    lambda inner: any_of.lists(inner, max_size=3) | any_of.dictionaries(SECRET_KEYS, inner, max_size=3),
    max_leaves=6,
)


@any_given(any_of.sampled_from(SECRET_NAMES), CANARIES)
def test_no_secret_is_in_a_finding_or_in_what_is_checked(name, value):
    hosts = changed(name, [], value)
    shown = given(hosts["lb1"])
    if name.startswith("haproxy_extra_"):  # its keys are names of services
        shown = [str(shown["findings"]), str(shown["variables"].get(name, {})).replace(f"'{CANARY}':", "")]
    assert CANARY not in str(shown)
    try:
        advice = whole(hosts)
    except HaLbError as refusal:
        assert CANARY not in str(refusal)
    else:
        assert CANARY not in str(advice)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {
                "keepalived_auth_pass": CANARY,
                "haproxy_stats_password": [CANARY],
                "haproxy_stats_pasword": {"a": CANARY},
            },
            {
                "keepalived_auth_pass": "xxxxxx0",
                "haproxy_stats_password": ["xxxxxx0"],
                "haproxy_stats_pasword": {"a": "xxxxxx0"},
            },
        ),
        ({"notify_mail": f"smtp://u:{CANARY}@a"}, {"notify_mail": "xxxx***x*xxxxxx0*x"}),
        (
            {"notify_mail": {"to": f"smtp://{CANARY}@a", "user": "lb"}},
            {"notify_mail": {"to": "xxxx***xxxxxx0*x", "user": "lb"}},
        ),
        ({"notify_webhooks": [{"name": [CANARY]}]}, {"notify_webhooks": [{"name": ["xxxxxx0"]}]}),
        (
            {"notify_commands": [{"name": "a", "argv": ["/bin/page", CANARY]}]},
            {"notify_commands": [{"name": "a", "argv": ["/xxx*xxxx", "xxxxxx0"]}]},
        ),
        ({"haproxy_extra_global": f"stats auth a:{CANARY}"}, {"haproxy_extra_global": "stats xxxx x:xxxxxx0"}),
        ({"nginx_max_fails": CANARY, "ansible_host": CANARY, "ha_lb_nodes": [CANARY]}, {}),
    ],
)
def test_what_stands_in_for_secrets(variables, expected):
    assert given(variables) == {"variables": expected, "findings": [], "complete": True}


def test_whatever_has_no_secrets_is_not_hidden():
    specs = [yaml.safe_load(path.read_text())["argument_specs"]["main"] for path in ROLES.glob("*/meta/*specs.yml")]
    ours = {*COLLECTION_VARIABLES, *(name for spec in specs for name in spec["options"])}
    hidden = {
        name
        for name in ours
        for each in [given({"ha_lb_engine": name.partition("_")[0], name: "a1"})]
        if each["variables"].get(name, "a1") != "a1"
    }
    assert hidden == {
        "keepalived_auth_pass",
        "haproxy_stats_password",
        "notify_mail",
        "notify_webhooks",
        "notify_commands",
        *(name for name in ours if "_extra_" in name),
    }


def missing(value):
    if "{{" in str(value):
        raise LookupError({"{{ typo }}": "'typo' is undefined"}.get(value, "'dict object' has no attribute 'eth0'"))
    return value


def test_a_variable_that_needs_facts_waits_for_them():
    variables = {"ha_lb_address": "{{ ansible_facts.eth0 }}", "ha_lb_vips": [WEB], "ha_lb_engine": "haproxy"}
    before = given(variables, missing, (LookupError,), before_facts=True)
    assert before == {
        "variables": {"ha_lb_vips": [WEB], "ha_lb_engine": "haproxy"},
        "findings": [],
        "complete": False,
    }
    assert [each["path"] for each in given(variables, missing, (LookupError,))["findings"]] == ["ha_lb_address"]


def test_a_name_that_is_nowhere_waits_for_nothing():
    found = given({"ha_lb_vips": [{"name": "{{ typo }}"}]}, missing, (LookupError,), before_facts=True)["findings"]
    message = "cannot be resolved: 'typo' is undefined"
    assert found == [{"path": "ha_lb_vips[0].name", "message": message}]


def test_what_all_hosts_say_alike_is_said_once():
    said = {"path": "ha_lb_vips", "message": "contains itself"}
    own = {"path": "ha_lb_address", "message": "is a date"}
    hosts = {"lb1": {"x": {"findings": [said]}}, "lb2": {"x": {"findings": [own, said]}}}
    assert unreadable(["lb1", "lb2"], hosts, "x") == [
        "ha_lb_vips: contains itself",
        "hostvars[lb2].ha_lb_address: is a date",
    ]
    assert unreadable([], {}, "x") == []


def test_an_address_that_cannot_be_read_is_refused_with_its_host():
    hosts = {"auth1": {"ha_lb_address": CYCLE}, "lb2": {"ha_lb_address": [datetime.date(2026, 1, 2)]}}
    for host, path in (("auth1", "hostvars[auth1].ha_lb_address.again[0]"), ("lb2", "hostvars[lb2].ha_lb_address[0]")):
        assert [found for found, _message in refused(nodes_of, [host], hosts)] == [path]
    assert nodes_of(["auth1"], {"auth1": {"ha_lb_address": "192.0.2.11"}})[0]["address"] == "192.0.2.11"


def test_a_neighbour_that_cannot_be_read_is_only_not_compared():
    groups = {"all": ["lb1", "x1"], "loadbalancers": ["lb1"]}
    hostvars = {"lb1": HOSTS["lb1"], "x1": {"ha_lb_vips": [float("nan")], "ha_lb_engine": "nginx"}}
    theirs = clusters_of(groups, hostvars, "loadbalancers")[1]
    assert theirs["variables"] == {"ha_lb_engine": "nginx"}
