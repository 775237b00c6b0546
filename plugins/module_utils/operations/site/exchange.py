# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes between a proxy and the kernel, which take more than the exchange of a unit."""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Mapping, Sequence

from ...cluster.record import Record

VIRTUAL_SERVER = re.compile(r"^virtual_server ", re.MULTILINE)
FIRST = "run remove for the cluster first, and then site"


def exchange_refusals(record: Record, engines: Sequence[Mapping[str, Any]]) -> List[str]:
    """Return a sentence for every node on which a proxy would take the place of virtual servers, or they of it.

    `engines` are as engines.catalogue.engine_units has them, the chosen one first. Of the record this reads `before`
    and `config`.
    """
    return [reason for node, known in record.items() for reason in _of_node(node, known, engines)]


def _of_node(node: str, known: Mapping[str, Any], engines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    chosen, *others = engines
    units = (known.get("before") or {}).get("units") or ()
    config = ((known.get("config") or {}).get("config") or {}).get("content") or ""
    if not chosen["unit"]:
        for other in (each["unit"] for each in others if each["unit"] in units):
            yield f"ha_lb_engine: is {chosen['name']}, and {other} serves on {node}: {FIRST}"
    elif "keepalived" in units and VIRTUAL_SERVER.search(str(config)):
        yield f"ha_lb_engine: is {chosen['name']}, and keepalived has virtual servers on {node}: {FIRST}"
