# SPDX-License-Identifier: GPL-3.0-or-later
"""Run rules over all nodes of a cluster together, and leave out what somebody has looked at and accepted."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Sequence, Tuple

from ..basics import schema
from ..basics.errors import Finding as Refusal
from ..basics.errors import Refused
from .finding import Finding, Found, Rule, Severity

ORDER = tuple(Severity)
EVERYWHERE: Mapping[str, Any] = {
    "rule": schema.Field(schema.name, required=True),
    "node": schema.Field(schema.line, default=""),
    "file": schema.Field(schema.line, default=""),
    "line": schema.Field(schema.integer(1, 10**8), default=0),
}


class Ignore(NamedTuple):
    """What is left out: a rule everywhere, or at one place only."""

    rule: str
    node: str = ""
    file: str = ""
    line: int = 0

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is meant."""
        return (
            self.rule == finding.rule
            and self.node in ("", finding.node)
            and self.file in ("", finding.file)
            and self.line in (0, finding.line)
        )


def read_ignores(value: Any, rules: Iterable[Rule], path: str = "ignore") -> Tuple[Ignore, ...]:
    """Read a list of rule ids and of mappings of rule, node, file and line.

    Raises Refused.
    """
    refusals: list[Refusal] = []
    known = sorted(rule.id for rule in rules)
    place = schema.record(EVERYWHERE)

    def read(each: Any, where: str, report: schema.Report) -> Any:
        found = place({"rule": each} if isinstance(each, str) else each, where, report)
        if found and found["rule"] and found["rule"] not in known:
            report(where, schema.unknown_key(found["rule"], known, f"there is no rule {found['rule']}"))
        return found

    found = schema.list_of(read, or_one=True)(value, path, schema.collector(refusals))
    if refusals:
        raise Refused(refusals)
    return tuple(Ignore(**each) for each in found)


def lint(nodes: Sequence[Any], rules: Iterable[Rule], ignores: Sequence[Ignore] = ()) -> Tuple[Finding, ...]:
    """Return what the rules find, the worst first, then node by node and line by line."""
    findings = (_finding(rule, found) for rule in rules for found in rule.check(nodes))
    kept = (each for each in findings if not any(ignore.covers(each) for ignore in ignores))
    return tuple(sorted(kept, key=_rank))


def not_checked(nodes: Sequence[Any], rules: Iterable[Rule]) -> Tuple[str, ...]:
    """Return the ids of the rules that lack a fact of some node."""
    return tuple(rule.id for rule in rules if any(fact not in node.facts for fact in rule.needs for node in nodes))


def _finding(rule: Rule, found: Found) -> Finding:
    file, line, column = found.place
    return Finding(
        rule=rule.id,
        severity=found.severity or rule.severity,
        node=found.node,
        file=file,
        line=line,
        column=column,
        message=found.message,
        effect=found.effect or rule.why,
        fix=found.fix or rule.fix,
        values=found.values,
    )


def _rank(finding: Finding) -> Tuple[int, str, str, int, int, str, str]:
    return (
        ORDER.index(finding.severity),
        finding.node,
        finding.file,
        finding.line,
        finding.column,
        finding.rule,
        finding.message,
    )
