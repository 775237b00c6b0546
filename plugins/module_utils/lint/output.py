# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of a linter as text, as plain data, and as SARIF 2.1.0 (OASIS) for other tools."""

from __future__ import annotations

import textwrap
from typing import Any, Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from ..basics.wording import listed
from .finding import LintFinding, Rule, Severity

WIDTH = 100  # columns
INDENT = " " * 9
MOST_NAMES = 5  # nodes; more are only counted
AT = "at "
UNCHECKED = "?"  # the key of the rules that lack facts
NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
SARIF_VERSION = "2.1.0"


def as_data(findings: Iterable[LintFinding]) -> list[dict[str, Any]]:
    """Return the findings as plain data."""
    return [
        {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "node": finding.node,
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "message": finding.message,
            "effect": finding.effect,
            "fix": finding.fix,
            "values": dict(finding.values),
        }
        for finding in findings
    ]


def counts(findings: Sequence[LintFinding]) -> dict[str, int]:
    """Return the number of findings of every severity, by its letter."""
    found = [finding.severity for finding in findings]
    return {severity.value: found.count(severity) for severity in Severity}


def as_text(
    findings: Sequence[LintFinding], rules: Sequence[Rule], nodes: Sequence[str], unchecked: Sequence[str] = ()
) -> str:
    """Return the findings as text: one paragraph for every rule and effect, and the summary as the last line."""
    lines: list[str] = []
    for part in as_parts(findings, rules, unchecked):
        (head, title), *others = part.items()
        lines += _wrapped(f"{head}  ", title)
        for label, text in others:
            place = label.startswith(AT)
            lines += _wrapped(INDENT, label[len(AT) :]) if place else []
            lines += _wrapped(f"{INDENT}  " if place else f"{INDENT}{label + ':':8}", text)
        lines.append("")
    return "\n".join([*lines, summary(findings, nodes)])


def as_parts(
    findings: Sequence[LintFinding], rules: Sequence[Rule], unchecked: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return the paragraphs of `as_text` as mappings; Ansible prints their keys in alphabetical order."""
    titles = {rule.id: rule.title for rule in rules}
    parts = [_part(alike, titles.get(alike[0].rule, "")) for alike in _alike(findings)]
    lacking = f"nobody can tell without more facts of the hosts: {', '.join(unchecked)}"
    return [*parts, {UNCHECKED: lacking}] if unchecked else parts


def summary(findings: Sequence[LintFinding], nodes: Sequence[str]) -> str:
    """Return `2 errors, 1 warning and 3 hints on lb1 and lb2`."""
    found = [(NAMES[severity], number) for severity, number in zip(Severity, counts(findings).values()) if number]
    numbers = [f"{number} {name}{'' if number == 1 else 's'}" for name, number in found]
    where = listed(nodes) if len(nodes) <= MOST_NAMES else f"{len(nodes)} nodes"
    return f"{listed(numbers) or 'nothing found'} on {where}"


def _alike(findings: Iterable[LintFinding]) -> Iterator[list[LintFinding]]:
    """Yield the findings that differ in nothing but place, message and values together, in the order of the first."""
    together: dict[Any, list[LintFinding]] = {}
    for finding in findings:
        together.setdefault((finding.severity, finding.rule, finding.effect, finding.fix), []).append(finding)
    yield from together.values()


def _part(alike: Sequence[LintFinding], title: str) -> dict[str, str]:
    first = alike[0]
    messages: dict[str, list[str]] = {}
    for finding in alike:
        messages.setdefault(finding.message, []).append(f"{finding.node} {finding.file}:{finding.line}")
    places: dict[str, list[str]] = {}
    for message, found in messages.items():
        places.setdefault(AT + ", ".join(found), []).append(message)
    joined = {place: "; ".join(messages) for place, messages in places.items()}
    return {f"{first.severity.value} {first.rule}": title, **joined, "effect": first.effect, "fix": first.fix}


def _wrapped(label: str, text: str) -> list[str]:
    blank = " " * len(label)
    return textwrap.wrap(
        text, WIDTH, initial_indent=label, subsequent_indent=blank, break_long_words=False, break_on_hyphens=False
    )


def as_sarif(findings: Sequence[LintFinding], rules: Sequence[Rule]) -> dict[str, Any]:
    """Return a SARIF log with one run: the rules that were checked, and the findings as results."""
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "keepalived_lint", "rules": [_sarif_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, numbers[finding.rule]) for finding in findings],
    }
    return {
        "$schema": f"https://json.schemastore.org/sarif-{SARIF_VERSION}.json",
        "version": SARIF_VERSION,
        "runs": [run],
    }


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why} Fix: {rule.fix} Evidence: {rule.evidence}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _sarif_result(finding: LintFinding, number: int) -> dict[str, Any]:
    where = {
        "artifactLocation": {"uri": _uri(finding.node, finding.file)},
        "region": {"startLine": max(1, finding.line), "startColumn": max(1, finding.column)},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.message}: {finding.effect}; fix: {finding.fix}"},
        "locations": [{"physicalLocation": where, "logicalLocations": [{"name": finding.node, "kind": "module"}]}],
        "properties": {"node": finding.node, "values": _plain(finding.values)},
    }


def _plain(values: Mapping[str, str]) -> dict[str, str]:
    return {str(node): str(value) for node, value in values.items()}


def _uri(node: str, file: str) -> str:
    """Return a file URI with the node as host for an absolute path, and a relative reference for any other path."""
    return f"file://{quote(node)}{quote(file)}" if file.startswith("/") else quote(file)
