# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as text, as data and as SARIF."""

from __future__ import annotations

import dataclasses

import pytest
from module_utils.lint.finding import LintFinding, Rule, Severity
from module_utils.lint.output import as_data, as_parts, as_sarif, as_text, counts, summary

RULE = Rule("KA101", Severity.ERROR, "ids differ", "both are active", "use one id", "measured", lambda nodes: ())
OTHER = dataclasses.replace(RULE, id="KA103", severity=Severity.WARNING, title="an id of many")
ONE = LintFinding(
    "KA101", Severity.ERROR, "lb1", "lb1.conf", 12, 5, "51 and 52", "both are active", "use one id", {"lb1": "51"}
)
TWO = dataclasses.replace(ONE, node="lb2", file="lb2.conf", line=7)
THREE = dataclasses.replace(TWO, rule="KA103", severity=Severity.WARNING, message="it is 51")


def test_as_text_joins_findings_of_one_rule_and_effect():
    assert as_text([ONE, TWO, THREE], [RULE, OTHER], ["lb1", "lb2"]).splitlines() == [
        "E KA101  ids differ",
        "         lb1 lb1.conf:12, lb2 lb2.conf:7",
        "           51 and 52",
        "         effect: both are active",
        "         fix:    use one id",
        "",
        "W KA103  an id of many",
        "         lb2 lb2.conf:7",
        "           it is 51",
        "         effect: both are active",
        "         fix:    use one id",
        "",
        "2 errors and 1 warning on lb1 and lb2",
    ]


def test_as_parts_of_two_effects():
    parts = as_parts([ONE, dataclasses.replace(TWO, effect="lb2 is active")], [RULE])
    assert [part["effect"] for part in parts] == ["both are active", "lb2 is active"]


def test_as_parts_of_two_messages_at_one_place():
    (part,) = as_parts([ONE, dataclasses.replace(ONE, message="and 53")], [RULE])
    assert part["at lb1 lb1.conf:12"] == "51 and 52; and 53"


def test_as_parts_has_its_keys_in_alphabetical_order():
    (part,) = as_parts([ONE], [RULE])
    assert list(part) == sorted(part)


def test_as_text_wraps_lines():
    long = dataclasses.replace(ONE, message="word " * 100, effect="word " * 50)
    text = as_text([long], [RULE], ["lb1"], [f"KA{number}" for number in range(100, 200)])
    assert max(map(len, text.splitlines())) <= 100


def test_as_text_of_rules_that_lack_facts():
    text = as_text([], [RULE], ["lb1"], ["KA135", "KA147"])
    assert text.splitlines() == [
        "?  nobody can tell without more facts of the hosts: KA135, KA147",
        "",
        "nothing found on lb1",
    ]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "nothing found on lb1"),
        ([ONE], "1 error on lb1"),
        ([ONE, TWO, THREE], "2 errors and 1 warning on lb1"),
        ([dataclasses.replace(ONE, severity=Severity.INFO)] * 2, "2 hints on lb1"),
    ],
)
def test_summary(findings, expected):
    assert summary(findings, ["lb1"]) == expected


def test_summary_of_many_nodes():
    assert summary([], [f"lb{number}" for number in range(100)]) == "nothing found on 100 nodes"


def test_counts():
    assert counts([ONE, THREE]) == {"E": 1, "W": 1, "I": 0}


def test_as_data():
    (data,) = as_data([ONE])
    assert data == {**dataclasses.asdict(ONE), "severity": "E"}


def test_as_sarif():
    (run,) = as_sarif([THREE], [RULE, OTHER])["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules] == [
        ("KA101", "error"),
        ("KA103", "warning"),
    ]
    (result,) = run["results"]
    assert (result["ruleId"], rules[result["ruleIndex"]]["id"], result["level"]) == ("KA103", "KA103", "warning")
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 5}
    assert location["logicalLocations"][0]["name"] == "lb2"


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("lb1.conf", "lb1.conf"),
        ("a b/lb1.conf", "a%20b/lb1.conf"),
        ("/etc/keepalived/keepalived.conf", "file://lb1/etc/keepalived/keepalived.conf"),
    ],
)
def test_as_sarif_uri_of_the_file(file, uri):
    (run,) = as_sarif([dataclasses.replace(ONE, file=file)], [RULE])["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}
