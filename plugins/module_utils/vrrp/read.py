# SPDX-License-Identifier: GPL-3.0-or-later
"""From untrusted data to a Cluster: every wrong value is a Finding with its path, all at once."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Sequence

from .. import shape
from ..errors import Finding, Refused
from ..shape import Field, InterfaceAddress
from . import contradictions
from .model import PRIORITIES, VRIDS, Cluster, Node, Settings, Vip

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
VIPS = shape.list_of(VIP, at_least=1)
NODE = shape.record(
    {
        "name": Field(shape.name, required=True),
        "addresses": Field(shape.list_of(shape.address, or_one=True), default=()),
        "ansible_host": Field(shape.line, default=""),  # of any form: it counts only where it is an address
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
    cluster, findings = survey(nodes, vips, settings, sync_groups, prefix)
    if findings:
        raise Refused(findings)
    return cluster


def survey(
    nodes: Any, vips: Any, settings: Settings, sync_groups: Any, prefix: str = "ha_lb"
) -> tuple[Cluster, list[Finding]]:
    """Return what can be read of a cluster, for further checks, and every finding."""
    findings: list[Finding] = []
    report = shape.collector(findings)
    where = f"{prefix}_vips"
    raw_nodes = shape.list_of(NODE, at_least=1)(nodes, f"{prefix}_nodes", report) or ()
    raw_vips = VIPS(vips, where, report) or ()
    raw_groups = shape.list_of(SYNC_GROUP)(sync_groups, "keepalived_sync_groups", report) or ()
    _check_unique(raw_nodes, "name", f"{prefix}_nodes", report)
    _check_unique(raw_vips, "name", where, report)
    _check_unique(raw_groups, "name", "keepalived_sync_groups", report)
    _check_addresses(raw_vips, raw_nodes, where, report)
    _check_vrids(raw_vips, where, report)
    _check_node_names(raw_vips, _names(raw_nodes), where, report)
    _check_sync_groups(raw_groups, _names(raw_vips), report)
    cluster = Cluster(
        tuple(_nodes(raw_nodes)),
        tuple(_vips(raw_vips, where)),
        settings,
        {each["name"]: each["vips"] for each in raw_groups if each and each["name"] and each["vips"]},
    )
    findings += contradictions.of_parts(cluster)
    if not findings:
        findings += contradictions.of_whole(cluster)
    return cluster, findings


def read_vips(vips: Any, prefix: str = "ha_lb") -> tuple[Vip, ...]:
    """Read the VIPs alone, for those who want no more of a cluster than their names and addresses.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = shape.collector(findings)
    where = f"{prefix}_vips"
    raw = VIPS(vips, where, report) or ()
    _check_unique(raw, "name", where, report)
    if findings:
        raise Refused(findings)
    return tuple(_vips(raw, where))


def warnings_of(cluster: Cluster) -> list[str]:
    """What is allowed and yet worth a word."""
    if len(cluster.nodes) == 1:
        return [
            f"{cluster.nodes[0].name} is the only node: the cluster is not highly available until there is a second"
        ]
    return []


def _nodes(raw: Sequence[Any]) -> Iterator[Node]:
    """Make the nodes whose names and addresses are right."""
    names: set[str] = set()
    for index, name in _valid(raw, "name"):
        addresses = raw[index]["addresses"]
        if addresses is not shape.INVALID and shape.INVALID not in addresses and name not in names:
            yield Node(name, tuple(map(str, addresses)), "".join(_parsed_host(raw[index]["ansible_host"])))
        names.add(name)


def _vips(raw: Sequence[Any], where: str) -> Iterator[Vip]:
    """Make the VIPs of which name, interface and an address are right, out of what is right of them."""
    names: set[str] = set()
    for index, name in _valid(raw, "name"):
        right = {key: value for key, value in raw[index].items() if value is not shape.INVALID}
        addresses = tuple(each for each in right.get("addresses", ()) if each)
        if addresses and "interface" in right and name not in names:
            yield Vip(**{**right, "addresses": addresses, "path": f"{where}[{index}]"})
        names.add(name)


def _parsed_host(host: str) -> list[str]:
    """Return what `ansible_host` is when it is an address, and nothing when it is a name."""
    return [str(ipaddress.ip_address(host))] if shape.is_address(host) else []


def _valid(raw: Sequence[Any], key: str) -> list[tuple[int, Any]]:
    """Return (index, value) of the records in which `key` was read without a finding."""
    return [(index, each[key]) for index, each in enumerate(raw) if each and each[key] is not shape.INVALID]


def _names(raw: Sequence[Any]) -> list[str]:
    return [each["name"] for each in raw if each and each["name"]]


def _check_unique(raw: Sequence[Any], key: str, where: str, report: shape.Report) -> None:
    seen: dict[Any, int] = {}
    for index, value in _valid(raw, key):
        if value in seen:
            report(f"{where}[{index}].{key}", f"{value} is already the {key} of {where}[{seen[value]}]")
        seen.setdefault(value, index)


def _check_addresses(vips: Sequence[Any], nodes: Sequence[Any], where: str, report: shape.Report) -> None:
    owners = {
        str(address): node
        for index, node in _valid(nodes, "name")
        for address in [*(nodes[index]["addresses"] or ()), *_parsed_host(nodes[index]["ansible_host"])]
    }
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
        report(
            where,
            f"{len(vips)} VIPs need more than the {len(VRIDS)} VRIDs of one segment: split them over two clusters",
        )
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
            path = f"{where}[{index}].prefer[{number}]"
            if node and node not in names:
                report(path, f"{node} is not a node of the cluster ({', '.join(names)})")
            elif node and node in preferred[:number]:
                report(path, f"{node} is already named")
    for index, given in _valid(vips, "priorities"):
        if given is None:
            continue
        path = f"{where}[{index}].priorities"
        for node in given:
            if node not in names:
                report(shape.inside(path, node), f"{node!r} is not a node of the cluster ({', '.join(names)})")
        missing = [node for node in names if node not in given]
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
            if not vip:
                continue
            if vip not in vips:
                report(path, f"{vip} is not the name of a VIP ({', '.join(vips)})")
            elif vip in grouped:
                report(path, f"{vip} is already in {grouped[vip]}")
            grouped.setdefault(vip, path)
