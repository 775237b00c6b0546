# SPDX-License-Identifier: GPL-3.0-or-later
"""Lint configurations given as plain data, for the module and the filter keepalived_lint."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...basics import schema
from ...basics.errors import Finding, Refused
from ...basics.wording import listed
from ...lint.engine import Ignore, lint, not_checked, read_ignores
from ...lint.finding import LintFinding, Severity
from ...lint.output import as_data, as_parts, as_sarif, as_text, counts, summary
from ..config.input import read_configs
from ..config.model import ConfiguredNode
from .rules.catalogue import RULES

NEVER = "never"
SEVERITIES = tuple(each.value for each in Severity)


def lint_result(
    configs: Any, ignore: Any = (), severity: str = "I", fail_on: str = NEVER, sarif: bool = False, raises: bool = True
) -> Dict[str, Any]:
    """Lint the configurations of all nodes of a cluster together.

    `configs` is what read_configs takes, `severity` the least one reported (E, W or I), `fail_on` E, W, I or never.
    Returns {findings, counts, not_checked, text, says (text as mappings for Ansible's output), failure (why `fail_on`
    applies, or empty), refused, and with `sarif` sarif}.
    Raises Refused with every error of the input; with `raises` false, they are in `refused`.
    """
    try:
        nodes, ignores = _read(configs, ignore, severity, fail_on)
    except Refused as refused:
        if raises:
            raise
        reasons = [str(each) for each in refused.findings]
        return {**_result((), (), "; ".join(reasons), (), sarif), "refused": reasons}
    found = [each for each in lint(nodes, RULES, ignores) if is_at_least(each, severity)]
    names = [node.name for node in nodes]
    return _result(found, names, failure(found, fail_on, names), sorted(not_checked(nodes, RULES)), sarif)


def _read(configs: Any, ignore: Any, severity: str, fail_on: str) -> Tuple[Sequence[ConfiguredNode], Sequence[Ignore]]:
    refusals: List[Finding] = []
    report = schema.collector(refusals)
    schema.choice(*SEVERITIES)(severity, "severity", report)
    schema.choice(*SEVERITIES, NEVER)(fail_on, "fail_on", report)
    nodes: Sequence[ConfiguredNode] = ()
    ignores: Sequence[Ignore] = ()
    try:
        nodes = read_configs(configs)
    except Refused as refused:
        refusals += refused.findings
    try:
        ignores = read_ignores(_placed(ignore, [node.name for node in nodes]), RULES)
    except Refused as refused:
        refusals += refused.findings
    if refusals:
        raise Refused(refusals)
    return nodes, ignores


def _result(
    findings: Sequence[LintFinding], nodes: Sequence[str], reason: str, unchecked: Sequence[str], sarif: bool
) -> Dict[str, Any]:
    result: Dict[str, Any] = {
        "findings": as_data(findings),
        "counts": counts(findings),
        "not_checked": list(unchecked),
        "text": as_text(findings, RULES, nodes, unchecked),
        "says": [*as_parts(findings, RULES, unchecked), summary(findings, nodes)],
        "failure": reason,
        "refused": [],
    }
    return {**result, "sarif": as_sarif(findings, RULES)} if sarif else result


def lint_data(result: Mapping[str, Any]) -> Dict[str, Any]:
    """Return of what lint_result returned the part that is written as data; the rest is that again, to be read."""
    return {key: result[key] for key in ("findings", "counts", "not_checked", "failure")}


def is_at_least(finding: LintFinding, severity: str) -> bool:
    """Tell whether a finding is of this severity or worse."""
    return SEVERITIES.index(finding.severity.value) <= SEVERITIES.index(severity)


def failure(findings: Sequence[LintFinding], fail_on: str, nodes: Sequence[str]) -> str:
    """Return a sentence with the findings that are at least `fail_on`; empty if there are none."""
    bad = [each for each in findings if fail_on != NEVER and is_at_least(each, fail_on)]
    rules = list(dict.fromkeys(each.rule for each in bad))
    return f"{summary(bad, nodes)}: {listed(rules)}" if bad else ""


def _placed(ignore: Any, nodes: Sequence[str]) -> Any:
    """Turn `KA103@lb1` and `KA103@keepalived.conf:12` into mappings; leave everything else to read_ignores."""
    if isinstance(ignore, str):
        ignore = [ignore]
    if not isinstance(ignore, (list, tuple)):
        return ignore
    return [_place(each, nodes) or each for each in ignore]


def _place(text: Any, nodes: Sequence[str]) -> Optional[Dict[str, Any]]:
    if not isinstance(text, str) or "@" not in text:
        return None
    rule, _at, place = text.partition("@")
    if place in nodes:
        return {"rule": rule, "node": place}
    file, _colon, line = place.rpartition(":")
    return {"rule": rule, "file": file, "line": line} if file and line.isdecimal() else {"rule": rule, "file": place}
