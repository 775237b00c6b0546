# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of every role, and every one that a page names, has a range and a shape in the core."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from module_utils.cluster.check import check, variables_of
from module_utils.cluster.variables import (
    FROM_COLLECTION,
    is_read,
    names_of_a_run,
    role_refusals,
    run_refusals,
    variable_advice,
)
from module_utils.engines.catalogue import ENGINES
from module_utils.host.source_build.read import VARIABLES as SOURCE
from samples import NODES, POOL, SHOP, VIPS, refused

ROOT = Path(__file__).parents[5]
PAGES = sorted(ROOT.glob("docs/**/*.md"))
OURS = re.compile(r"`((?:ha_lb|keepalived|haproxy|nginx|notify)_[a-z_]+)`")
ROLES = sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
SPEC = {
    name: option
    for path in ROLES
    for name, option in yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"].items()
}
# Playbooks, modules, drills, facts of the linter, a table of nftables
NO_VARIABLE = re.compile(
    r"notify_test|keepalived_(lint|config|killed|stopped|frozen|script|version)|ha_lb_(drill|nodes|notify|vrrp)"
)
NAMED = sorted({name for page in PAGES for name in OURS.findall(page.read_text()) if not NO_VARIABLE.fullmatch(name)})
NONSENSE = [[{"no": {"sense": [None, "a\nb"]}}]]
PASSWORD_RULE = "may have ASCII letters, digits and marks, but neither quotes nor backslashes nor line ends"
LOG_RULE = "off, the absolute path of a file, or a syslog: address as nginx writes it"
PINNED = ("archive", "sha256")
# What every engine can serve
BASE = {"ha_lb_vips": VIPS, "ha_lb_services": [{**SHOP, "port": 8080, "mode": "tcp"}], "ha_lb_pools": [POOL]}


def found(**variables):
    own = next((each.name for each in ENGINES for name in variables if name.startswith(f"{each.name}_")), "haproxy")
    return refused(check, {**BASE, "ha_lb_engine": own, **variables}, NODES, {}, SPEC, lambda spec, values: [])


@pytest.mark.parametrize("name", sorted({*SPEC, *NAMED}))
def test_every_variable_has_a_reader(name):
    assert is_read(name) or name in SOURCE, f"{name} has no range and no shape: add a row to the table of its room"


@pytest.mark.parametrize("name", sorted({*SPEC, *NAMED} - set(SOURCE) - {"ha_lb_address", "keepalived_auth_pass"}))
def test_nonsense_is_refused_by_name(name):
    assert any(path.startswith(name) for path, message in found(**{name: NONSENSE}))


NUMBERS = sorted(name for name, option in SPEC.items() if option["type"] in ("int", "float"))
NO_NUMBER = [float("nan"), float("inf"), -1, -0.5, 10**12, 10**30, "", " 5", "5 s", "perhaps", "1e3", "007", True, [5]]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", NO_NUMBER, ids=str)
def test_no_number_is_without_a_range(name, value):
    assert [path for path, message in found(**{name: value})][:1] == [name]


ZERO_MEANS_SOMETHING = {
    "haproxy_maxconn": "leaves it to haproxy",
    "keepalived_garp_delay_seconds": "sends no second",
    "keepalived_garp_refresh_seconds": "sends none",
    "keepalived_preempt_delay_seconds": "",
    "keepalived_realtime_priority": "leaves it an ordinary process",
    "nginx_max_fails": "never leaves one out",
    "nginx_upstream_keepalive": "opens one for every request",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_zero_is_refused_where_the_role_does_not_say_what_it_means(name):
    assert (found(**{name: 0}) == []) == (name in ZERO_MEANS_SOMETHING)
    said = " ".join(SPEC[name]["description"].split())
    assert ZERO_MEANS_SOMETHING.get(name, "") in said


@pytest.mark.parametrize("name", sorted(name for name, option in SPEC.items() if option["type"] == "bool"))
@pytest.mark.parametrize("value", ["perhaps", "", 2, None, [True]], ids=str)
def test_a_switch_is_true_or_false(name, value):
    message = "is null: give it a value, or leave it out" if value is None else "is neither true nor false"
    assert [path for path, said in found(**{name: value}) if message in said or value is None] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ha_lb_admin_networks", ["192.0.2.0/24", "::1"]),
        ("ha_lb_apt_wait_seconds", 0),
        ("ha_lb_break_lock", "0a1b2c3d"),
        ("ha_lb_drain_survives_reboot", "yes"),
        ("ha_lb_drills", "proxy_killed, drained"),
        ("ha_lb_lint_ignore", ["KA103@lb1", {"rule": "KA101", "line": 5}]),
        ("ha_lb_lock_wait_seconds", "600"),
        ("ha_lb_node", ["lb1", "lb2"]),
        ("ha_lb_site_file", "out/site.json"),
        ("ha_lb_versions", {"keepalived": "1:2.2.7-1+b2", "haproxy": "2.6.12-1+deb12u4"}),
        ("haproxy_extra_global", "nbthread 2\n# it's a comment\n"),
        ("haproxy_stats_user", "lb admin"),
        ("nginx_extra_servers", {"shop": "location /x { return 403; }"}),
    ],
)
def test_what_is_accepted(name, value):
    assert found(**{name: value}) == []


