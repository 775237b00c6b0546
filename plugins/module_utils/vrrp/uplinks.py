# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that a node must reach, by which one that is cut off gives up its VIPs: read, and held against a cluster.

They are witnesses of one question, whether the node still reaches the world: it is cut off when it reaches none.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..basics import schema
from ..basics.address import Address, is_host_name, of_no_host, of_no_host_there
from ..basics.errors import Finding, Refused
from ..basics.schema import Field, InterfaceAddress, Report
from .cut_off import LATE, holders_wait
from .model import Cluster, Layout, Uplink
from .weights import LEAST_WITH_UPLINKS, UPLINK_WEIGHT

VARIABLE = "ha_lb_uplinks"
MOST_UPLINKS = 8  # each is asked by every node, every second


def _address(value: Any, path: str, report: Report) -> Any:
    """Read the address of an uplink, as a host can have it."""
    if isinstance(value, str) and is_host_name(value):
        report(path, f"{value} is a name, and what resolves names may be out of reach: give the address")
        return schema.INVALID
    address = schema.address(value, path, report)
    if not address:
        return schema.INVALID
    why = of_no_host(address)
    if address.version == 6 and address.is_link_local:
        why = "is valid on one interface only"
    if why:
        report(path, f"{address} is not an address that a host can have: it {why}")
        return schema.INVALID
    return address


FIELDS = {
    "address": Field(_address, required=True),
    "port": Field(schema.integer(1, 65535)),
    "interval_seconds": Field(schema.seconds(0.2, 60), default=Uplink.interval_seconds),
    "fall": Field(schema.integer(1, 60), default=Uplink.fall),
    "rise": Field(schema.integer(1, 60), default=Uplink.rise),
}
UPLINK = schema.record(FIELDS)


def _one(value: Any, path: str, report: Report) -> Any:
    """Read an uplink: a mapping, or its address alone."""
    if isinstance(value, Mapping):
        return UPLINK(value, path, report)
    address = _address(value, path, report)
    return {**{key: field.default for key, field in FIELDS.items()}, "address": address} if address else schema.INVALID


def read_uplinks(value: Any, report: Report, where: str = VARIABLE) -> Tuple[Uplink, ...]:
    """Return the uplinks that can be read, without those that are there twice."""
    raw = schema.list_of(_one)(value, where, report) or ()
    if len(raw) > MOST_UPLINKS:
        report(where, f"has {len(raw)} addresses, and {MOST_UPLINKS} are the most: each is asked by every node")
    uplinks: List[Uplink] = []
    for number, each in enumerate(raw):
        if not each or schema.INVALID in each.values():
            continue
        place = f"{where}[{number}]"
        uplink = Uplink(**{**each, "address": str(each["address"])}, path=place)
        twin = next((other for other in uplinks if (other.address, other.port) == (uplink.address, uplink.port)), None)
        if twin:
            report(place, f"{uplink.address} is already {twin.path}")
        else:
            uplinks.append(uplink)
    return tuple(uplinks)


def check_uplinks(cluster: Cluster, given: Any, report: Report) -> None:
    """Report uplinks that can tell nothing: the cluster's own addresses, and any where no peer preempts."""
    own = {address: f"the own address of {node.name}" for node in cluster.nodes for address in node.addresses}
    own.update({node.ansible_host: f"the own address of {node.name}" for node in cluster.nodes if node.ansible_host})
    virtual = [(vip.name, address) for vip in cluster.vips for address in vip.addresses]
    own.update({str(address.ip): f"an address of VIP {name}, which moves" for name, address in virtual})
    for uplink in cluster.uplinks:
        why = _not_on(uplink.address, [address for _vip, address in virtual])
        if uplink.address in own:
            report(uplink.path, f"{uplink.address} is {own[uplink.address]}: name one beyond the cluster")
        elif why:
            report(uplink.path, f"{uplink.address} is not an address that a host can have: it {why}")
    if given and not cluster.settings.preempt:
        report(
            VARIABLE,
            "needs keepalived_preempt: true, because a node that is cut off lowers its priority, "
            "and peers that do not preempt take no VIP from it",
        )


