# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.upgrade import (
    Package,
    look,
    package_arguments,
    plan,
    trial,
    upgradable,
    upgrade_packages,
    upgrade_refusals,
    upgrade_report,
)
from samples import record_of

POLICY = """\
keepalived:
  Installed: 1:2.2.7-1+b2
  Candidate: 1:2.2.7-9
  Version table:
     1:2.2.7-9 500
        500 file:/srv/packages ./ Packages
 *** 1:2.2.7-1+b2 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
haproxy:
  Installed: 2.6.12-1
  Candidate: 2.6.12-1
  Version table:
 *** 2.6.12-1 100
        100 /var/lib/dpkg/status
nginx:
  Installed: (none)
  Candidate: 1.22.1-9
  Version table:
     1.22.1-9 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
"""
KEEPALIVED = Package("keepalived", "1:2.2.7-1+b2", "1:2.2.7-9", ("1:2.2.7-9", "1:2.2.7-1+b2"))
HAPROXY = Package("haproxy", "2.6.12-1", "2.6.12-1", ())
NGINX = Package("nginx", "(none)", "1.22.1-9", ("1.22.1-9",))
CHANGE = {"package": "keepalived", "before": "1:2.2.7-1+b2", "after": "1:2.2.7-9", "back": True}


def apt(held=""):
    def run(command):
        return 0, POLICY if "policy" in command else held, ""

    return run


def test_what_apt_knows():
    assert look(["keepalived", "haproxy", "nginx"], apt()) == [KEEPALIVED, HAPROXY, NGINX]
    assert look(["haproxy"], apt("haproxy\n"))[0].held
    assert look(["unheard-of"], apt())[0].installed == "(none)"


def test_an_apt_that_does_not_answer():
    with pytest.raises(HaLbError, match=r"^apt-cache policy haproxy failed: broken$"):
        look(["haproxy"], lambda command: (100, "", "broken\n"))


def planned(*packages, **options):
    versions = options.pop("versions", {})
    return plan({each.name: [each] for each in packages}, versions, **options)


def test_the_newest():
    result = planned(KEEPALIVED, HAPROXY)
    assert (result.changes, result.notes, result.refused) == ((CHANGE,), (), ())


def test_a_version_that_is_gone_from_the_sources_cannot_come_back():
    gone = Package("haproxy", "2.6.12-1", "2.6.13-1", ("2.6.13-1",))
    assert [each["back"] for each in planned(gone).changes] == [False]


def test_versions_by_name():
    newest = Package("keepalived", "1:2.2.7-9", "1:2.2.7-9", KEEPALIVED.available)
    assert planned(newest).changes == ()
    (change,) = planned(newest, versions={"keepalived": "1:2.2.7-1+b2"}).changes
    assert (change["before"], change["after"]) == ("1:2.2.7-9", "1:2.2.7-1+b2")
    assert planned(KEEPALIVED, versions={"keepalived": "1:2.2.7-1+b2"}).changes == ()


def test_packages_of_one_version_change_together():
    common = Package("nginx-common", "1.22.1-8", "1.22.1-9", ("1.22.1-9", "1.22.1-8"))
    nginx = Package("nginx", "1.22.1-8", "1.22.1-9", ("1.22.1-9", "1.22.1-8"))
    result = plan({"nginx": [common, nginx]}, {"nginx": "1.22.1-9"})
    assert [each["package"] for each in result.changes] == ["nginx-common", "nginx"]


@pytest.mark.parametrize(
    ("package", "versions", "refused"),
    [
        (NGINX, {}, "nginx is not installed: run site first"),
        (
            KEEPALIVED,
            {"keepalived": "9"},
            "keepalived 9 is not to be had from the sources of apt; they have 1:2.2.7-9, 1:2.2.7-1+b2",
        ),
        (HAPROXY, {"haproxy": 9}, "haproxy 9 is not to be had from the sources of apt; they have none"),
        (HAPROXY, {"nginx": "1"}, "ha_lb_versions: unknown key nginx; the keys are haproxy"),
    ],
)
def test_what_is_refused(package, versions, refused):
    assert planned(package, versions=versions).refused == (refused,)


def test_a_package_on_hold():
    held = Package(*[getattr(KEEPALIVED, name) for name in ("name", "installed", "candidate", "available")], held=True)
    result = planned(held)
    assert (result.changes, result.refused) == ((), ())
    assert result.notes == ("keepalived stays at 1:2.2.7-1+b2: it is on hold (apt-mark unhold keepalived)",)
    result = planned(held, versions={"keepalived": "1:2.2.7-9"})
    assert result.refused == ("keepalived is on hold at 1:2.2.7-1+b2: apt-mark unhold keepalived there first",)


def test_the_way_back():
    newest = Package("keepalived", "1:2.2.7-9", "1:2.2.7-9", KEEPALIVED.available)
    (change,) = planned(newest, noted={"keepalived": "1:2.2.7-1+b2"}).changes
    assert change["after"] == "1:2.2.7-1+b2"
    assert planned(KEEPALIVED, noted={}).changes == ()


