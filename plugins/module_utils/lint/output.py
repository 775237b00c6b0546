# SPDX-License-Identifier: GPL-3.0-or-later
"""What a linter found, as text for people, as plain data, and as SARIF 2.1.0 for other tools."""

from __future__ import annotations

import textwrap
from typing import Any, Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from ..basics.wording import listed
from .finding import Finding, Rule, Severity

WIDTH = 100
BEGIN = " " * 9
NAMED = 5
AT = "at "
UNCHECKED = "?"
NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
SARIF_VERSION = "2.1.0"


def as_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return the findings as plain data."""
    return [
        {
            "rule": each.rule,
            "severity": each.severity.value,
            "node": each.node,
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "message": each.message,
            "effect": each.effect,
            "fix": each.fix,
            "values": dict(each.values),
        }
        for each in findings
    ]


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings there are of each severity, by its letter."""
    return {each.value: sum(1 for finding in findings if finding.severity is each) for each in Severity}


def as_text(
    findings: Sequence[Finding], rules: Sequence[Rule], nodes: Sequence[str], unchecked: Sequence[str] = ()
) -> str:
    """Return the findings for people: those of one rule with one effect together, and at last how many there are."""
    lines: list[str] = []
    for part in as_parts(findings, rules, unchecked):
        (head, title), *others = part.items()
        lines += _wrapped(f"{head}  ", title)
        for label, said in others:
            place = label.startswith(AT)
            lines += _wrapped(BEGIN, label[len(AT) :]) if place else []
            lines += _wrapped(f"{BEGIN}  " if place else f"{BEGIN}{label + ':':8}", said)
        lines.append("")
    return "\n".join([*lines, summary(findings, nodes)])


def as_parts(findings: Sequence[Finding], rules: Sequence[Rule], unchecked: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the same as mappings, for Ansible, which prints them in the order of their keys."""
    titles = {rule.id: rule.title for rule in rules}
    parts = [_part(alike, titles.get(alike[0].rule, "")) for alike in _alike(findings)]
    lacking = f"nobody can tell without more facts of the hosts: {', '.join(unchecked)}"
    return [*parts, {UNCHECKED: lacking}] if unchecked else parts


def summary(findings: Sequence[Finding], nodes: Sequence[str]) -> str:
    """Return one line with the numbers: `2 errors, 1 warning and 3 hints on lb1 and lb2`."""
    found = [(NAMES[each], number) for each, number in zip(Severity, counts(findings).values()) if number]
    said = [f"{number} {name}{'' if number == 1 else 's'}" for name, number in found]
    where = listed(nodes) if len(nodes) <= NAMED else f"{len(nodes)} nodes"
    return f"{listed(said) or 'nothing found'} on {where}"


def _alike(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Put those together that differ in no more than place and message, in the order of the first of each."""
    together: dict[Any, list[Finding]] = {}
    for each in findings:
        together.setdefault((each.severity, each.rule, each.effect, each.fix), []).append(each)
    yield from together.values()


def _part(alike: Sequence[Finding], title: str) -> dict[str, str]:
    first = alike[0]
    messages: dict[str, list[str]] = {}
    for each in alike:
        messages.setdefault(each.message, []).append(f"{each.node} {each.file}:{each.line}")
    places: dict[str, list[str]] = {}
    for message, found in messages.items():
        places.setdefault(AT + ", ".join(found), []).append(message)
    said = {place: "; ".join(messages) for place, messages in places.items()}
    return {f"{first.severity.value} {first.rule}": title, **said, "effect": first.effect, "fix": first.fix}


def _wrapped(label: str, text: str) -> list[str]:
    blank = " " * len(label)
    return textwrap.wrap(
        text, WIDTH, initial_indent=label, subsequent_indent=blank, break_long_words=False, break_on_hyphens=False
    )


def as_sarif(findings: Sequence[Finding], rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the findings as one run of a SARIF log, with all rules that were looked at."""
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "keepalived_lint", "rules": [_sarif_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(each, numbers[each.rule]) for each in findings],
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


def _sarif_result(finding: Finding, number: int) -> dict[str, Any]:
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
    """Return where a file is: on its node when its path is a whole one, else beside whoever reads the log."""
    return f"file://{quote(node)}{quote(file)}" if file.startswith("/") else quote(file)
