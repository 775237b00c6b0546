# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the files of a configuration, and follow `include` lines (keepalived.conf(5), lib/parser.c)."""

from __future__ import annotations

import glob
import os
import posixpath
import re
import stat
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from ...basics.errors import HaLbError
from .allowance import LINE_COST, Allowance, Report
from .lexer import BLANK, LINE_BYTES, SourceLine, lines, too_long, uncomment

FILE_MEGABYTES = 4
DEPTH = 30
FILES = 1000

INCLUDE = re.compile(r"include([rmwba]?)[ \t\f\v]+(.*)\Z", re.DOTALL)
GLOB_CHARACTERS = re.compile(r"[*?\[{]")
BRACES = re.compile(r"\{([^{}]*)\}")

Reader = Callable[[str, str], Sequence[Tuple[str, str]]]
"""Takes an include pattern and the including file, returns (path, text) of every match; raises OSError."""


def read_file(path: Path) -> str:
    """Return the text of a configuration file; bytes that are not UTF-8 become U+FFFD.

    Raises HaLbError when it cannot be read, is no regular file, or has more than 4 MB.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise HaLbError(f"{path}: cannot be read: it is not a file")
        with path.open("rb") as file:
            content = file.read(FILE_MEGABYTES * 1_000_000 + 1)
    except (OSError, ValueError) as error:
        raise HaLbError(f"{path}: cannot be read: {_reason(error)}") from error
    if len(content) > FILE_MEGABYTES * 1_000_000:
        raise HaLbError(f"{path}: is larger than {FILE_MEGABYTES} MB, so it is not read as a configuration")
    return content.decode("utf-8", "replace")


def read_includes(pattern: str, including: str) -> List[Tuple[str, str]]:
    """Return (path, text) of the files that a pattern matches, relative to the including file, in keepalived's order.

    Raises OSError when one of them cannot be read, is executable, or all together have more than 4 MB.
    """
    folder = posixpath.dirname(including)
    matches = [
        path
        for alternative in _alternatives(pattern)
        for path in sorted(glob.glob(posixpath.join(glob.escape(folder), alternative)))
    ]
    try:
        return _texts(pattern, [path for path in matches if not os.path.isdir(path)])
    except HaLbError as error:
        raise OSError(str(error)) from error


def _texts(pattern: str, paths: Sequence[str]) -> List[Tuple[str, str]]:
    out: List[Tuple[str, str]] = []
    length = 0
    for path in paths[: FILES + 1]:
        out.append((path, _read_included(Path(path))))
        length += len(out[-1][1])
        if length > FILE_MEGABYTES * 1_000_000:
            raise HaLbError(f"{pattern}: its files are larger than {FILE_MEGABYTES} MB together, so they are not read")
    return out


def _read_included(path: Path) -> str:
    if path.is_file() and path.stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH):
        raise HaLbError(f"{path}: is executable, and keepalived does not read such a file")
    return read_file(path)


def _alternatives(pattern: str) -> List[str]:
    """Expand `{a,b}` in a pattern as glob(3) does with GLOB_BRACE, inner braces first, up to 1000 patterns."""
    out = [pattern]
    done: List[str] = []
    while out and len(done) + len(out) <= FILES:
        first = out.pop(0)
        match = BRACES.search(first)
        if match is None:
            done.append(first)
        else:
            out = [first[: match.start()] + each + first[match.end() :] for each in match.group(1).split(",")] + out
    return done


class Includes:
    """Yields the lines of a file and of the files that it includes, and limits their depth and number."""

    def __init__(self, read: Optional[Reader], allowance: Allowance, report: Report) -> None:
        self._read = read
        self._allowance = allowance
        self._report = report
        self._open: List[str] = []
        self._files = 0
        self._include_lines = 0

    def lines_of(self, text: str, file: str) -> Iterator[SourceLine]:
        """Yield the lines of a file without comments. Empty lines stay: they end a definition of several lines."""
        self._open.append(file)
        for line in lines(text, file):
            if not line.text:
                yield line
                continue
            content = self._cleaned(line)
            if content.text:
                yield content
            elif not self._allowance.spend(LINE_COST + len(line.text), line):
                break
        self._open.pop()

    def _cleaned(self, line: SourceLine) -> SourceLine:
        """Return the line without its comment, empty if keepalived cannot read it; report what is wrong with it."""
        if "\0" in line.text:
            self._report(
                line.place(line.text.index("\0")), "keepalived cannot read a line with a NUL character", "structure"
            )
            return line.cut(0, 0)
        if too_long(line.text):
            message = f"keepalived cannot read a line of more than {LINE_BYTES} bytes: nothing of it counts"
            self._report(line.place(), message, "limit")
            return line.cut(0, 0)
        content, unclosed = uncomment(line)
        if unclosed:
            self._report(content.place(content.text.rindex('"')), "a quote is not closed on this line", "syntax")
        return content

    def follow(self, line: SourceLine) -> Optional[Iterator[SourceLine]]:
        """Return the lines of the files that this line includes; None when it is no include line."""
        match = INCLUDE.match(line.text)
        if match is None:
            return None
        pattern = match.group(2).strip(BLANK)
        place = line.place()
        problem = self._refusal(pattern)
        if problem:
            self._report(place, problem, "include")
            return iter(())
        self._include_lines += 1
        try:
            found = self._read(pattern, line.file) if self._read else ()
        except (OSError, ValueError) as error:
            self._report(place, f"{pattern} cannot be included: {_reason(error)}", "include")
            return iter(())
        if not found and (match.group(1) in ("w", "a") or not GLOB_CHARACTERS.search(pattern)):
            self._report(place, f"there is no file {pattern} to include; keepalived goes on without it", "include")
        return self._lines_of_all(found, line)

    def _refusal(self, pattern: str) -> str:
        if self._read is None:
            return f"{pattern} cannot be included: only this text is known, no other files"
        if self._include_lines >= FILES:
            return f"{pattern} is not included: more than {FILES} lines include something"
        if len(self._open) >= DEPTH:
            return f"{pattern} is not included: files include each other {DEPTH} deep"
        if '"' in pattern:
            return f"{pattern} cannot be included: keepalived takes the quotes for a part of the name"
        return ""

    def _lines_of_all(self, found: Sequence[Tuple[str, str]], line: SourceLine) -> Iterator[SourceLine]:
        for file, text in found:
            self._files += 1
            if file in self._open:
                self._report(line.place(), f"{file} includes itself; keepalived would never finish", "limit")
            elif self._files > FILES:
                self._report(line.place(), f"{file} is not included: there are more than {FILES} files", "limit")
            else:
                yield from self.lines_of(text, file)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
