# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/rules.md from the rules themselves, and from the configurations that each of them is tested with."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/rules.md"
FIXTURES = ROOT / "tests/fixtures/lint"
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests/unit")]

from configurations import nodes_in  # noqa: E402
from module_utils.engines.haproxy.config import PATH as HAPROXY  # noqa: E402
from module_utils.keepalived.lint.rules.catalogue import RULES  # noqa: E402
from module_utils.lint.engine import lint  # noqa: E402
from module_utils.lint.finding import Finding, Rule, Severity  # noqa: E402

WIDTH = 120
PREFIXES = ["KA", "LV", "HX"]
NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}
BEGIN = """\
# What the linter finds

Written by `python tests/rules_page.py` from the rules, and from the configurations that they are tested with. How to
run the linter, and how to leave something out: [linting](linting.md).

**E** is an outage or two holders of a VIP, for certain or likely; **W**, worse than it could be; **I**, a matter of
order. The facts of hosts that a rule needs are named; without them it says nothing, and is listed as not looked at.
"""


def page() -> str:
    """Return the whole page."""
    rules = sorted(RULES, key=lambda rule: (PREFIXES.index(rule.id[:2]), rule.id))
    return "\n".join([BEGIN, *table(rules), "", *(line for rule in rules for line in section(rule))])


def table(rules: Iterable[Rule]) -> list[str]:
    """Return all rules, a line each."""
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity.value} | {rule.title} |" for rule in rules]
    return ["| rule | | what is wrong |", "|---|---|---|", *rows]


def section(rule: Rule) -> list[str]:
    """Return what there is to say of a rule, and what it says of the first mistake in its fixture."""
    folder = FIXTURES / rule.id / "fires"
    finding = lint(nodes_in(folder), [rule])[0]
    facts = f" Needs the facts {', '.join(f'`{fact}`' for fact in rule.needs)}." if rule.needs else ""
    return [
        f"## {rule.id}",
        "",
        *wrapped(f"**{rule.title}** ({NAMES[rule.severity]}): {rule.why}."),
        *wrapped(f"Fix: {rule.fix}. Evidence: {rule.evidence}.{facts}"),
        "",
        "```",
        *excerpt(folder, finding),
        "```",
        "",
        *wrapped(f"→ {finding.message}: {finding.effect}."),
        "",
    ]


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def excerpt(folder: Path, finding: Finding) -> list[str]:
    """Return the line of a finding, and the lines that open the blocks it is in."""
    name = f"{finding.node}.haproxy.cfg" if finding.file == HAPROXY else finding.file
    lines = (folder / name).read_text().splitlines()
    kept = [finding.line - 1]
    for number in reversed(range(finding.line - 1)):
        if lines[number].strip() and indent(lines, number) < indent(lines, kept[0]):
            kept.insert(0, number)
    width = max(len(lines[number]) for number in kept)
    return [*(lines[number] for number in kept[:-1]), f"{lines[kept[-1]]:{width}}   # {finding.file}:{finding.line}"]


def indent(lines: Sequence[str], number: int) -> int:
    return len(lines[number]) - len(lines[number].lstrip())


if __name__ == "__main__":
    PAGE.write_text(page())
