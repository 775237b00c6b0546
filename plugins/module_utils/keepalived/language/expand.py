# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's preprocessor: definitions ($NAME), repetitions (~SEQ, ~LST) and conditions (@id); lib/parser.c."""

from __future__ import annotations

import posixpath
import re
from typing import Callable, Dict, Iterable, Iterator, Match, NamedTuple, Optional, Sequence, Tuple

from .allowance import DEFINITION_COST, LINE_COST, Allowance, Report
from .lexer import SourceLine, brace_at, too_long, uncomment
from .redaction import Redaction
from .repetitions import LIST, SEQUENCE, Values, in_list, in_sequence

REPLACED_IN_LINE = 1000
ENV_SINCE = (2, 4, 0)

DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)\Z", re.DOTALL)
REFERENCE = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?P<parameters>(?:[ \t][A-Za-z0-9_ \t]*)?)\}"
    r"|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|\Z))"
)
CONDITION = re.compile(r"@(\^?)([^ \t]*)[ \t]+")


class Definition(NamedTuple):
    """The value of $NAME. keepalived replaces one of `several` lines only at the end of a line."""

    lines: Tuple[SourceLine, ...]
    several: bool = False


class ThisNode(NamedTuple):
    """The node that reads the configuration: its config_id (`keepalived -i`), environment and keepalived version."""

    config_id: str
    environment: Values
    version: Optional[Tuple[int, ...]]


class _Source(NamedTuple):
    """Lines still to be read, on a stack. `name` is the definition whose later lines these are, or empty."""

    lines: Iterator[SourceLine]
    name: str = ""


