# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedulers of IPVS: those that the words of the model mean, and their flags (ipvsadm(8), --scheduler)."""

from __future__ import annotations

from typing import List, Tuple

from ...traffic.model import SCHEDULERS, Pool

MEANT = {"roundrobin": "wrr", "leastconn": "wlc", "source": "mh"}
"""By the words that mean the same; `mh` sends a client to the same server from every node."""
KNOWN = (*MEANT, *SCHEDULERS)
HASHING = ("sh", "mh")
BY_ADDRESS = (*HASHING, "dh")
"""Those by which nodes agree, whichever connections they know."""


def scheduler(algorithm: str) -> str:
    """Return the kernel's name for a word of the model that it has."""
    return MEANT.get(algorithm, algorithm)


def flags(pool: Pool) -> Tuple[str, ...]:
    """Return the flags of a pool's scheduler, as keepalived writes them."""
    name = scheduler(pool.algorithm)
    wanted: List[str] = [f"{name}-port"] if pool.layer4.hash_port else []
    return (*wanted, f"{name}-fallback") if pool.layer4.hash_fallback else tuple(wanted)
