# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/rules.md from the linter's rules and from their fixtures (tests/fixtures/lint)."""

from __future__ import annotations

import inspect
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
from module_utils.keepalived.lint.rules import catalogue  # noqa: E402
from module_utils.lint.engine import lint  # noqa: E402
from module_utils.lint.finding import LintFinding, Rule, Severity  # noqa: E402

WIDTH = 120
PREFIXES = ["KA", "LV", "HX"]
RULES = catalogue.RULES
FILES = {
    rule.id: Path(inspect.getfile(module))
    for _name, module in inspect.getmembers(catalogue, inspect.ismodule)
    for rule in module.RULES
}
NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}
BEGIN = """\
# What the linter finds

Written by `python tests/rules_page.py` from the rules and the configurations that they are tested with. How to run the
linter, and how to ignore findings: [linting](linting.md).

**E** (error): an outage or two holders of a VIP, certain or likely. **W** (warning): worse than it could be. **I**
(hint): a matter of order. A rule that needs facts of the hosts names them; without them, it is listed as not checked.

The next free ids are {free}. Every section names the file that its rule is in.
"""


def page() -> str:
    """Return the text of docs/rules.md."""
    rules = sorted(RULES, key=lambda rule: (PREFIXES.index(rule.id[:2]), rule.id))
    return "\n".join(
        [
            BEGIN.format(free=", ".join(map(free_id, PREFIXES))),
            *table(rules),
            "",
            *(line for rule in rules for line in section(rule)),
        ]
    )


def free_id(prefix: str) -> str:
    """Return the id for the next rule of a group."""
    return f"{prefix}{max(int(rule.id[2:]) for rule in RULES if rule.id.startswith(prefix)) + 1}"


def table(rules: Iterable[Rule]) -> list[str]:
    """Return the lines of a Markdown table with one row for every rule."""
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity.value} | {rule.title} |" for rule in rules]
    return ["| rule | | what is wrong |", "|---|---|---|", *rows]


def section(rule: Rule) -> list[str]:
    """Return the lines about one rule, with its first finding in its fixture."""
    folder = FIXTURES / rule.id / "fires"
    finding = lint(nodes_in(folder), [rule])[0]
    facts = f" Needs the facts {', '.join(f'`{fact}`' for fact in rule.needs)}." if rule.needs else ""
    return [
        f"## {rule.id}",
        "",
        *wrapped(f"**{rule.title}** ({NAMES[rule.severity]}): {rule.why}."),
        *wrapped(f"Fix: {rule.fix}. Evidence: {rule.evidence}.{facts}"),
        *wrapped(f"In {code_of(rule)}, tested with `tests/fixtures/lint/{rule.id}`."),
        "",
        "```",
        *excerpt(folder, finding),
        "```",
        "",
        *wrapped(f"→ {finding.message}: {finding.effect}."),
        "",
    ]


def code_of(rule: Rule) -> str:
    """Return a link to the file of a rule, such as keepalived/lint/rules/timing.py."""
    file = FILES[rule.id].relative_to(ROOT / "plugins/module_utils")
    return f"[`{file}`](../plugins/module_utils/{file})"


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def excerpt(folder: Path, finding: LintFinding) -> list[str]:
    """Return the line of a finding after the lines that open its blocks, as in the fixture."""
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
