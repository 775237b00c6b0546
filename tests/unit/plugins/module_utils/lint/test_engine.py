# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings are sorted, complete, and left out where they are ignored."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from module_utils.lint.engine import Ignore, lint, not_checked, read_ignores
from module_utils.lint.finding import Found, Rule, Severity
from samples import refused

NODES = [SimpleNamespace(name="lb1", facts={"sysctls": {}}), SimpleNamespace(name="lb2", facts={})]


def rule(name, found=(), severity=Severity.WARNING, needs=()):
    return Rule(name, severity, "a title", "a reason", "a remedy", "measured", lambda _nodes: found, needs)


RULES = [
    rule("KA1", [Found("lb2", ("b.conf", 3, 5), "late"), Found("lb1", ("b.conf", 9, 1), "early")]),
    rule("KA2", [Found("lb2", ("a.conf", 7, 1), "bad", effect="an outage", fix="mend it", severity=Severity.ERROR)]),
]


def test_lint_sorts_by_severity_and_node():
    assert [(each.rule, each.node, each.line) for each in lint(NODES, RULES)] == [
        ("KA2", "lb2", 7),
        ("KA1", "lb1", 9),
        ("KA1", "lb2", 3),
    ]


def test_lint_takes_defaults_from_the_rule():
    worst, other, _last = lint(NODES, RULES)
    assert (worst.severity, worst.effect, worst.fix) == (Severity.ERROR, "an outage", "mend it")
    assert (other.severity, other.effect, other.fix) == (Severity.WARNING, "a reason", "a remedy")
    assert (worst.file, worst.line, worst.column, worst.values) == ("a.conf", 7, 1, {})


def test_lint_passes_all_nodes_together():
    seen = []
    lint(NODES, [Rule("KA1", Severity.INFO, "", "", "", "", lambda nodes: seen.append(nodes) or ())])
    assert seen == [NODES]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        (Ignore("KA1"), ["KA2"]),
        (Ignore("KA1", node="lb1"), ["KA2", "KA1"]),
        (Ignore("KA1", file="b.conf", line=3), ["KA2", "KA1"]),
        (Ignore("KA1", node="lb1", file="b.conf", line=3), ["KA2", "KA1", "KA1"]),
        (Ignore("KA2", file="a.conf"), ["KA1", "KA1"]),
    ],
)
def test_lint_leaves_out_ignored_findings(ignore, left):
    assert [each.rule for each in lint(NODES, RULES, [ignore])] == left


def test_not_checked():
    rules = [rule("KA1"), rule("KA2", needs=("sysctls",)), rule("KA3", needs=("sysctls", "users"))]
    assert not_checked(NODES, rules) == ("KA2", "KA3")
    assert not_checked(NODES[:1], rules) == ("KA3",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], ()),
        ("KA1", (Ignore("KA1"),)),
        (["KA1", {"rule": "KA2", "node": "lb1"}], (Ignore("KA1"), Ignore("KA2", "lb1"))),
        ([{"rule": "KA2", "file": "a.conf", "line": "7"}], (Ignore("KA2", "", "a.conf", 7),)),
    ],
)
def test_read_ignores(value, expected):
    assert read_ignores(value, RULES) == expected


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (["KA9"], "ignore[0]"),
        ([{"rule": "KA9"}], "ignore[0]"),
        ([{"node": "lb1"}], "ignore[0].rule"),
        ([{"rule": "KA1", "line": 0}], "ignore[0].line"),
        ([{"rule": "KA1", "nodes": "lb1"}], "ignore[0].nodes"),
        ([3], "ignore[0]"),
        ([""], "ignore[0].rule"),
        ({"rule": []}, "ignore[0].rule"),
    ],
)
def test_read_ignores_of_wrong_values(value, path):
    assert [where for where, _message in refused(read_ignores, value, RULES)] == [path]
