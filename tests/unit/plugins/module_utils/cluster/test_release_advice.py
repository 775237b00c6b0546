# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions are spoken against. The day is an argument everywhere: no test fails because the table grows old."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from module_utils.cluster.release_advice import DEBIAN, PROGRAMS, installed_releases, wanted_releases

TODAY = "2026-11-30"
EXAMPLE = Path(__file__).parents[5] / "examples/r3-source-build/inventory/group_vars/loadbalancers.yml"
TABLES = [*PROGRAMS.values(), DEBIAN]


def numbers(version):
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.program)
def test_a_table_is_dated_sourced_and_in_order(table):
    assert date.fromisoformat(table.as_of)
    assert table.source.startswith("https://")
    assert all(date.fromisoformat(each.end) for each in table.branches)
    names = [numbers(each.name) for each in table.branches]
    assert names == sorted(set(names))
    for fault in table.faults:
        fixed = [numbers(each) for each in fault.fixed]
        assert fault.source.startswith("https://"), fault.name
        assert numbers(fault.since) < fixed[0], fault.name
        assert fixed == sorted(fixed), fault.name
        assert len({each[:2] for each in fixed}) == len(fixed), f"{fault.name}: two of one branch"


@pytest.mark.parametrize(
    ("variables", "begins"),
    [
        (
            {"haproxy_source": {"version": "2.9.9", "options": []}},
            [
                "haproxy_source.version: haproxy 2.9.9 has known faults: CVE-2025-11230",
                "haproxy_source.version: haproxy 2.9.9 is past its end since 2025-03-21",
            ],
        ),
        ({"haproxy_source": {"version": "3.1.17"}}, ["haproxy_source.version: haproxy 3.1.17 is past its end since"]),
        (
            {"haproxy_source": {"version": "3.2.14", "options": ["USE_QUIC=1"]}},
            ["haproxy_source.version: haproxy 3.2.14 has a known fault: CVE-2026-33555"],
        ),
        ({"haproxy_source": {"version": "3.2.14"}}, []),
        ({"haproxy_source": {"version": "3.2.22", "options": ["USE_QUIC=1"]}}, []),
        (
            {"keepalived_source": {"version": "2.2.4", "options": ["--enable-dbus"]}},
            ["keepalived_source.version: keepalived 2.2.4 has a known fault"],
        ),
        ({"keepalived_source": {"version": "2.2.4"}}, []),
        (
            {"ha_lb_versions": {"nginx": "1.28.1-1~bookworm"}},
            [
                "ha_lb_versions.nginx: nginx 1.28.1 has known faults",
                "ha_lb_versions.nginx: nginx 1.28.1 is past its end since 2026-04-14",
            ],
        ),
        ({"ha_lb_versions": {"nginx": "1.30.4-1~trixie"}}, []),
        ({"ha_lb_versions": {"haproxy": "2.6.12-1+deb12u2", "keepalived": "1:2.2.7-1+b2"}}, []),
        ({"haproxy_source": {}, "ha_lb_versions": "latest"}, []),
        ({}, []),
    ],
)
def test_what_the_input_names_is_spoken_against_by_its_path(variables, begins):
    said = wanted_releases(variables, TODAY)

    assert len(said) == len(begins), said
    assert [each.startswith(begin) for each, begin in zip(said, begins, strict=True)] == [True] * len(begins)


def test_the_example_pins_a_haproxy_with_nothing_known_against_it_on_the_day_of_the_table():
    variables = yaml.safe_load(EXAMPLE.read_text())

    assert wanted_releases({"haproxy_source": variables["haproxy_source"]}, PROGRAMS["haproxy"].as_of) == []


def config(node, distribution="debian 13", **packages):
    return {"node": node, "facts": {"distribution": distribution, "packages": packages}}


def test_a_distributions_package_is_mended_under_the_same_version():
    assert installed_releases([config("lb1", "debian 12", haproxy="2.6.12-1+deb12u2", nginx="1.22.1-9")], TODAY) == []


def test_upstreams_package_has_what_upstream_mended():
    said = installed_releases(
        [config("lb1", haproxy="3.2.5-1~bpo13+1"), config("lb2", haproxy="3.2.22-1~bpo13+1")], TODAY
    )

    assert [each.split(" has ")[0] for each in said] == ["lb1: haproxy 3.2.5"]


def test_a_release_of_debian_that_is_past_its_end_is_said_once_for_all_nodes_that_have_it():
    nodes = [config("lb1", "debian 11"), config("lb2"), config("lb3", "debian 11"), config("lb4", "debian 9")]

    said = installed_releases(nodes, TODAY)

    assert [each.split(":")[0] for each in said] == ["lb1 and lb3", "lb4"]
    assert "Debian 11 is past its end since 2026-08-31" in said[0]


@pytest.mark.parametrize(
    "facts",
    [
        None,
        {},
        {"packages": None, "distribution": None},
        {"packages": ["haproxy"], "distribution": ["debian"]},
        {"packages": {"haproxy": "9" * 5000, "bash": "1.0-1~bpo1"}, "distribution": "debian \x1b[31m"},
        {"distribution": "alpine 3.24"},
    ],
)
def test_of_what_nobody_knows_nothing_is_said(facts):
    assert installed_releases([{"node": "lb1", "facts": facts}], TODAY) == []
