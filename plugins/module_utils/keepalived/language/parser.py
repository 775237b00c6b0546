# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse keepalived.conf into a tree of directives. Every text gives a tree; its problems say what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...basics.discreet import HIDDEN
from . import keywords
from .allowance import WORD_COST, Allowance
from .arguments import refusals, shown
from .expand import Expander, ThisNode
from .includes import Includes, Reader, read_file, read_includes
from .keywords import Keyword
from .lexer import SourceLine, command_words, words
from .redaction import Redaction
from .tree import Directive, Place, Problem, Tree, Word

__all__ = ["Reader", "parse", "read_file", "read_includes"]

PROBLEMS = 1000
DEPTH = 50
ONCE_A_VALUE = ("addresses", "peers", "tracked")
UNDEFINED = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*\Z")
NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


class _Pending(NamedTuple):
    """The last line, until the next one tells whether a { follows; `shown` are its words without secrets."""

    words: Tuple[Word, ...]
    shown: Sequence[str]
    known: Optional[Keyword]


@dataclass
class _Block:
    """A block that is not closed yet. `grammar` is its table of keywords (None: any word may stand in it).

    `seen` has the place of every keyword or value that may stand there once. A stray { opens a block without words.
    """

    grammar: Optional[str]
    opened_at: Place
    words: Tuple[Word, ...] = ()
    name: str = ""
    directives: List[Directive] = field(default_factory=list)
    seen: Dict[str, Place] = field(default_factory=dict)


def parse(
    text: str,
    file: str = "keepalived.conf",
    *,
    config_id: str = "",
    environment: Mapping[str, str] = NO_ENVIRONMENT,
    version: Optional[Tuple[int, ...]] = None,
    read: Optional[Reader] = None,
) -> Tree:
    """Parse a configuration as keepalived of this version does on the node with this config_id. Never raises.

    `environment` is for ${_ENV NAME}. `read` finds the files of include lines; without it, includes are problems.
    """
    parser = _Parser(read)
    return parser.parse(parser.expander(text, file, config_id, environment, version))


class _Parser:
    def __init__(self, read: Optional[Reader]) -> None:
        self._problems: Dict[Tuple[str, int, str], Problem] = {}
        self._allowance = Allowance(self._report)
        self._includes = Includes(read, self._allowance, self._report)
        self._blocks = [_Block(keywords.TOP, Place("", 1))]
        self._pending: Optional[_Pending] = None
        self._redaction = Redaction()

    def expander(
        self, text: str, file: str, config_id: str, environment: Mapping[str, str], version: Optional[Tuple[int, ...]]
    ) -> Iterable[SourceLine]:
        """Return the lines after includes, definitions and conditions; their problems are added to this parser's."""
        first = self._includes.lines_of(text, file)
        node = ThisNode(config_id, environment, version)
        return Expander(first, node, self._includes.follow, self._allowance, self._redaction, self._report)

    def parse(self, lines: Iterable[SourceLine]) -> Tree:
        """Build the tree."""
        for line in lines:
            if line.text == "{":
                self._open(line)
            elif line.text == "}":
                self._close(line)
            else:
                self._directive(line)
        self._settle()
        while len(self._blocks) > 1:
            block = self._blocks[-1]
            self._report(
                block.opened_at, f"the block {shown(block.name or '{')} is not closed: a }} is missing", "structure"
            )
            self._leave()
        return Tree(tuple(self._blocks[0].directives), self._sorted_problems())

    def _sorted_problems(self) -> Tuple[Problem, ...]:
        """Return the problems in the order of the text: many are found only some lines later."""
        files = list(dict.fromkeys(file for file, _line, _message in self._problems))
        return tuple(sorted(self._problems.values(), key=lambda each: (files.index(each.place.file), each.place[1:])))

    def _directive(self, line: SourceLine) -> None:
        self._settle()
        block = self._blocks[-1]
        found, unclosed = words(line.text)
        if not found or not self._allowance.spend(WORD_COST * len(found), line):
            return
        known = keywords.find(block.grammar, found[0][0]) if block.grammar is not None else None
        if known is not None and known.command:
            found, unclosed = command_words(line.text)
        if unclosed:
            self._report(line.place(found[-1][1]), "a quote is not closed on this line", "syntax")
        seen = self._redaction.shown(line, [text for text, _offset in found])
        file, number, columns = line.file, line.number, line.columns
        placed = tuple([Word(text, Place(file, number, columns[offset])) for text, offset in found])
        self._pending = _Pending(placed, seen, known)
        if "$" in line.text:
            self._refuse_undefined(self._pending)

    def _refuse_undefined(self, line: _Pending) -> None:
        for text, word in zip(line.shown, line.words):
            if text.startswith("$") and UNDEFINED.match(text):
                self._report(
                    word.place, f"{shown(text)} is not defined: keepalived takes it as it is written", "unknown"
                )

    def _settle(self, braced: bool = False) -> None:
        """Put the pending line into its block; `braced`: a { follows it."""
        if self._pending is None:
            return
        pending, self._pending = self._pending, None
        line, known = pending.words, pending.known
        block = self._blocks[-1]
        if len(self._problems) < PROBLEMS:
            for message, kind in refusals(block.grammar, block.name, pending.shown, known, braced):
                self._report(line[0].place, message, kind)
        self._refuse_second(block, pending)
        if not braced and (known is None or known.block is None):
            block.directives.append(Directive(line))
        elif len(self._blocks) <= DEPTH:
            self._blocks.append(
                _Block(keywords.inside(block.grammar, line[0].text), line[0].place, line, pending.shown[0])
            )
        else:
            self._report(line[0].place, f"blocks stand in each other {DEPTH} deep: this one is read as empty", "limit")
            block.directives.append(Directive(line, ()))
            self._blocks.append(_Block(None, line[0].place, directives=[]))

    def _refuse_second(self, block: _Block, pending: _Pending) -> None:
        """Report a second keyword, block or value where keepalived heeds only the first."""
        line, known = pending.shown, pending.known
        if HIDDEN in line:
            return
        if known is not None and known.unique and len(line) > 1:
            what = f"{known.name} {shown(line[1])}"
        elif known is not None and known.once:
            what = known.name
        elif block.grammar in ONCE_A_VALUE and block.name != "static_ipaddress":
            what = f"{block.name}: {shown(line[0].partition('/')[0])}"
        else:
            return
        place = pending.words[0].place
        first = block.seen.setdefault(what, place)
        if first is not place:
            self._report(place, f"{what} is already given at {first}: keepalived ignores this one", "duplicate")

    def _open(self, brace: SourceLine) -> None:
        if self._pending is not None:
            self._settle(braced=True)
            return
        self._report(brace.place(), "{ without a keyword before it: keepalived ignores it, but not its }", "structure")
        outer = self._blocks[-1]
        self._blocks.append(_Block(outer.grammar, brace.place(), directives=outer.directives))

    def _close(self, brace: SourceLine) -> None:
        self._settle()
        if len(self._blocks) > 1:
            self._leave()
        else:
            self._report(brace.place(), "} without a { before it: is a block closed too early?", "structure")

    def _leave(self) -> None:
        block = self._blocks.pop()
        if block.words:
            self._blocks[-1].directives.append(Directive(block.words, tuple(block.directives)))

    def _report(self, place: Place, message: str, kind: str) -> None:
        if len(self._problems) < PROBLEMS:
            if not message.isprintable():
                message = "".join(char if char.isprintable() else repr(char)[1:-1] for char in message)
            self._problems.setdefault((place.file, place.line, message), Problem(place, message, kind))
