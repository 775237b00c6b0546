# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a cluster from untrusted data; every wrong value becomes a Finding with its path, all at once."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field
from ..basics.wording import few
from . import contradictions
from .addresses import check_node_addresses, check_vip_addresses, parsed_host, placed
from .layout import lay_out
from .model import LOOPBACK, PRIORITIES, VRIDS, Cluster, InUse, Node, Settings, Vip
from .uplinks import check_priorities, check_uplinks, read_uplinks, uplink_advice

WHERE = "ha_lb_vips"
OWNER_PRIORITY = {255: "255 belongs to the owner of the address, whose trackers keepalived ignores"}
vrid = schema.integer(VRIDS[0], VRIDS[-1])
priority = schema.integer(PRIORITIES[0], PRIORITIES[-1], OWNER_PRIORITY)

LONGEST_INTERFACE = 15  # IFNAMSIZ of Linux, without the 0 at the end
interface_name = schema.matching(schema.NAME, "the name of an interface", LONGEST_INTERFACE)


def interface(value: Any, path: str, report: schema.Report) -> Any:
    """Read the name of an interface that peers are reached by."""
    name = interface_name(value, path, report)
    if name == LOOPBACK:
        report(path, f"{LOOPBACK} reaches no peer: each node would be active")
        return schema.INVALID
    return name


VIP_FIELDS = {
    "name": Field(schema.name, required=True),
    "addresses": Field(schema.list_of(schema.interface_address, at_least=1), required=True),
    "interface": Field(interface),
    "vrid": Field(vrid),
    "prefer": Field(schema.list_of(schema.name, or_one=True), default=()),
    "pin": Field(schema.list_of(schema.name, at_least=1, or_one=True), default=()),
    "priorities": Field(schema.mapping_of(priority)),
    "dns_name": Field(schema.host_name),
}
VIPS = schema.list_of(schema.record(VIP_FIELDS), at_least=1)
NODE = schema.record(
    {
        "name": Field(schema.name, required=True),
        "address": Field(schema.list_of(schema.address, or_one=True), default=()),
        "ansible_host": Field(schema.line, default=""),  # any text: it is used only where it is an address
    }
)
INSTANCE = schema.part_of(
    {
        "vip": Field(schema.name, required=True),
        "vrid": Field(vrid, required=True),
        "priorities": Field(schema.mapping_of(priority), default={}),
    }
)
SYNC_GROUP = schema.record(
    {"name": Field(schema.name, required=True), "vips": Field(schema.list_of(schema.name, at_least=1), required=True)}
)


def read_cluster(
    nodes: Any,
    vips: Any,
    settings: Settings = Settings(),
    sync_groups: Any = (),
    taken_vrids: Any = (),
    in_use: Any = (),
    uplinks: Any = (),
) -> Cluster:
    """Read a cluster; the arguments have the form of `ha_lb_vips`, `keepalived_sync_groups` and so on.

    Raises Refused with every finding.
    """
    cluster, findings = survey(nodes, vips, settings, sync_groups, taken_vrids, in_use, uplinks)
    if findings:
        raise Refused(findings)
    return cluster


