# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxies beside a keepalived, from the facts of its node: what the engines read of their own files."""

from __future__ import annotations

from typing import Tuple

from ....engines.catalogue import ENGINES
from ....engines.contract.bind import Bind
from ....engines.haproxy.config import Line, Section, sections
from ...config.model import ConfiguredNode
from ...language.tree import Place


def haproxy(node: ConfiguredNode) -> Tuple[Section, ...]:
    """Return the sections of a node's haproxy.cfg; none where it is not known."""
    return sections(str(node.facts.get("haproxy_cfg", "")))


def binds(node: ConfiguredNode) -> Tuple[Bind, ...]:
    """Return where the proxies of a node listen."""
    known = [engine.configuration for engine in ENGINES if engine.configuration]
    return tuple(bind for each in known for bind in each.binds(str(node.facts.get(each.fact, ""))))


def place_of(found: Bind | Line) -> Place:
    """Return where that stands, as findings have it."""
    return Place(*found.place)
