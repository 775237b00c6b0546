# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ours on the wire: our instances, and the addresses and MACs of our nodes."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field

Heard = Mapping[str, Any]
VIRTUAL = {"ipv4": "00:00:5e:00:01:", "ipv6": "00:00:5e:00:02:"}  # RFC 9568 §7.3; a VRID follows


class Instance(NamedTuple):
    """One VRRP instance of ours; `sources` are the addresses of all nodes, and None is what we were not told."""

    name: str
    vrid: int
    family: str
    addresses: frozenset[str]
    sources: frozenset[str]
    transport: Optional[str] = None
    version: Optional[int] = None
    priority: Optional[int] = None
    vmac: bool = False
    interface: Any = None

    def is_on(self, node: str, interface: str) -> bool:
        """Tell whether the instance runs on this interface, as far as we know."""
        if isinstance(self.interface, Mapping):
            return bool(self.interface.get(node, interface) == interface)
        return self.interface is None or bool(self.interface == interface)


class Ours(NamedTuple):
    """Our instances, all that our nodes can be recognised by, and the VRIDs that are left."""

    instances: tuple[Instance, ...]
    sources: frozenset[str]
    macs: frozenset[str]
    free: tuple[int, ...]
    homes: Mapping[tuple[str, str, str], str]  # the MAC that answers for an address, by node, interface and address

    def sent(self, heard: Heard) -> bool:
        """Tell whether one of our nodes sent what was heard."""
        return bool(heard["own"] or heard["source"] in self.sources or heard["mac"] in self.macs)

    def of_vrid(self, heard: Heard, node: str) -> Optional[Instance]:
        """Return our instance that has the VRID of what a node heard."""
        return self._first(heard, node, lambda each: each.vrid == heard["vrid"])

    def of_address(self, heard: Heard, node: str) -> Optional[Instance]:
        """Return our instance that has an address of what a node heard; of several, the one with its VRID."""
        same = self._first(heard, node, lambda each: each.vrid == heard["vrid"] and bool(shared(each, heard)))
        return same or self._first(heard, node, lambda each: bool(shared(each, heard)))

    def _first(self, heard: Heard, node: str, fits: Any) -> Optional[Instance]:
        for each in self.instances:
            if each.family == heard["family"] and each.is_on(node, heard["interface"]) and fits(each):
                return each
        return None

    def spare(self) -> str:
        """Say which VRID one could take."""
        return f"another VRID, such as {self.free[0]}" if self.free else "another network, as no VRID is free"


def shared(instance: Instance, heard: Heard) -> list[str]:
    """Return the addresses of an instance that an advert lists."""
    return sorted(instance.addresses & set(heard["addresses"]))


def is_virtual(mac: str) -> bool:
    """Tell whether a MAC belongs to a VRID, and to no machine."""
    return mac.startswith(tuple(VIRTUAL.values()))


def read_instances(raw: Any, path: str = "instances") -> tuple[Instance, ...]:
    """Read our instances.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    records = INSTANCES(raw, path, schema.collector(findings))
    if findings:
        raise Refused(findings)
    sets = ("addresses", "sources")
    return tuple(Instance(**{**each, **{key: frozenset(each[key]) for key in sets}}) for each in records)


def bare_address(value: Any, path: str, report: schema.Report) -> Any:
    """Read an address with or without a prefix length, and leave that out."""
    text = value.partition("/")[0] if isinstance(value, str) else value
    parsed = schema.address(text, path, report)
    if not parsed:
        return parsed
    try:
        return str(ipaddress.ip_interface(value).ip)
    except ValueError:
        report(path, f"{value!r} is not an address")
        return schema.INVALID


def ours(
    instances: Sequence[Instance],
    heard_by_node: Mapping[str, Sequence[Heard]],
    answers_by_node: Mapping[str, Sequence[Heard]],
    taken_vrids: Iterable[int],
    macs: Iterable[str],
) -> Ours:
    """Put together what our nodes are recognised by: also what they send themselves, and who answers for them."""
    heard = [each for records in heard_by_node.values() for each in records]
    answers = [each for records in answers_by_node.values() for each in records]
    sources = {source for each in instances for source in each.sources}
    sources |= {each["source"] for each in heard if each["own"]}
    # An address of ours for which two answer says nothing about either
    known = {each["macs"][0] for each in answers if each["address"] in sources and len(each["macs"]) == 1}
    known |= {mac for each in answers if each["own"] and len(each["macs"]) == 1 for mac in each["macs"]}
    known |= {each["mac"] for each in heard if each["own"] or (each["source"] in sources and len(each["macs"]) == 1)}
    known |= set(macs)
    seen = {mac for each in answers for mac in each["macs"]} | {each["mac"] for each in heard}
    used = {int(mac[-2:], 16) for mac in seen if is_virtual(mac)}
    used |= {each["vrid"] for each in heard} | {each.vrid for each in instances} | set(taken_vrids)
    return Ours(
        tuple(instances),
        frozenset(sources),
        frozenset(mac for mac in known if not is_virtual(mac)),
        tuple(vrid for vrid in range(1, 256) if vrid not in used),
        {
            (node, each["interface"], each["address"]): each["macs"][0]
            for node, records in answers_by_node.items()
            for each in records
            if len(each["macs"]) == 1
        },
    )


def _interface(value: Any, path: str, report: schema.Report) -> Any:
    """Read the name of an interface, or one for each node."""
    return (
        schema.mapping_of(schema.word)(value, path, report)
        if isinstance(value, Mapping)
        else schema.word(value, path, report)
    )


INSTANCES = schema.list_of(
    schema.record(
        {
            "name": Field(schema.line, required=True),
            "vrid": Field(schema.integer(1, 255), required=True),
            "family": Field(schema.choice("ipv4", "ipv6"), required=True),
            "addresses": Field(schema.list_of(bare_address, at_least=1), required=True),
            "sources": Field(schema.list_of(bare_address), default=()),
            "transport": Field(schema.choice("unicast", "multicast")),
            "version": Field(schema.integer(2, 3)),
            "priority": Field(schema.integer(1, 255)),
            "vmac": Field(schema.boolean, default=False),
            "interface": Field(_interface),
        }
    )
)