def survey(
    nodes: Any,
    vips: Any,
    settings: Settings,
    sync_groups: Any = (),
    taken_vrids: Any = (),
    in_use: Any = (),
    uplinks: Any = (),
) -> tuple[Cluster, list[Finding]]:
    """Return a cluster of the values that are right, for further checks, and all findings."""
    findings: list[Finding] = []
    report = schema.collector(findings)
    raw_nodes = schema.list_of(NODE, at_least=1)(nodes, "ha_lb_nodes", report) or ()
    raw_vips = VIPS(vips, WHERE, report) or ()
    raw_groups = schema.list_of(SYNC_GROUP)(sync_groups, "keepalived_sync_groups", report) or ()
    taken = schema.list_of(vrid)(taken_vrids, "ha_lb_taken_vrids", report) or ()
    for raw, where in ((raw_nodes, "ha_lb_nodes"), (raw_vips, WHERE), (raw_groups, "keepalived_sync_groups")):
        _check_unique(raw, "name", where, report)
    vips_placed, nodes_placed = placed(raw_vips, WHERE), placed(raw_nodes, "ha_lb_nodes")
    check_vip_addresses(vips_placed, nodes_placed, report)
    check_node_addresses(nodes_placed, vips_placed, report)
    _check_vrids(raw_vips, taken, report)
    _check_node_names(raw_vips, _names(raw_nodes), report)
    _check_sync_groups(raw_groups, _names(raw_vips), report)
    cluster = Cluster(
        tuple(_nodes(raw_nodes)),
        tuple(_vips(raw_vips)),
        settings,
        {group["name"]: group["vips"] for group in raw_groups if group and group["name"] and group["vips"]},
        tuple(number for number in taken if number),
        _in_use(in_use, report),
        read_uplinks(uplinks, report),
    )
    check_uplinks(cluster, uplinks, report)
    findings += contradictions.of_parts(cluster)
    if not findings:
        findings += contradictions.of_whole(cluster)
    if cluster.uplinks and not findings:
        findings += check_priorities(cluster, lay_out(cluster))
    return cluster, findings