@pytest.mark.parametrize(
    ("fetched", "tested", "said"),
    [
        ((0, "", ""), (0, "", ""), ""),
        ((100, "", "no network"), (1, "", ""), ""),
        ((0, "", ""), (127, "", "libssl.so.4: cannot open shared object file"), ""),
        ((0, "", ""), (1, "", ""), "haproxy 2 refuses the configuration that is in force: exit 1"),
        (
            (0, "", ""),
            (1, "", "[ALERT] 1\n[ALERT] unknown keyword 'x'\n"),
            "haproxy 2 refuses the configuration that is in force: [ALERT] unknown keyword 'x'",
        ),
    ],
)
def test_the_new_version_tests_the_configuration(tmp_path, fetched, tested, said):
    ran = []

    def run(command):
        ran.append(command)
        return fetched if command[0] == "sh" else tested

    assert trial("haproxy", "2", ["haproxy", "-c"], run, tmp_path) == said
    assert "haproxy=2" in ran[0][2]
    assert all(str(tmp_path) in command[1] for command in ran[1:])


PLAN = {"changes": [CHANGE], "installed": {"keepalived": "1:2.2.7-1+b2", "haproxy": "2.6.12-1"}}
NEW = {"installed": {"keepalived": "1:2.2.7-9", "haproxy": "2.6.12-1"}}
OLD = {"installed": PLAN["installed"]}


def report(**nodes):
    record = record_of({name: {"plan": PLAN, **known} for name, known in nodes.items()})
    return upgrade_report(record, [name for name in nodes if name != "other"])


def test_all_is_well():
    result = report(lb1={"outcome": {"done": True}, "versions": NEW}, other={"versions": OLD})
    assert result["findings"] == []
    assert result["table"].splitlines() == [
        "node   package     before        after         result",
        "lb1    keepalived  1:2.2.7-1+b2  1:2.2.7-9     done",
        "lb1    haproxy     2.6.12-1      2.6.12-1      unchanged",
        "other  keepalived  1:2.2.7-1+b2  1:2.2.7-1+b2  unchanged",
        "other  haproxy     2.6.12-1      2.6.12-1      unchanged",
    ]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"versions": OLD, "outcome": {"restored": True}}, "it is back at the version before, and serves"),
        (
            {"versions": NEW, "outcome": {"not_restored": "no network"}},
            "it is drained, and could not go back: no network; mend it, then restore -e ha_lb_node=lb1",
        ),
        (
            {"versions": {"unreachable": True}},
            "it does not answer, and the others serve: see to it by its console, ",
        ),
        ({"versions": OLD}, "it was not changed"),
    ],
)
def test_what_failed_and_what_to_do(facts, state):
    outcome = {"failure": "it does\n not start.", **facts.get("outcome", {})}
    result = report(lb1={**facts, "outcome": outcome}, lb2={"versions": OLD})
    assert result["findings"][0].startswith(f"node lb1: it does not start; {state}")
    assert result["findings"][1].startswith("node lb2: left alone, because another node failed")
    assert [row["result"] for row in result["rows"]] == ["failed", "unchanged", "left alone", "unchanged"]


def test_upgradable_and_what_speaks_against_it():
    drained = {"before": {"running": True, "drain": {"value": -253, "by": "upgrade"}}}
    nothing = {"plan": {"changes": [], "refused": ["haproxy is not installed: run site first"]}}
    known = {"lb1": {"plan": PLAN}, "lb2": nothing, "lb3": {**nothing, **drained, "running": False}, "lb4": {}}
    known["lb3"]["before"] |= {"running": False}
    record = record_of(known)
    assert upgradable(record, ["lb1", "lb2", "lb3"]) == ["lb1", "lb3"]
    assert upgrade_refusals(record, ["lb1", "lb2", "lb3"]) == ["haproxy is not installed: run site first"]


@pytest.mark.parametrize(
    ("sources", "packages"),
    [
        ({}, {"keepalived": ["keepalived"], "nginx": ["nginx", "nginx-common"]}),
        ({"keepalived": {}, "nginx": {"version": "1.27.0"}}, {"keepalived": ["keepalived"]}),
        ({"keepalived": {"version": "2.3.0"}}, {"nginx": ["nginx", "nginx-common"]}),
    ],
)
def test_a_program_that_is_built_from_source_has_no_package(sources, packages):
    assert upgrade_packages({"name": "nginx", "versioned": ["nginx", "nginx-common"]}, sources) == packages


@pytest.mark.parametrize(("to", "arguments"), [("before", ["haproxy=1", "x=3"]), ("after", ["haproxy=2", "x=4"])])
def test_what_apt_is_told_to_install(to, arguments):
    changes = [{"package": "haproxy", "before": "1", "after": "2"}, {"package": "x", "before": "3", "after": "4"}]
    assert package_arguments(changes, to) == arguments