class Expander:
    """Yields the lines as keepalived's parser gets them, with every brace on a line of its own.

    `include` returns the lines of the files that a line includes, or None when it is no include line.
    """

    def __init__(
        self,
        first: Iterator[SourceLine],
        node: ThisNode,
        include: Callable[[SourceLine], Optional[Iterator[SourceLine]]],
        allowance: Allowance,
        redaction: Redaction,
        report: Report,
    ) -> None:
        self._sources = [_Source(first)]
        self._node = node
        self._include = include
        self._allowance = allowance
        self._redaction = redaction
        self._report = report
        self._definitions: Dict[str, Definition] = {}
        self._open: Dict[str, int] = {}

    def __iter__(self) -> Iterator[SourceLine]:
        while True:
            line = self._next_line()
            if line is None:
                return
            if "$" in line.text or line.text.startswith(("@", "~")):
                line = self._expanded(line)
            if not line.text:
                continue
            included = self._include(line) if line.text.startswith("include") else None
            if included is not None:
                self._sources.append(_Source(included))
                continue
            yield self._up_to_brace(line)

    def _next_line(self) -> Optional[SourceLine]:
        while self._sources:
            line = next(self._sources[-1].lines, None)
            if line is None:
                done = self._sources.pop()
                if done.name:
                    self._open[done.name] -= 1
            elif self._allowance.spend(LINE_COST + len(line.text), line):
                return line
            else:
                self._sources.clear()
        return None

    def _up_to_brace(self, line: SourceLine) -> SourceLine:
        """Return the line up to its first brace, or the brace if it comes first; push the rest back."""
        at = brace_at(line.text)
        if at < 0 or len(line.text) == 1:
            return line
        if line.text.startswith("${", at - 1):
            name = line.text[at - 1 :].partition("}")[0] + "}"
            name = self._redaction.shown(line, [*line.text[: at - 1].split(), name])[-1]
            message = f"{name} is not defined, so keepalived takes its braces for those of a block"
            self._report(line.place(at - 1), message, "unknown")
        end = at or 1
        rest = line.trimmed(end)
        if rest.text:
            self._sources.append(_Source(iter((rest,))))
        return line.trimmed(0, end)

    def _expanded(self, line: SourceLine) -> SourceLine:
        """Return the line with definitions replaced; empty for a definition, ~SEQ, ~LST or a false condition."""
        for again in (True, False):
            if line.text.startswith("@"):
                line = self._if_for_us(line)
            if line.text.startswith("$") and self._defines(line):
                return line.cut(0, 0)
            if line.text.startswith("~"):
                return self._repeated(line)
            if "$" not in line.text:
                return line
            replaced = self._replaced(line)
            if replaced is line:
                return line
            line, unclosed = uncomment(replaced)
            if unclosed:
                self._report(line.place(), "a quote is not closed on this line", "syntax")
            if not again or not line.text.startswith(("@", "~")):
                return line
        return line

    def _if_for_us(self, line: SourceLine) -> SourceLine:
        """Return the line without its condition (@id, @^id); empty if the condition is false."""
        match = CONDITION.match(line.text)
        if match is None or (match.group(2) == self._node.config_id) == bool(match.group(1)):
            return line.cut(0, 0)
        return line.cut(match.end(), len(line.text))

    def _defines(self, line: SourceLine) -> bool:
        match = DEFINITION.match(line.text)
        if match is None:
            return False
        name, value = match.group(1), line.cut(match.start(2), len(line.text))
        if value.text.endswith("\\"):
            self._definitions[name] = Definition(tuple(self._continued(value)), several=True)
        else:
            self._definitions[name] = Definition((value,))
        return True

    def _continued(self, first: SourceLine) -> Iterator[SourceLine]:
        """Yield the lines of a definition. A backslash continues it on the next line."""
        line: Optional[SourceLine] = first
        while line is not None:
            more = line.text.endswith("\\")
            content = line.trimmed(0, len(line.text) - more)
            if content.text:
                yield content
            if not more:
                return
            line = self._next_line()

    def _replaced(self, line: SourceLine) -> SourceLine:
        """Return the line with its references replaced; the same object when there is nothing to replace."""
        at, first = 0, line
        within: Dict[str, int] = {}
        for _count in range(REPLACED_IN_LINE):
            match = REFERENCE.search(line.text, at)
            if match is None:
                return line
            at = match.start()
            value = self._value(match, line)
            if value is None:
                at += 1
                continue
            text = value.lines[0].text if value.lines else ""
            if not self._allowance.spend(DEFINITION_COST + len(text), line):
                return line
            after = len(line.text) - match.end()
            while within and next(reversed(within.values())) > after:
                within.popitem()
            name = match.group("braced") or match.group("bare")
            line = line.replaced(at, match.end(), text)
            if name in within or self._open.get(name) or too_long(line.text):
                break
            within[name] = after
            if len(value.lines) > 1:
                self._sources.append(_Source(iter(value.lines[1:]), name))
                self._open[name] = self._open.get(name, 0) + 1
            if line.text.startswith("~", at):
                return line
        self._report(first.place(), "what its definitions stand for is too long, or one contains itself", "limit")
        return first

    def _value(self, match: Match[str], line: SourceLine) -> Optional[Definition]:
        name, parameters = match.group("braced") or match.group("bare"), (match.group("parameters") or "").split()
        found = self._definitions.get(name)
        if found is None:
            text = self._predefined(name, parameters, line)
            return None if text is None else Definition((line.with_text(text),))
        if parameters:
            return None
        if found.several and match.end() < len(line.text):
            self._report(
                line.place(match.start()),
                f"${name} stands for several lines, so keepalived replaces it only at the end of a line",
                "syntax",
            )
            return None
        return found

    def _predefined(self, name: str, parameters: Sequence[str], line: SourceLine) -> Optional[str]:
        """Return the value of a definition built into keepalived; for _RANDOM, its lower bound."""
        if name == "_ENV" and len(parameters) == 1 and (self._node.version is None or self._node.version >= ENV_SINCE):
            return self._node.environment.get(parameters[0], "")
        if name == "_RANDOM" and len(parameters) <= 2 and all(each.isdigit() for each in parameters):
            return str(int(parameters[0][:18])) if parameters else "0"
        if parameters:
            return None
        return {
            "_PWD": posixpath.dirname(line.file) or ".",
            "_INSTANCE": self._node.config_id,
            "_HASH": "#",
            "_BANG": "!",
        }.get(name)

    def _repeated(self, line: SourceLine) -> SourceLine:
        """Push the rest of a ~SEQ or ~LST line once for every value; return any other line unchanged."""
        if not line.text.startswith(("~SEQ", "~LST")):
            return line
        match = SEQUENCE.match(line.text) or LIST.match(line.text)
        values: Optional[Iterable[Values]] = None
        if match is not None and match.re is SEQUENCE:
            arguments = self._replaced(line.cut(match.start(3), match.end(3))).text
            values = in_sequence(match.group(2), arguments, bool(match.group(1)))
        elif match is not None:
            values = in_list(match.group("names"), match.group("values"))
        if match is None or values is None:
            self._report(line.place(), f"{line.text[:4]} is not as keepalived wants it", "syntax")
            return line.cut(0, 0)
        rest = line.cut(match.end(), len(line.text))
        if rest.text:
            self._sources.append(_Source(self._repetitions(rest, values)))
        return line.cut(0, 0)

    def _repetitions(self, rest: SourceLine, values: Iterable[Values]) -> Iterator[SourceLine]:
        for row in values:
            if not self._allowance.spend(DEFINITION_COST * len(row), rest):
                return
            for name, value in row.items():
                self._definitions[name] = Definition((rest.with_text(value),))
            yield rest