def read_vips(vips: Any) -> tuple[Vip, ...]:
    """Read `ha_lb_vips` alone, without the checks against nodes.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = schema.collector(findings)
    raw = VIPS(vips, WHERE, report) or ()
    _check_unique(raw, "name", WHERE, report)
    if findings:
        raise Refused(findings)
    return tuple(_vips(raw))


def warnings_of(cluster: Cluster) -> list[str]:
    """Return a sentence for everything that is allowed but doubtful."""
    advice = [
        *_alike("node", [node.name for node in cluster.nodes]),
        *_alike("VIP", [vip.name for vip in cluster.vips]),
    ]
    if len(cluster.nodes) == 1:
        advice.append(
            f"{cluster.nodes[0].name} is the only node: the cluster is not highly available until there is a second"
        )
    for vip in cluster.vips:
        last = [node for node, priority in (vip.priorities or {}).items() if priority == PRIORITIES[0]]
        if last and len(cluster.nodes_of(vip)) > 1:
            advice.append(
                f"{vip.path}.priorities: {last[0]} has {PRIORITIES[0]}, the least there is, and a node that is drained "
                "cannot go below: start at 2"
            )
    return [*advice, *uplink_advice(cluster)]


def _alike(what: str, names: Sequence[str]) -> Iterator[str]:
    """Yield a warning for names that differ in their case alone."""
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(name.lower(), name)
        if other != name:
            yield f"{what} {name} and {what} {other} differ in their case alone, and people will take one for the other"


def _nodes(raw: Sequence[Any]) -> Iterator[Node]:
    """Yield the nodes with a right name and right addresses; of equal names, the first."""
    names: set[str] = set()
    for index, name in _valid(raw, "name"):
        addresses = raw[index]["address"]
        if addresses is not schema.INVALID and schema.INVALID not in addresses and name not in names:
            yield Node(name, tuple(map(str, addresses)), "".join(parsed_host(raw[index]["ansible_host"])))
        names.add(name)


def _vips(raw: Sequence[Any]) -> Iterator[Vip]:
    """Yield the VIPs with a right name, interface and at least one address, without their wrong values."""
    names: set[str] = set()
    for index, name in _valid(raw, "name"):
        right = {key: _right(value) for key, value in raw[index].items() if value is not schema.INVALID}
        if right.get("addresses") and "interface" in right and name not in names:
            yield Vip(**{**right, "path": f"{WHERE}[{index}]"})
        names.add(name)


def _right(value: Any) -> Any:
    """Return a value without the items that are wrong; None for priorities of which one is."""
    if isinstance(value, tuple):
        return tuple(each for each in value if each is not schema.INVALID)
    return None if isinstance(value, dict) and schema.INVALID in value.values() else value


def _in_use(raw: Any, report: schema.Report) -> dict[str, InUse]:
    """Read the instances of the layout in use, by VIP; both instances of a dual-stack VIP have the same values."""
    in_use = {}
    for instance in schema.list_of(INSTANCE)(raw, "ha_lb_in_use", report) or ():
        if instance and instance["vip"] and instance["vrid"]:
            priorities = instance["priorities"]
            if priorities is not schema.INVALID and schema.INVALID not in priorities.values():
                order = sorted(priorities, key=priorities.__getitem__, reverse=True)
                in_use[instance["vip"]] = InUse(instance["vrid"], tuple(order))
    return in_use


def _valid(raw: Sequence[Any], key: str) -> list[tuple[int, Any]]:
    """Return (index, value) of the records in which the value of `key` is right."""
    return [(index, record[key]) for index, record in enumerate(raw) if record and record[key] is not schema.INVALID]


def _names(raw: Sequence[Any]) -> list[str]:
    return [each["name"] for each in raw if each and each["name"]]


def _check_unique(raw: Sequence[Any], key: str, where: str, report: schema.Report) -> None:
    seen: dict[Any, int] = {}
    for index, value in _valid(raw, key):
        if value in seen:
            report(f"{where}[{index}].{key}", f"{value} is already the {key} of {where}[{seen[value]}]")
        seen.setdefault(value, index)


def _check_vrids(vips: Sequence[Any], taken: Sequence[Any], report: schema.Report) -> None:
    seen: dict[tuple[int, int], int] = {}
    for index, vrid in _valid(vips, "vrid"):
        if vrid is not None and vrid in taken:
            report(f"{WHERE}[{index}].vrid", f"{vrid} is taken by somebody else (ha_lb_taken_vrids)")
        addresses = [address for address in vips[index]["addresses"] or () if address]
        for version in sorted({address.version for address in addresses}):
            if vrid is not None and (vrid, version) in seen:
                first = seen[vrid, version]
                report(f"{WHERE}[{index}].vrid", f"{vrid} is already the VRID of {WHERE}[{first}] for IPv{version}")
            seen.setdefault((vrid, version), index)


def _check_node_names(vips: Sequence[Any], names: Sequence[str], report: schema.Report) -> None:
    for key in ("prefer", "pin"):
        for index, given in _valid(vips, key):
            for number, node in enumerate(given):
                path = f"{WHERE}[{index}].{key}[{number}]"
                if node and node not in names:
                    report(path, f"{node} is not a node of the cluster ({few(names)})")
                elif node and node in given[:number]:
                    report(path, f"{node} is already named")
    for index, pin in _valid(vips, "pin"):
        for number, node in enumerate(vips[index]["prefer"] or ()):
            if pin and node in names and node not in pin:
                report(
                    f"{WHERE}[{index}].prefer[{number}]",
                    f"{node} is not one of the nodes of pin ({few(pin)})",
                )
    for index, given in _valid(vips, "priorities"):
        if given is not None:
            _check_priorities(given, vips[index], names, f"{WHERE}[{index}].priorities", report)


def _check_priorities(
    given: Mapping[str, Any], vip: Mapping[str, Any], names: Sequence[str], path: str, report: schema.Report
) -> None:
    wanted = [node for node in names if not vip["pin"] or node in vip["pin"]]
    for node in given:
        if node not in wanted:
            what = "one of the nodes of pin" if node in names else "a node of the cluster"
            report(schema.inside(path, node), f"{schema.quoted(node)} is not {what} ({few(wanted)})")
    missing = [node for node in wanted if node not in given]
    if missing:
        report(path, f"says nothing of {few(missing)}: give every node a priority, or none")
    values = [value for value in given.values() if value]
    if len(set(values)) < len(values):
        report(path, "gives two nodes the same priority, and both would become active")
    if vip["prefer"]:
        report(path, "contradicts prefer: give one of them")


def _check_sync_groups(groups: Sequence[Any], vips: Sequence[str], report: schema.Report) -> None:
    grouped: dict[str, str] = {}
    for index, members in _valid(groups, "vips"):
        for number, vip in enumerate(members):
            path = f"keepalived_sync_groups[{index}].vips[{number}]"
            if not vip:
                continue
            if vip not in vips:
                report(path, f"{vip} is not the name of a VIP ({few(vips)})")
            elif vip in grouped:
                report(path, f"{vip} is already in {grouped[vip]}")
            grouped.setdefault(vip, path)
