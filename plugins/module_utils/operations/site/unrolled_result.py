# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a change that cannot be rolled, and how `site` loads it: sentences for people, data for playbooks."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ...basics.errors import Refused
from ...cluster.variables import settings_given
from ...keepalived.config.input import read_texts
from ...keepalived.config.model import TAKES_ANY_LIST, ConfiguredNode
from ...keepalived.config.read import MULTICAST
from ...keepalived.config.routers import routers_of_configs
from ...vrrp.layout import lay_out
from ...vrrp.read import survey
from ...vrrp.settings import read_settings
from ...vrrp.simulation.routers import Generation, Router, routers_of
from .shortest_split import Cost, best_way, cost_of_a_roll
from .unrolled import UnrolledChange, unrolled

NONE: Mapping[str, Any] = MappingProxyType({"changes": [], "nodes": [], "at_once": False, "says": [], "findings": []})
SHOWN = 3  # names of instances in a sentence; the others are counted


def unrolled_changes(nodes: Any, variables: Mapping[str, Any], seen: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what cannot be rolled.

    `changes` has `{instance, what}`, `nodes` those of the simultaneous reload, `at_once` whether there is one (false
    where keepalived must be restarted), `addresses` (by node), `vips`, `last_waits_seconds`, `none_seconds` and
    `two_holders_seconds` (predicted), `says` (sentences) and `findings` (what blocks it). Without a change, only
    the keys of `NONE`.

    `seen` has `configs` (of M(keepalived_config)), `states` (of M(vrrp_info), by node), `auth_pass`, and the `nodes`
    of this run.
    """
    asked = list(seen.get("nodes") or ())
    states = seen.get("states") or {}
    running = [node for node in asked if (states.get(node) or {}).get("running", True)]
    try:
        configs = [each for each in seen.get("configs") or () if each.get("node") in running]
        now = read_texts(configs) if configs else ()
        after = _wanted(nodes, variables, str(seen.get("auth_pass") or ""), now)
    except Refused:  # reported by the check of the input, and by the linter
        return dict(NONE)
    before = [router for node in now for router in routers_of_configs([node])]
    changes = unrolled(before, after, asked)
    restarted = [node.name for node in now if _restarts(node, states.get(node.name) or {}, variables)]
    return _result(changes, restarted) if changes else dict(NONE)


def _wanted(
    nodes: Any, variables: Mapping[str, Any], password: str, now: Sequence[ConfiguredNode]
) -> Tuple[Router, ...]:
    """Return the routers that the inventory describes, with the fields that a configuration file gives.

    Raises Refused for a wrong input.
    """
    # The findings of the settings are reported by the check of the input
    settings = read_settings(settings_given(variables), lambda *_finding: None)
    of_whole = ("keepalived_sync_groups", "ha_lb_taken_vrids", "ha_lb_in_use")
    cluster, wrong = survey(
        nodes, variables.get("ha_lb_vips"), settings, *(variables.get(name) or () for name in of_whole)
    )
    if wrong:
        raise Refused(wrong)
    versions = {node.name: node.version for node in now}
    return tuple(
        replace(
            router,
            group=MULTICAST[router.family][1],
            auth=f"PASS {password}" if password and settings.version == 2 else "",
            generation=_generation(versions.get(router.node) or TAKES_ANY_LIST),
        )
        for router in routers_of(cluster, lay_out(cluster))
    )


def _generation(version: Tuple[int, ...]) -> Generation:
    return Generation.BEFORE_2_3_3 if version < TAKES_ANY_LIST else Generation.SINCE_2_3_3


def _restarts(node: ConfiguredNode, state: Mapping[str, Any], variables: Mapping[str, Any]) -> bool:
    """Tell whether keepalived must be restarted: it is not managed by us yet, or an instance gains or loses a VMAC."""
    ours = "keepalived" in state.get("units", ["keepalived"])
    vmac = bool(variables.get("keepalived_vmac"))
    return not ours or any(instance.has("use_vmac") != vmac for instance in node.instances)


def _result(changes: Sequence[UnrolledChange], restarted: Sequence[str]) -> Dict[str, Any]:
    parts = [part for change in changes for part in change.parts]
    nodes = sorted({part.after.node for part in parts})
    addresses = {part.after.node: part.before.address or part.after.address for part in parts}
    way = best_way(changes)
    how = _node_by_node(restarted) if restarted else _at_once(nodes, way.last_waits, way.cost, cost_of_a_roll(changes))
    return {
        "changes": [{"instance": each.instance, "what": each.what} for each in changes],
        "nodes": nodes,
        "at_once": not restarted,
        "addresses": addresses,
        "vips": sorted({ip for part in parts for ip in part.before.addresses}),
        "last_waits_seconds": round(way.last_waits, 3),
        "none_seconds": round(way.cost.none, 3),
        "two_holders_seconds": round(way.cost.two, 3),
        "says": [*(f"{names}: {what}" for what, names in _by_what(changes).items()), how],
        "findings": [*_left_out(changes), *([] if restarted else _unknown(addresses))],
    }


def _by_what(changes: Sequence[UnrolledChange]) -> Dict[str, str]:
    found: Dict[str, List[str]] = {}
    for change in changes:
        found.setdefault(change.what, []).append(change.instance)
    return {what: _names(names) for what, names in found.items()}


def _names(names: Sequence[str]) -> str:
    shown = [*names[:SHOWN], f"{len(names) - SHOWN} more"] if len(names) > SHOWN + 1 else [*names]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _at_once(nodes: Sequence[str], wait: float, cost: Cost, roll: Cost) -> str:
    later = f", the one that holds most VIPs {wait:.2f} s after the others" if wait else ""
    return (
        f"This cannot be rolled: keepalived on {_names(nodes)} reloads at one moment{later}. At worst, a VIP has two "
        f"holders for {cost.two * 1000:.0f} ms and none for {cost.none * 1000:.0f} ms; node by node, it would have two "
        f"for {roll.two:.0f} s or more."
    )


def _node_by_node(restarted: Sequence[str]) -> str:
    return (
        f"This cannot be rolled, and keepalived on {_names(restarted)} has to be restarted, so it goes node by node "
        "all the same: every VIP is served, and has two holders until the last node is done."
    )


def _left_out(changes: Sequence[UnrolledChange]) -> List[str]:
    """Return a finding for every change that `--limit` keeps from some nodes."""
    return [
        f"--limit: {change.instance}: {change.what}. This cannot be rolled, and {_names(change.left_out)} would stay "
        "as before and be active too: run it without --limit"
        for change in changes
        if change.left_out
    ]


def _unknown(addresses: Mapping[str, str]) -> List[str]:
    return [
        f"hostvars[{node}].ha_lb_address: is not known, and the nodes have to meet to change at one moment: give it"
        for node, address in addresses.items()
        if not address
    ]
