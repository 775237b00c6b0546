# SPDX-License-Identifier: GPL-3.0-or-later
"""All conflicts in what one or more nodes heard on the wire."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from .ours import Heard, ours, read_instances
from .owners import wrong_owners
from .split import split_brains
from .strangers import conflict_of

KINDS = (
    "foreign_cluster",
    "split_brain",
    "spoof",
    "stale_peer",
    "carp",
    "address_in_use",
    "same_address_twice",
)


def conflicts(
    heard_by_node: Mapping[str, Sequence[Heard]],
    answers_by_node: Mapping[str, Sequence[Heard]],
    instances: Any,
    taken_vrids: Iterable[int] = (),
    macs: Iterable[str] = (),
) -> dict[str, Any]:
    """Return {conflicts, free_vrids}: every conflict once, however many nodes heard it, and the VRIDs that nobody uses.

    `heard_by_node` has the records of Survey.heard, `answers_by_node` those of Prober.answers, and `macs` are MACs of
    our nodes that are known from elsewhere. Raises Refused with every wrong value of the instances.
    """
    known = ours(read_instances(instances), heard_by_node, answers_by_node, taken_vrids, macs)
    found = [conflict_of(heard, node, known) for node, records in sorted(heard_by_node.items()) for heard in records]
    found += split_brains(heard_by_node, known)
    found += wrong_owners(answers_by_node, known)
    by_name: dict[str, dict[str, Any]] = {}
    for conflict in found:
        if conflict is not None:
            by_name.setdefault(conflict.name, conflict._asdict())
    return {"conflicts": [by_name[name] for name in sorted(by_name)], "free_vrids": list(known.free)}
