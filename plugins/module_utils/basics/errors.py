# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the core. Modules and filters translate HaLbError into an error of Ansible, in one place each."""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, NamedTuple, Tuple

ALIKE_SHOWN = 5
MOST_SHOWN = 50
VARYING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[0-9]+|\[[^\]]*\]")
"""What differs between findings of one kind: what is quoted, numbers, and in paths what stands in brackets."""

NAMED = re.compile(r"\[([^\]0-9][^\]]+)\]")


class HaLbError(Exception):
    """Base of every error of this collection; its text is one sentence for the user."""


class Finding(NamedTuple):
    """One wrong value of the input: its path, such as `ha_lb_vips[0].vrid`, and one sentence about it."""

    path: str
    message: str

    def __str__(self) -> str:
        """Return it on one line, whatever the path has for keys."""
        text = f"{self.path}: {self.message}"
        return text if text.isprintable() else "".join(map(_visible, text))


class Refused(HaLbError):
    """The input is not accepted; `findings` has every wrong value, not just the first. Its text is `told`, by lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        self.told = told(self.findings)
        super().__init__("\n".join(str(finding) for finding in self.told))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def told(findings: Iterable[Finding]) -> Tuple[Finding, ...]:
    """Return at most 50 findings, in their order: those alike but for names and numbers are counted after the fifth."""
    by_kind: Dict[Tuple[str, str], List[int]] = {}
    known = list(findings)
    for at, finding in enumerate(known):
        by_kind.setdefault(_kind(finding), []).append(at)
    shown = dict(enumerate(known))
    for places in by_kind.values():
        last, *beyond = places[ALIKE_SHOWN - 1 :] or [0]
        if beyond:
            shown[last] = _counting(known[last], len(beyond), " like it")
        for at in beyond:
            del shown[at]
    left = list(shown.values())
    if len(left) > MOST_SHOWN:
        left[MOST_SHOWN - 1 :] = [_counting(left[MOST_SHOWN - 1], len(left) - MOST_SHOWN, "")]
    return tuple(left)


def _kind(finding: Finding) -> Tuple[str, str]:
    """Return what is equal of findings of one kind: their texts without names, numbers and what is quoted."""
    message = finding.message
    for name in NAMED.findall(finding.path):
        message = message.replace(name, "#")
    return VARYING.sub("#", finding.path), VARYING.sub("#", message)


def _counting(finding: Finding, beyond: int, what: str) -> Finding:
    return Finding(finding.path, f"{finding.message} (and {beyond} more{what})")
