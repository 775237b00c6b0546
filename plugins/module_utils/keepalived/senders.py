# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose adverts a node takes, as far as that is certain: nobody must ever be shut out who may be a peer.

With unicast, keepalived takes adverts from its peers' addresses alone, and so do we. With multicast it takes them from
anybody; a peer sends from the first IPv4 address of its interface, or from a link-local IPv6 one, which nobody knows.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..basics.errors import Finding
from ..vrrp.host import Interface, at_rest, interface_of, read_interfaces
from ..vrrp.model import Cluster, Node, Vip


def vrrp_senders(
    instances: Sequence[Mapping[str, Any]], transport: str, interfaces: Any, wanted: bool = True
) -> list[str]:
    """Return a line for every address family in which all senders are known, as keepalived.conf has it in a comment.

    `instances` are those of instances_of, `interfaces` those of the node; without `wanted`, nothing. Raises Refused.
    """
    own = {each.name: each.own for each in read_interfaces(interfaces)}
    lines = []
    for family in ("ipv4", "ipv6"):
        here = [each for each in instances if each["family"] == family]
        if wanted and here and all(_certain(each, transport, own) for each in here):
            peers = sorted({peer for each in here for peer in each["peers"]})
            lines.append(f"VRRP over {family} comes from these alone: {', '.join(peers)}".rstrip())
    return lines


def _certain(instance: Mapping[str, Any], transport: str, own: Mapping[str, Any]) -> bool:
    if not instance["knows_peers"]:
        return False
    return transport == "unicast" or instance["source"] in own.get(instance["interface"], ())


def unlike_senders(cluster: Cluster, hosts: Mapping[str, Sequence[Interface]]) -> Iterator[Finding]:
    """Yield a finding for every node whose multicast its peers would drop: others send as the inventory says.

    `hosts` are the interfaces by node. Where none does, nothing is dropped.
    """
    if cluster.settings.transport != "multicast":
        return
    for vip in cluster.vips:
        there = [node for node in cluster.nodes if node.name in hosts and vip.may_be_on(node.name)]
        sent = {node.name: _sent_from(vip, hosts[node.name], cluster) for node in there}
        unlike = [node for node in there if node.peer_address(vip, "ipv4") not in sent[node.name]]
        if vip.addresses_of("ipv4") and len(unlike) < len(there):
            yield from (_finding(vip, node, sorted(sent[node.name])) for node in unlike)


def _sent_from(vip: Vip, interfaces: Sequence[Interface], cluster: Cluster) -> frozenset[str]:
    """Return the address from which a node multicasts for a VIP; none where it is not known."""
    name = interface_of(vip, "ipv4", at_rest(interfaces, cluster.vips))
    return next((each.own for each in interfaces if each.name == name), frozenset())


def _finding(vip: Vip, node: Node, sent: Sequence[str]) -> Finding:
    said = node.peer_address(vip, "ipv4") or "nothing"
    return Finding(
        f"hostvars[{node.name}].ha_lb_address",
        f"is {said}, and the multicast adverts of {node.name} for {vip.name} come from "
        f"{', '.join(sent) or 'elsewhere'}: its peers would drop them; give that address, or set "
        "keepalived_drop_strangers to false",
    )
