# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences about nodes and their values."""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, Iterable, List, Mapping, Sequence

FEW = 10


def listed(names: Iterable[str]) -> str:
    """Return `a, b and c`; the empty string for no names."""
    known = list(names)
    return f"{', '.join(known[:-1])} and {known[-1]}" if len(known) > 1 else "".join(known)


def few(names: Iterable[object]) -> str:
    """Return names with commas, for a finding that says which there are; of many, the first ten and their number."""
    known = list(map(str, names))
    more = f" and {len(known) - FEW} more" if len(known) > FEW else ""
    return ", ".join(known[:FEW]) + more


def grouped(values: Mapping[str, str]) -> List[List[str]]:
    """Return the nodes with equal values as groups, the largest first; groups of one size in their order."""
    same: DefaultDict[str, List[str]] = defaultdict(list)
    for node, value in values.items():
        same[value].append(node)
    return sorted(same.values(), key=len, reverse=True)


def odd(groups: Sequence[Sequence[str]]) -> str:
    """Return the node to report: the first of the second largest group, as `grouped` returns them."""
    return groups[1][0]


def differ(values: Mapping[str, str], what: str) -> str:
    """Return `lb1 and lb3 have advert_int 1 and lb2 has 2`; an empty value means that a node has none."""
    parts = []
    for number, names in enumerate(grouped(values)):
        value = values[names[0]]
        text = (f"{what} {value}" if value else f"no {what}") if number == 0 else value or "none"
        parts.append(f"{listed(names)} {'have' if len(names) > 1 else 'has'} {text}")
    return " and ".join(parts)