def _not_on(address: str, neighbours: Sequence[InterfaceAddress]) -> str:
    parsed: Address = ipaddress.ip_address(address)
    return next(filter(None, (of_no_host_there(parsed, each.network) for each in neighbours)), "")


def check_priorities(cluster: Cluster, layout: Layout) -> Iterator[Finding]:
    """Find VIPs of which a node that is cut off would not be below all that are not, and above all that are drained."""
    for vip in cluster.vips:
        name = vip.name
        priorities = next((each.priorities for each in layout.instances if each.vip == name), {})
        low = {node: each for node, each in priorities.items() if each < LEAST_WITH_UPLINKS}
        if not low or len(priorities) == 1:
            continue
        why = f"a node that reaches no uplink gives up {-UPLINK_WEIGHT}, and must be below all others"
        if vip.priorities:
            node = min(low, key=lambda each: low[each])
            told = f"{node} has {low[node]}, and with {VARIABLE} {LEAST_WITH_UPLINKS} is the least: {why}"
            yield Finding(f"{vip.path}.priorities", told)
        else:
            most = len(priorities) - len(low)
            told = f"VIP {name} may be on {len(priorities)} nodes, and {most} are the most: {why}; pin it to {most}"
            yield Finding(VARIABLE, told)


def own_addresses(cluster: Cluster, hosts: Mapping[str, Sequence[Any]]) -> Iterator[Finding]:
    """Find uplinks that are an address of a host; `hosts` has the interfaces of every one, see vrrp.host."""
    virtual = {str(address.ip) for vip in cluster.vips for address in vip.addresses}
    for uplink in cluster.uplinks:
        for host, interfaces in hosts.items():
            names = [each.name for each in interfaces if uplink.address in {str(own.ip) for own in each.addresses}]
            if names and uplink.address not in virtual:
                told = f"{uplink.address} is the own address of {host} ({names[0]}): name one beyond the cluster"
                yield Finding(uplink.path, told)
                break


def uplink_advice(cluster: Cluster) -> Iterator[str]:
    """Yield a warning for a witness without a second."""
    if len(cluster.uplinks) == 1:
        only = cluster.uplinks[0].address
        yield f"{VARIABLE}: {only} is the only one, and if it fails itself, every node takes itself for cut off"


def longest_notice(uplinks: Sequence[Uplink]) -> float:
    """Return the most seconds from the loss of all uplinks until a holder gives up; 0 without uplinks."""
    return _longest(uplinks, max((each.fall + 1) * each.interval_seconds for each in uplinks) if uplinks else 0.0)


def longest_return(uplinks: Sequence[Uplink]) -> float:
    """Return the most seconds from the return of all uplinks until a backup is back; 0 without uplinks."""
    return _longest(uplinks, max((each.rise + 1) * each.interval_seconds for each in uplinks) if uplinks else 0.0)


def _longest(uplinks: Sequence[Uplink], noticed: float) -> float:
    return noticed + LATE + holders_wait([each.interval_seconds for each in uplinks]) if uplinks else 0.0


def uplinks_config(value: Any) -> List[Mapping[str, Any]]:
    """Return `ha_lb_uplinks` as a node reads it: C({address, port, interval_seconds, fall, rise}), port null for ICMP.

    Raises Refused with every finding.
    """
    findings: List[Finding] = []
    uplinks = read_uplinks(value, schema.collector(findings))
    if findings:
        raise Refused(findings)
    return [as_data(each) for each in uplinks]


def as_data(uplink: Uplink) -> Mapping[str, Any]:
    """Return an uplink as plain data."""
    port: Optional[int] = uplink.port
    return {
        "address": uplink.address,
        "port": port,
        "interval_seconds": uplink.interval_seconds,
        "fall": uplink.fall,
        "rise": uplink.rise,
    }
