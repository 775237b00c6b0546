# SPDX-License-Identifier: GPL-3.0-or-later
"""Run lint rules over all nodes of a cluster together, and leave out the findings that the user ignores."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Sequence, Tuple

from ..basics import errors, schema
from ..basics.visible import visible
from .finding import Found, LintFinding, Rule, Severity

ORDER = tuple(Severity)
IGNORE_FIELDS: Mapping[str, Any] = {
    "rule": schema.Field(schema.name, required=True),
    "node": schema.Field(schema.line, default=""),
    "file": schema.Field(schema.line, default=""),
    "line": schema.Field(schema.integer(1, 10**8), default=0),
}


class Ignore(NamedTuple):
    """Findings to leave out: those of a rule, where given only of one node, file or line (0 and "" mean any)."""

    rule: str
    node: str = ""
    file: str = ""
    line: int = 0

    def covers(self, finding: LintFinding) -> bool:
        """Tell whether a finding is to be left out."""
        return (
            self.rule == finding.rule
            and self.node in ("", finding.node)
            and self.file in ("", finding.file)
            and self.line in (0, finding.line)
        )


def read_ignores(value: Any, rules: Iterable[Rule], path: str = "ignore") -> Tuple[Ignore, ...]:
    """Read a list of ids of rules, and of mappings with the keys rule, node, file and line.

    Raises Refused with every wrong value.
    """
    refusals: list[errors.Finding] = []
    known = sorted(rule.id for rule in rules)
    place = schema.record(IGNORE_FIELDS)

    def read(item: Any, where: str, report: schema.Report) -> Any:
        ignore = place({"rule": item} if isinstance(item, str) else item, where, report)
        if ignore and ignore["rule"] and ignore["rule"] not in known:
            report(where, schema.unknown_key(ignore["rule"], known, f"there is no rule {ignore['rule']}"))
        return ignore

    ignores = schema.list_of(read, or_one=True)(value, path, schema.collector(refusals))
    if refusals:
        raise errors.Refused(refusals)
    return tuple(Ignore(**ignore) for ignore in ignores)


def lint(nodes: Sequence[Any], rules: Iterable[Rule], ignores: Sequence[Ignore] = ()) -> Tuple[LintFinding, ...]:
    """Return the findings of the rules, ordered by severity (errors first), node, file and line."""
    findings = (_finding(rule, found) for rule in rules for found in rule.check(nodes))
    kept = (finding for finding in findings if not any(ignore.covers(finding) for ignore in ignores))
    return tuple(sorted(kept, key=_rank))


def not_checked(nodes: Sequence[Any], rules: Iterable[Rule]) -> Tuple[str, ...]:
    """Return the ids of the rules that need a fact which at least one node lacks."""
    return tuple(rule.id for rule in rules if any(fact not in node.facts for fact in rule.needs for node in nodes))


def _finding(rule: Rule, found: Found) -> LintFinding:
    file, line, column = found.place
    return LintFinding(
        rule=rule.id,
        severity=found.severity or rule.severity,
        node=found.node,
        file=visible(file),
        line=line,
        column=column,
        message=visible(found.message),
        effect=visible(found.effect or rule.why),
        fix=visible(found.fix or rule.fix),
        values={node: visible(value) for node, value in found.values.items()},
    )


def _rank(finding: LintFinding) -> Tuple[int, str, str, int, int, str, str]:
    return (
        ORDER.index(finding.severity),
        finding.node,
        finding.file,
        finding.line,
        finding.column,
        finding.rule,
        finding.message,
    )