@pytest.mark.parametrize(
    ("name", "value", "path", "message"),
    [
        ("ha_lb_apt_wait_seconds", -1, "", "-1 is not a whole number from 0 to 3600"),
        ("ha_lb_lock_wait_seconds", "soon", "", "'soon' is not a number of seconds from 0 to 86400"),
        ("ha_lb_break_lock", "the last", "", "'the last' is not the id of a run, as the message prints it"),
        ("ha_lb_check_port", 0, "", "0 is not a whole number from 1 to 65535"),
        ("ha_lb_group", "load\nbalancers", "", "'load\\nbalancers' is not the name of a group of the inventory"),
        ("ha_lb_site_file", "out/", "", "'out/' is not the path of a file"),
        ("ha_lb_lint_severity", "error", "", "'error' is not one of E, W, I"),
        ("ha_lb_versions", ["2.6"], "", "['2.6'] is not a mapping"),
        (
            "ha_lb_versions",
            {"keepalived": 2.2},
            ".keepalived",
            "2.2 is not the version of a package, such as '1:2.2.7-1': write it in quotes",
        ),
        ("ha_lb_versions", {"keepalive": "2.2"}, ".keepalive", "unknown key; did you mean keepalived?"),
        ("haproxy_maxconn", None, "", "is null: give it a value, or leave it out"),
        ("haproxy_source", None, "", "is null: give it a value, or leave it out"),
    ],
)
def test_what_is_refused(name, value, path, message):
    assert (name + path, message) in found(**{name: value})


@pytest.mark.parametrize("name", sorted(FROM_COLLECTION))
def test_what_a_role_takes_from_the_collection_is_said_once(name):
    ours = FROM_COLLECTION[name]
    assert (name, f"is for the role alone: set {ours}, which the playbooks read as well") in found(**{name: ["other"]})
    if ours in BASE:
        assert found(**{name: BASE[ours]}) == []


@pytest.mark.parametrize(
    ("name", "what", "known"),
    [
        ("haproxy_extra_frontends", "service", "shop"),
        ("haproxy_extra_backends", "pool", "pool, shop"),
        ("nginx_extra_servers", "service", "shop"),
        ("nginx_extra_upstreams", "pool", "pool, shop"),
    ],
)
def test_lines_for_what_is_not_there(name, what, known):
    assert found(**{name: {"shopp": ""}}) == [(f"{name}.shopp", f"there is no {what} of this name; did you mean shop?")]
    assert found(**{name: {"x": ""}}) == [(f"{name}.x", f"there is no {what} of this name; there are {known}")]
    assert found(**{name: {"shop": ""}}) == []


@pytest.mark.parametrize("name", sorted({*SPEC} - {"haproxy_stats_password", "keepalived_auth_pass"}))
def test_what_a_variable_says_is_not_taken_for_a_secret(name):
    own = next((each.name for each in ENGINES if name.startswith(f"{each.name}_")), "haproxy")
    if not name.startswith(("source_", "notify_mail", "notify_webhooks", "notify_commands")) and "_extra_" not in name:
        assert variables_of({"ha_lb_engine": own, name: "a1"})[name] == "a1"


def test_the_variables_of_every_host_are_read():
    others = {"lb1": {**BASE}, "lb2": {**BASE, "haproxy_maxconn": -5, "notify_cluster": ""}}
    findings = refused(check, BASE, NODES, {}, SPEC, lambda spec, values: [], others)
    assert [path for path, message in findings] == ["hostvars[lb2].haproxy_maxconn", "hostvars[lb2].notify_cluster"]


