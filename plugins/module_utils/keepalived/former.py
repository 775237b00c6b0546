# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that were only taken out of the inventory: told nothing any more, each would take every VIP."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from ..errors import Refused
from .lint_input import read_configs


def former_peers(configs: Sequence[Mapping[str, Any]], nodes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the unicast peers of the configurations that are there which are no addresses of nodes."""
    known: set[object] = set()
    try:
        there = read_configs(configs)
    except Refused:  # which site replaces
        return []
    for node in nodes:
        addresses = node["address"]
        known.update(addresses if isinstance(addresses, (list, tuple)) else [addresses], [node["ansible_host"]])
    peers = {str(peer.ip) for node in there for each in node.instances for peer in each.peers or ()}
    return sorted(peers - {str(each) for each in known})
