# SPDX-License-Identifier: GPL-3.0-or-later
"""From untrusted data to a Cluster: every wrong value is a Finding with its path, all at once."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .. import shape
from ..errors import Finding, Refused
from ..shape import Field, InterfaceAddress
from .layout import orders_of
from .model import PRIORITIES, VRIDS, Cluster, Node, Settings, Vip, family_of

OWNER_PRIORITY = {255: "255 belongs to the owner of the address, whose trackers keepalived ignores"}
priority = shape.integer(PRIORITIES[0], PRIORITIES[-1], OWNER_PRIORITY)

VIP = shape.record(
    {
        "name": Field(shape.name, required=True),
        "addresses": Field(shape.list_of(shape.interface_address, at_least=1), required=True),
        "interface": Field(shape.name),
        "vrid": Field(shape.integer(VRIDS[0], VRIDS[-1])),
        "prefer": Field(shape.list_of(shape.name, or_one=True), default=()),
        "priorities": Field(shape.mapping_of(priority)),
    }
)
NODE = shape.record(
    {
        "name": Field(shape.name, required=True),
        "addresses": Field(shape.list_of(shape.address, or_one=True), default=()),
        "ansible_host": Field(shape.host, default=""),
    }
)
SYNC_GROUP = shape.record(
    {"name": Field(shape.name, required=True), "vips": Field(shape.list_of(shape.name, at_least=1), required=True)}
)


def read_cluster(
    nodes: Any, vips: Any, settings: Settings = Settings(), sync_groups: Any = (), prefix: str = "ha_lb"
) -> Cluster:
    """Read a cluster; `prefix` names the variables in the paths of findings.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = shape.collector(findings)
    raw_nodes = shape.list_of(NODE, at_least=1)(nodes, f"{prefix}_nodes", report) or ()
    raw_vips = shape.list_of(VIP, at_least=1)(vips, f"{prefix}_vips", report) or ()
    raw_groups = shape.list_of(SYNC_GROUP)(sync_groups, "keepalived_sync_groups", report) or ()
    where = f"{prefix}_vips"
    names = tuple(each["name"] for each in raw_nodes if each)
    _check_unique(raw_nodes, "name", f"{prefix}_nodes", report)
    _check_unique(raw_vips, "name", where, report)
    _check_addresses(raw_vips, raw_nodes, where, report)
    _check_vrids(raw_vips, where, report)
    _check_node_names(raw_vips, names, where, report)
    _check_sync_groups(raw_groups, [each["name"] for each in raw_vips if each], report)
    if findings:
        raise Refused(findings)
    cluster = Cluster(
        tuple(_node(each) for each in raw_nodes),
        tuple(Vip(**each) for each in raw_vips),
        settings,
        {each["name"]: each["vips"] for each in raw_groups},
    )
    _check_families(cluster, where, report)
    _check_peers(cluster, where, report)
    _check_group_orders(cluster, report)
    if findings:
        raise Refused(findings)
    return cluster


def warnings_of(cluster: Cluster) -> list[str]:
    """What is allowed and yet worth a word."""
    if len(cluster.nodes) == 1:
        return [f"{cluster.nodes[0].name} is the only node: the cluster is not highly available until there is a second"]
    return []


def _node(raw: Mapping[str, Any]) -> Node:
    host = raw["ansible_host"] if shape.is_address(raw["ansible_host"]) else ""
    return Node(raw["name"], tuple(str(each) for each in raw["addresses"]), host)


def _valid(raw: Sequence[Any], key: str) -> list[tuple[int, Any]]:
    """Return (index, value) of the records in which `key` was read without a finding."""
    return [(index, each[key]) for index, each in enumerate(raw) if each and each[key] is not shape.INVALID]


def _check_unique(raw: Sequence[Any], key: str, where: str, report: shape.Report) -> None:
    seen: dict[Any, int] = {}
    for index, value in _valid(raw, key):
        if value in seen:
            report(f"{where}[{index}].{key}", f"{value} is already the {key} of {where}[{seen[value]}]")
        seen.setdefault(value, index)


def _check_addresses(vips: Sequence[Any], nodes: Sequence[Any], where: str, report: shape.Report) -> None:
    owners = {str(address): node["name"] for node in nodes if node for address in node["addresses"] or ()}
    owners.update({node["ansible_host"]: node["name"] for node in nodes if node and node["ansible_host"]})
    seen: dict[str, str] = {}
    for index, addresses in _valid(vips, "addresses"):
        for number, each in enumerate(addresses):
            if each is shape.INVALID:
                continue
            path = f"{where}[{index}].addresses[{number}]"
            address = str(each.ip)
            if address in seen:
                report(path, f"{address} is already in {seen[address]}")
            elif address in owners:
                report(path, f"{address} is the own address of {owners[address]}, and cannot move")
            elif not _can_be_virtual(each):
                report(path, f"{each} is not an address that a host can have")
            seen.setdefault(address, path)


