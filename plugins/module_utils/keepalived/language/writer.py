# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a tree as keepalived.conf. Parsing that text gives the same tree again."""

from __future__ import annotations

import re
from typing import Iterator, Optional, Sequence

from . import keywords
from .tree import Directive, Tree

INDENT = "    "
NEEDS_QUOTES = re.compile(r"[ \t\f\n\r\v{}#!]|\A\Z")
NEEDS_QUOTES_FIRST = re.compile(r"[@~$]|include")
NEEDS_QUOTES_IN_COMMANDS = re.compile(r"""[ \t\f\n\r\v{}#!"']|\A\Z""")
RUNS = re.compile(r'(?:[^"\\]|\\.)+|"+|\\\Z', re.DOTALL)


def write(tree: Tree) -> str:
    """Return the text of a tree; comments, definitions and includes are already resolved in it."""
    return "".join(f"{line}\n" for line in _lines(tree.directives, keywords.TOP, ""))


def _lines(directives: Sequence[Directive], block: Optional[str], indent: str) -> Iterator[str]:
    for directive in directives:
        known = keywords.find(block, directive.keyword) if block is not None else None
        line = indent + _line(directive, known is not None and known.command)
        if directive.block is None:
            yield line
            continue
        yield f"{line} {{"
        yield from _lines(directive.block, keywords.inside(block, directive.keyword), indent + INDENT)
        yield f"{indent}}}"


def _line(directive: Directive, command: bool) -> str:
    first, *others = (word.text for word in directive.words)
    quoted = _in_command if command else _plain
    start = f'"{first}"' if NEEDS_QUOTES_FIRST.match(first) else quoted(first)
    return " ".join([start, *(quoted(each) for each in others)])


def _plain(text: str) -> str:
    return f'"{text}"' if NEEDS_QUOTES.search(text) else text


def _in_command(text: str) -> str:
    """Quote a word of a command. It still has its escapes, but its own quotes must be protected."""
    if not NEEDS_QUOTES_IN_COMMANDS.search(text):
        return text
    runs = RUNS.findall(text)
    if not any(run.startswith('"') for run in runs):
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return "".join(f"'{run}'" if run.startswith('"') else f'"{run}"' for run in runs)
