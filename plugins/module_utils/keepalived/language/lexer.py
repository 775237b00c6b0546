# SPDX-License-Identifier: GPL-3.0-or-later
"""Split a configuration into lines and words: comments, quotes and braces (keepalived's lib/parser.c)."""

from __future__ import annotations

import re
from array import array
from typing import Callable, Iterator, List, Match, NamedTuple, Optional, Sequence, Tuple

from .tree import Place

LINE_BYTES = 1022
"""The size of keepalived's line buffer."""

BLANK = " \t"
SPACE = " \t\f\n\r\v"
MARKED = re.compile(r'[!#"]|\\.?', re.DOTALL)
BRACE_OR_QUOTE = re.compile(r'[{}"]')
PLAIN_WORD = re.compile(r"[^ \t\f\n\r\v]+")
WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<open>".*)|(?P<plain>[^ \t\f\n\r\v"]+)', re.DOTALL)
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|c(.)|([0-7]{1,3})|(.))", re.DOTALL)
WITHIN = {
    "": re.compile(r"[^ \t\f\n\r\v\"'\\]+"),
    '"': re.compile(r'[^"\\]+'),
    "'": re.compile(r"[^'\\]+"),
}
"""By the quote that is open: runs of characters without a special meaning."""

CONTROLS = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

COLUMNS = array("I", range(1, LINE_BYTES + 1))

Pieces = List[Tuple[str, int]]
"""(word, offset in its line)."""


class SourceLine(NamedTuple):
    """A line or a part of one; `columns` has, for every character, its column in the file."""

    text: str
    file: str
    number: int
    columns: array[int]

    def place(self, offset: int = 0) -> Place:
        """Return the place of the character at `offset`."""
        column = self.columns[offset] if offset < len(self.columns) else 1
        return Place(self.file, self.number, column)

    def with_text(self, text: str) -> SourceLine:
        """Return another text, all of it at the place where this line begins."""
        return SourceLine(text, self.file, self.number, array("I", (self.place().column,)) * len(text))

    def cut(self, start: int, end: int) -> SourceLine:
        """Return a part of the line."""
        return SourceLine(self.text[start:end], self.file, self.number, self.columns[start:end])

    def trimmed(self, start: int = 0, end: Optional[int] = None) -> SourceLine:
        """Return the line, or a part of it, without the blanks at both ends."""
        text = self.text[start:end]
        content = text.strip(BLANK)
        length = len(content)
        if length == len(self.text):
            return self
        start += text.find(content)
        return SourceLine(content, self.file, self.number, self.columns[start : start + length])

    def replaced(self, start: int, end: int, text: str) -> SourceLine:
        """Return the line with `text` in place of start:end, all of it at the place where that part began."""
        columns = self.columns[:start] + array("I", (self.place(start).column,)) * len(text) + self.columns[end:]
        return SourceLine(self.text[:start] + text + self.text[end:], self.file, self.number, columns)


def lines(text: str, file: str) -> Iterator[SourceLine]:
    """Yield the lines of a file, without newline and carriage return."""
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.rstrip("\r")
        length = len(content)
        columns = COLUMNS[:length] if length <= LINE_BYTES else array("I", range(1, length + 1))
        yield SourceLine(content, file, number, columns)


def too_long(text: str) -> bool:
    """Tell whether a line has more bytes than keepalived can read."""
    return len(text) > LINE_BYTES // 4 and len(text.encode("utf-8", "replace")) > LINE_BYTES


def uncomment(line: SourceLine) -> Tuple[SourceLine, bool]:
    """Return a line without its comment and surrounding blanks, and whether it has an unclosed quote.

    A backslash at the end continues the line, even from within a comment (keepalived before 2.4): it is kept.
    """
    text = line.text
    if not MARKED.search(text):
        return line.trimmed(), False
    kept, quote, start, end = [], False, 0, len(text)
    for match in MARKED.finditer(text):
        mark = match.group()
        if mark == '"':
            quote = not quote
        elif not quote and mark in ("#", "!"):
            end = match.start()
            break
        elif not quote and mark in ("\\#", "\\!"):
            kept.append(line.cut(start, match.start()))
            start = match.start() + 1
    continued = (len(text) - len(text.rstrip("\\"))) % 2
    kept.append(line.cut(start, len(text) - 1 if end == len(text) and continued else end))
    content = (joined(kept) if len(kept) > 1 else kept[0]).trimmed()
    return (joined((content, line.cut(len(text) - 1, len(text)))) if continued else content), quote


def joined(parts: Sequence[SourceLine]) -> SourceLine:
    """Join parts of one line."""
    columns = array("I")
    for part in parts:
        columns.extend(part.columns)
    return SourceLine("".join([part.text for part in parts]), parts[0].file, parts[0].number, columns)


def brace_at(text: str) -> int:
    """Return the offset of the first brace that is not quoted, or -1."""
    at = 0
    while True:
        found = BRACE_OR_QUOTE.search(text, at)
        if found is None:
            return -1
        if found.group() != '"' or text[0] in "{}":
            return found.start()
        at = text.find('"', found.end()) + 1
        if not at:
            return -1


def words(text: str) -> Tuple[Pieces, bool]:
    """Split a line into words without their quotes, and tell whether a quote is not closed (its rest is one word)."""
    if '"' not in text:
        return [(match.group(), match.start()) for match in PLAIN_WORD.finditer(text)], False
    out: Pieces = []
    for match in WORD.finditer(text):
        if match.lastgroup == "open":
            out.append((match.group()[1:], match.start()))
            return out, True
        out.append((match.group(str(match.lastgroup)), match.start()))
    return out, False


def command_words(text: str) -> Tuple[Pieces, bool]:
    """Split a line with a command, as keepalived does: at single and double quotes; escapes are kept."""
    return _shell_words(text, lambda escape: (escape.group(), escape.end()))


def arguments_of(command: str) -> Sequence[str]:
    """Split a command into the argv that keepalived executes, with escapes as in a shell's $'…'."""
    return tuple(word for word, _offset in _shell_words(command, _unescaped)[0])


def _shell_words(text: str, read_escape: Callable[[Match[str]], Tuple[str, int]]) -> Tuple[Pieces, bool]:
    out: Pieces = []
    at, end = 0, len(text)
    quote = ""
    while at < end:
        if text[at] in SPACE:
            at += 1
            continue
        start, chars = at, []
        while at < end and (quote or text[at] not in SPACE):
            plain = WITHIN[quote].match(text, at)
            if plain is not None:
                chars.append(plain.group())
                at = plain.end()
                continue
            char = text[at]
            escape = ESCAPE.match(text, at)
            at += 1
            if escape is not None:
                char, at = read_escape(escape)
                chars.append(char)
            elif char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            else:
                chars.append(char)
        out.append(("".join(chars), start))
    return out, bool(quote)


def _unescaped(escape: Match[str]) -> Tuple[str, int]:
    """Return the character for an escape, and the offset after it."""
    by_hex, control, octal, other = escape.groups()
    if by_hex is not None:
        char = chr(int(by_hex, 16))
    elif control is not None:
        char = chr(ord(control) & 0x1F)
    elif octal is not None:
        char = chr(int(octal, 8) & 0xFF)
    else:
        char = CONTROLS.get(other, other)
    return char, escape.end()