def _can_be_virtual(each: InterfaceAddress) -> bool:
    whole = each.network.prefixlen >= each.max_prefixlen - 1
    edge = each.version == 4 and each.ip in (each.network.network_address, each.network.broadcast_address)
    return not (each.ip.is_multicast or each.ip.is_loopback or each.ip.is_unspecified or (edge and not whole))


def _check_vrids(vips: Sequence[Any], where: str, report: shape.Report) -> None:
    if len(vips) > len(VRIDS):
        report(where, f"{len(vips)} VIPs need more than the {len(VRIDS)} VRIDs of one segment: split them over two clusters")
    seen: dict[tuple[int, int], int] = {}
    for index, vrid in _valid(vips, "vrid"):
        addresses = [each for each in vips[index]["addresses"] or () if each]
        for version in sorted({each.version for each in addresses}):
            if vrid is not None and (vrid, version) in seen:
                first = seen[vrid, version]
                report(f"{where}[{index}].vrid", f"{vrid} is already the VRID of {where}[{first}] for IPv{version}")
            seen.setdefault((vrid, version), index)


def _check_node_names(vips: Sequence[Any], names: Sequence[str], where: str, report: shape.Report) -> None:
    for index, preferred in _valid(vips, "prefer"):
        for number, node in enumerate(preferred):
            if node and node not in names:
                report(f"{where}[{index}].prefer[{number}]", f"{node} is not a node of the cluster ({', '.join(names)})")
    for index, given in _valid(vips, "priorities"):
        if given is None:
            continue
        path = f"{where}[{index}].priorities"
        for node in given:
            if node not in names:
                report(f"{path}.{node}", f"{node} is not a node of the cluster ({', '.join(names)})")
        missing = [node for node in names if node and node not in given]
        if missing:
            report(path, f"says nothing of {', '.join(missing)}: give every node a priority, or none")
        values = [value for value in given.values() if value]
        if len(set(values)) < len(values):
            report(path, "gives two nodes the same priority, and both would become active")
        if vips[index]["prefer"]:
            report(path, "contradicts prefer: give one of them")


def _check_sync_groups(groups: Sequence[Any], vips: Sequence[str], report: shape.Report) -> None:
    grouped: dict[str, str] = {}
    for index, members in _valid(groups, "vips"):
        for number, vip in enumerate(members):
            path = f"keepalived_sync_groups[{index}].vips[{number}]"
            if vip not in vips:
                report(path, f"{vip} is not the name of a VIP ({', '.join(map(str, vips))})")
            elif vip in grouped:
                report(path, f"{vip} is already in {grouped[vip]}")
            grouped.setdefault(vip, path)


def _check_group_orders(cluster: Cluster, report: shape.Report) -> None:
    orders = orders_of([node.name for node in cluster.nodes], cluster.vips)
    by_name = {vip.name: vip for vip in cluster.vips}
    for index, (name, members) in enumerate(cluster.sync_groups.items()):
        first, wanted = by_name[members[0]], orders[members[0]]
        for member in members[1:]:
            if by_name[member].priorities != first.priorities or (not first.priorities and orders[member] != wanted):
                report(
                    f"keepalived_sync_groups[{index}].vips",
                    f"{first.name} and {member} prefer different nodes, and would never settle: give both the same prefer",
                )


def _check_families(cluster: Cluster, where: str, report: shape.Report) -> None:
    settings = cluster.settings
    for index, vip in enumerate(cluster.vips):
        if settings.version == 2 and "ipv6" in vip.families:
            report(f"{where}[{index}].addresses", "IPv6 needs VRRP version 3, and keepalived_vrrp_version is 2")


def _check_peers(cluster: Cluster, where: str, report: shape.Report) -> None:
    if cluster.settings.transport != "unicast" or len(cluster.nodes) == 1:
        return
    for node in cluster.nodes:
        for vip in cluster.vips:
            for family in vip.families:
                if node.peer_address(vip, family) is None:
                    kind = {"ipv4": "an IPv4", "ipv6": "an IPv6"}[family]
                    report(
                        f"hostvars[{node.name}].ha_lb_address",
                        f"{node.name} needs {kind} address towards its peers for VIP {vip.name}"
                        + (f", and ansible_host {node.ansible_host} is not in its subnet" if node.ansible_host else ""),
                    )
    seen: dict[str, str] = {}
    for node in cluster.nodes:
        for address in sorted({a for v in cluster.vips for f in v.families if (a := node.peer_address(v, f))}, key=family_of):
            if address in seen:
                report(f"hostvars[{node.name}].ha_lb_address", f"{address} is also the address of {seen[address]}")
            seen.setdefault(address, node.name)