def test_what_is_wrong_everywhere_is_said_once():
    wrong = {**BASE, "haproxy_maxconn": -5}
    others = {"lb1": wrong, "lb2": {**wrong, "haproxy_stats_port": 0}}
    findings = refused(check, wrong, NODES, {}, SPEC, lambda spec, values: [], others)
    assert [path for path, message in findings] == ["haproxy_maxconn", "hostvars[lb2].haproxy_stats_port"]


@pytest.mark.parametrize(
    ("variables", "findings"),
    [
        ({"haproxy_services": [SHOP], "haproxy_pools": [], "haproxy_extra_frontends": {"shop": "maxconn 10"}}, []),
        ({"nginx_services": [], "nginx_pools": [POOL], "nginx_extra_upstreams": {"pool": "random;"}}, []),
        ({"keepalived_garp_repeat": "many"}, ["keepalived_garp_repeat: 'many' is not a whole number from 1 to 60"]),
        (
            {"haproxy_stats_enabled": "yes", "haproxy_stats_user": "a", "haproxy_stats_password": ""},
            ["haproxy_stats_password: is missing: the statistics page has no default user and password"],
        ),
        (
            {"haproxy_services": [SHOP], "haproxy_extra_frontends": {"shopp": ""}},
            ["haproxy_extra_frontends.shopp: there is no service of this name; did you mean shop?"],
        ),
        (
            {"keepalived_vrrp_version": 2, "keepalived_auth_pass": 'a"b', "keepalived_advert_interval_seconds": 1},
            [f"keepalived_auth_pass: {PASSWORD_RULE}"],
        ),
        ({"nginx_access_log": "x"}, [f"nginx_access_log: 'x' is not {LOG_RULE}"]),
        ({"keepalived_source": {"version": "2.3.0"}}, [f"keepalived_source.{key}: is missing" for key in PINNED]),
    ],
)
def test_a_role_alone_reads_its_variables(variables, findings):
    assert role_refusals(variables) == findings


def test_a_run_reads_its_variables_without_a_cluster():
    names = ["ha_lb_vips", "ha_lb_versions", "ha_lb_nodes", "ha_lb_remove_packages", "keepalived_vmac"]
    assert names_of_a_run(names) == ["ha_lb_versions", "ha_lb_remove_packages"]
    assert run_refusals({"ha_lb_versions": {"haproxy": "3.0.11-1"}, "ha_lb_remove_packages": True}, []) == []
    assert run_refusals({"ha_lb_versions": ["3.0"], "ha_lb_remove_packages": "perhaps"}, []) == [
        "ha_lb_remove_packages: 'perhaps' is neither true nor false",
        "ha_lb_versions: ['3.0'] is not a mapping",
    ]


NODE_NAMES = ("lb1", "lb2")
ACCEPTED = "ha_lb_accept_degraded"
NO_LB9 = "lb9 is no node of the cluster: lb1, lb2"


@pytest.mark.parametrize(
    ("said", "findings"),
    [
        ([], []),
        ([*NODE_NAMES], []),
        ("lb1", []),
        ("lb1, lb2", []),
        (["lb9"], [f"{ACCEPTED}[0]: {NO_LB9}"]),
        (["lb1", "lb9"], [f"{ACCEPTED}[1]: {NO_LB9}"]),
        ("lb1,lb9", [f"{ACCEPTED}[1]: {NO_LB9}"]),
        ([7], [f"{ACCEPTED}[0]: 7 is no node of the cluster: lb1, lb2"]),
        (None, [f"{ACCEPTED}: is null: give it a value, or leave it out"]),
        ({"lb2": True}, [f"{ACCEPTED}[0]: {{'lb2': True}} is not a line of text"]),
    ],
)
def test_nodes_that_are_accepted_as_degraded(said, findings):
    assert run_refusals({ACCEPTED: said}, NODE_NAMES) == findings


def test_a_name_that_begins_like_ours_is_a_warning():
    variables = {**BASE, "keepalived_advertise_every": 1}
    assert check(variables, NODES, {}, SPEC, lambda spec, values: []) == [
        "keepalived_advertise_every: no role of this collection reads it"
    ]


@pytest.mark.parametrize(
    ("networks", "warned"), [(["0.0.0.0/0"], True), (["::/0"], True), (["192.0.2.0/24"], False), ("x", False)]
)
def test_pages_for_everybody_are_a_warning(networks, warned):
    assert bool(list(variable_advice({"ha_lb_admin_networks": networks}))) == warned
