# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases of a program: which have a known fault that others can use, and which are past their end.

A table says only what is known on its day. It is advice: nothing is refused by it, and a version that it does not know
has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Optional, Sequence, Tuple

from ..basics.wording import listed

Version = Tuple[int, ...]

# Upstream's own packages, which have what upstream mended and no more, are known by their versions: 3.2.1-1~bpo12+1
# (haproxy.debian.net), 1.30.1-1~bookworm (nginx.org), 3.2.1-1ppa1~noble. A distribution's have fixes of their own under
# the same upstream version, also where they are built again for an older release: 3.0.11-1+deb13u2~bpo12+1.
UPSTREAM = re.compile(r"(?:[0-9]+:)?([0-9]{1,9}(?:\.[0-9]{1,9}){1,3})-[0-9]+(?:ppa[0-9]+)?~[a-z]")
MOST_NAMED = 3  # faults in one sentence
NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}\Z")


@dataclass(frozen=True)
class Fault:
    """A fault that somebody else can use, as a rule from afar.

    Releases have it from `since` on. `fixed` has the first without it of every branch that got one; branches after the
    last of these never had it. `needs` is an option without which no build of ours has the part that is at fault.
    """

    name: str
    what: str
    since: str
    fixed: Tuple[str, ...]
    source: str
    needs: str = ""


@dataclass(frozen=True)
class Branch:
    """Releases that begin with these numbers, and the day (2026-01-31) after which nobody mends them."""

    name: str
    end: str


@dataclass(frozen=True)
class Releases:
    """What was known of a program on the day `as_of`; `source` says whose branches these are.

    Before the first of `branches` all are past their end. Of what comes after the last, nothing is known.
    """

    program: str
    as_of: str
    source: str
    branches: Tuple[Branch, ...] = ()
    faults: Tuple[Fault, ...] = ()


def upstream_of(package: str) -> str:
    """Return the upstream version of a package that is upstream's own; of a distribution's own, the empty string."""
    found = UPSTREAM.match(package)
    return found[1] if found else ""


def shortcomings(
    version: str, releases: Releases, today: str, options: Optional[Sequence[str]] = None
) -> Iterator[str]:
    """Yield what is known against a version, as sentences: its faults, and its end where `today` is after it.

    `options` are those of a build of ours, None: anything may be built in. `today` is as 2026-01-31.
    """
    if not NUMBERS.match(version):
        return
    numbers, known = _numbers(version), f"as of {releases.as_of}, {releases.source}"
    possible = [each for each in releases.faults if _built_in(each, options)]
    faults = [each for each in possible if _has(numbers, each)]
    if faults:
        has, them = ("a known fault", "it") if len(faults) == 1 else ("known faults", "them")
        better = _next_without(numbers, possible, releases, today)
        remedy = f"{better} is the next release without {them}" if better else f"no release is known without {them}"
        yield f"{releases.program} {version} has {has}: {_named(faults)}; {remedy} ({known})"
    ended = _ended(numbers, releases.branches, today)
    if ended:
        yield f"{releases.program} {version} {ended}: what is found in it is mended no more ({known})"


def _numbers(version: str) -> Version:
    return tuple(int(part) for part in version.split("."))


def _has(numbers: Version, fault: Fault) -> bool:
    fixed = [_numbers(each) for each in fault.fixed]
    mended = any(each[:2] == numbers[:2] and numbers >= each for each in fixed)
    return _numbers(fault.since) <= numbers < max(fixed) and not mended


def _built_in(fault: Fault, options: Optional[Sequence[str]]) -> bool:
    return options is None or not fault.needs or any(each.split("=")[0] == fault.needs for each in options)


def _named(faults: Sequence[Fault]) -> str:
    named = [f"{each.name} ({each.what})" for each in faults[:MOST_NAMED]]
    return listed([*named, *([f"{len(faults) - MOST_NAMED} more"] if len(faults) > MOST_NAMED else [])])


def _next_without(numbers: Version, possible: Sequence[Fault], releases: Releases, today: str) -> str:
    """Return the next release that has none of the possible faults, of a branch that is mended; or the empty string."""
    for each in sorted(_numbers(fixed) for fault in possible for fixed in fault.fixed):
        sound = not any(_has(each, fault) for fault in possible)
        if each > numbers and sound and not _ended(each, releases.branches, today):
            return ".".join(map(str, each))
    return ""


def _ended(numbers: Version, branches: Sequence[Branch], today: str) -> str:
    """Return since when a version's branch is past its end, as the rest of a sentence; nothing if it is not."""
    if branches and numbers < _numbers(branches[0].name):
        return f"is older than {branches[0].name}, which is past its end since {branches[0].end}"
    for each in branches:
        name = _numbers(each.name)
        if numbers[: len(name)] == name and each.end < today:
            return f"is past its end since {each.end}"
    return ""
