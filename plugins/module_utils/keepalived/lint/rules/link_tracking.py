# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance tracks besides checks: its link, other interfaces and BFD sessions."""

from __future__ import annotations

from typing import Dict, Iterator, Sequence, Tuple

from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredInstance, ConfiguredNode
from .language import dotted

OPENS_ANEW_SINCE = (2, 3, 3)
"""The first version that opens a socket for every instance on an interface that was made again."""
FLAGS_HINDER_SINCE = (2, 2, 5)
"""From here on until then, it opened none for an instance with any flag: a test of two flags had become one of all."""
FLAGS = ("unicast_peer", "nopreempt", "mcast_src_ip", "track_src_ip", "dont_track_primary", "skip_check_adv_addr")


def _untracked(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if instance.has("dont_track_primary"):
                yield Found(
                    node.name,
                    instance.at("dont_track_primary"),
                    f"{instance.name} does not follow the link of {instance.interface or 'its interface'}",
                    effect=f"{node.name} stays active for {_first(instance)} without a link, beside a peer",
                )


def _first(instance: ConfiguredInstance) -> str:
    return instance.addresses[0].ip if instance.addresses else instance.name


def _needless_tracks(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for owner, interface, tracks in [
            *((each.name, each.interface, each.tracks) for each in node.instances),
            *((each.name, "", each.tracks) for each in node.groups),
        ]:
            for track in tracks:
                effect = _why_needless(track.kind, track.name, track.weight, interface)
                if effect:
                    weighted = f" weight {track.weight}" if track.weight else ""
                    yield Found(node.name, track.place, f"{owner} tracks {track.name}{weighted}", effect=effect)


def _why_needless(kind: str, name: str, weight: int, interface: str) -> str:
    if kind == "interface" and name == "lo":
        return "lo is never down, so this tells nothing"
    if kind == "interface" and name == interface:
        return "keepalived follows the instance's own interface anyway, and ignores this one"
    most = 254 if kind == "process" else 253
    if kind != "file" and abs(weight) > most:
        if abs(weight) == most + 1:
            return f"keepalived takes the nearest weight that it allows, {most if weight > 0 else -most}"
        return "keepalived refuses the weight, and takes that of the definition, or 0, which means FAULT"
    return ""


def _bfd_to_peer(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        peers = _peers(node, nodes)
        neighbours = {
            tracker.name: neighbour.arguments[0]
            for tracker in node.trackers
            for neighbour in [tracker.directive.last("neighbor_ip")]
            if tracker.kind == "bfd" and neighbour and neighbour.arguments
        }
        for instance in node.instances:
            for track in instance.tracks:
                peer = peers.get(neighbours.get(track.name, "")) if track.kind == "bfd" and not track.weight else None
                if peer:
                    yield Found(
                        node.name,
                        track.place,
                        f"{instance.name} goes to FAULT without BFD to {neighbours[track.name]}, and that is {peer}",
                        effect=f"when {peer} dies, {node.name} gives up its VIPs too",
                    )


def _peers(node: ConfiguredNode, nodes: Sequence[ConfiguredNode]) -> Dict[str, str]:
    """Return {address: node} of the other nodes; an unknown peer is named by its address."""
    found = {peer.ip: f"its peer {peer.ip}" for instance in node.instances for peer in instance.peers or ()}
    for other in nodes:
        if other is not node:
            found.update({instance.source: other.name for instance in other.instances if instance.source})
            for entry in other.facts.get("interfaces", ()):
                found.update({address.partition("/")[0]: other.name for address in entry.get("addresses", ())})
    return found


def _deafened(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        if node.version is None or node.version >= OPENS_ANEW_SINCE or node.facts.get("guarded") is True:
            continue
        for instance in node.instances:
            cause = _why_deafened(instance, node.version)
            if cause:
                interface = instance.interface or "its interface"
                yield Found(
                    node.name,
                    instance.at(cause, "interface"),
                    f"{node.name} has keepalived {dotted(node.version)}, and {instance.name} has {cause}",
                    effect=f"after {interface} was deleted and made again, {node.name} hears no peer, sends nothing, "
                    f"and says BACKUP or FAULT until keepalived is loaded anew",
                )


def _why_deafened(instance: ConfiguredInstance, version: Tuple[int, ...]) -> str:
    """Return the keyword because of which the instance gets no new socket, or the empty string."""
    if instance.has("use_vmac") or instance.has("use_ipvlan"):
        return ""
    causes = [each for each in FLAGS if instance.has(each)] if version >= FLAGS_HINDER_SINCE else []
    return "unicast_src_ip" if instance.has("unicast_src_ip") else causes[0] if causes else ""


RULES = (
    Rule(
        id="KA163",
        severity=Severity.WARNING,
        title="a link whose loss changes nothing",
        why="a node without a link stays active beside the one that took over",
        fix="remove dont_track_primary",
        evidence="keepalived.conf(5), dont_track_primary",
        check=_untracked,
    ),
    Rule(
        id="KA164",
        severity=Severity.WARNING,
        title="something is tracked that tells nothing, or with a weight that there is not",
        why="keepalived ignores it, or uses another weight",
        fix="track what the service needs besides its own interface, with weights from -253 to 253",
        evidence="keepalived.conf(5), track_interface",
        check=_needless_tracks,
    ),
    Rule(
        id="KA166",
        severity=Severity.WARNING,
        title="a node needs its peer to be alive",
        why="when one node dies the other goes to FAULT, and nobody is active",
        fix="let BFD watch a router that both need, or give it a weight",
        evidence="keepalived.conf(5), track_bfd",
        check=_bfd_to_peer,
    ),
    Rule(
        id="KA176",
        severity=Severity.WARNING,
        title="a keepalived that is deaf after its interface was made again",
        why="a bond or VLAN that is reconfigured, or a virtual NIC that is replaced, disables a node unnoticed",
        fix="use keepalived 2.3.3 or later, or reload keepalived after such a change, or let ha_lb-guard do that",
        evidence="acassen/keepalived #1847, commits a0ce04aa, 1383336f and b48f005a; measured",
        check=_deafened,
        needs=("keepalived_version", "guarded"),
    ),
)
