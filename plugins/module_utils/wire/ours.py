# SPDX-License-Identifier: GPL-3.0-or-later
"""Our side of the wire: our VRRP instances, and the addresses and MACs of our nodes."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from ..basics import schema
from ..basics.errors import Finding, Refused
from ..basics.schema import Field

Heard = Mapping[str, Any]
"""A record of Survey.heard (adverts of one router) or of Prober.answers."""
VIRTUAL = {"ipv4": "00:00:5e:00:01:", "ipv6": "00:00:5e:00:02:"}  # RFC 9568 §7.3; the VRID is the last octet


class OurInstance(NamedTuple):
    """One VRRP instance of ours; `sources` are the addresses of all nodes, and None means not known.

    `interface` is the name of the interface on all nodes, or a mapping from nodes to names.
    """

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
        """Tell whether the instance runs on this interface; where its interface is not known, on any."""
        if isinstance(self.interface, Mapping):
            return bool(self.interface.get(node, interface) == interface)
        return self.interface is None or bool(self.interface == interface)


class Ours(NamedTuple):
    """Our instances, the source addresses and MACs of our nodes, and the VRIDs that nobody uses."""

    instances: tuple[OurInstance, ...]
    sources: frozenset[str]
    macs: frozenset[str]
    free: tuple[int, ...]
    homes: Mapping[tuple[str, str, str], str]
    """The only MAC that answered for an address, by listening node, interface and address."""

    def sent(self, heard: Heard) -> bool:
        """Tell whether one of our nodes sent the advert."""
        return bool(heard["own"] or heard["source"] in self.sources or heard["mac"] in self.macs)

    def of_vrid(self, heard: Heard, node: str) -> Optional[OurInstance]:
        """Return our instance with the VRID of an advert that a node heard, or None."""
        return self._first(heard, node, lambda instance: instance.vrid == heard["vrid"])

    def of_address(self, heard: Heard, node: str) -> Optional[OurInstance]:
        """Return our instance with an address of an advert that a node heard, or None; the one with its VRID first."""
        with_vrid = self._first(
            heard, node, lambda instance: instance.vrid == heard["vrid"] and bool(shared(instance, heard))
        )
        return with_vrid or self._first(heard, node, lambda instance: bool(shared(instance, heard)))

    def _first(self, heard: Heard, node: str, fits: Any) -> Optional[OurInstance]:
        for instance in self.instances:
            if instance.family == heard["family"] and instance.is_on(node, heard["interface"]) and fits(instance):
                return instance
        return None

    def spare(self) -> str:
        """Return the advice which VRID to use instead, for a sentence."""
        return f"another VRID, such as {self.free[0]}" if self.free else "another network, as no VRID is free"


def shared(instance: OurInstance, heard: Heard) -> list[str]:
    """Return the addresses that both an instance and an advert have."""
    return sorted(instance.addresses & set(heard["addresses"]))


def is_virtual(mac: str) -> bool:
    """Tell whether a MAC is the virtual MAC of a VRID."""
    return mac.startswith(tuple(VIRTUAL.values()))


def read_instances(raw: Any, path: str = "instances") -> tuple[OurInstance, ...]:
    """Read our instances from untrusted data.

    Raises Refused with every finding.
    """
    findings: list[Finding] = []
    records = INSTANCES(raw, path, schema.collector(findings))
    if findings:
        raise Refused(findings)
    sets = ("addresses", "sources")
    return tuple(OurInstance(**{**record, **{key: frozenset(record[key]) for key in sets}}) for record in records)


def bare_address(value: Any, path: str, report: schema.Report) -> Any:
    """Read an address with or without a prefix length into the address alone, as text."""
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
    instances: Sequence[OurInstance],
    heard_by_node: Mapping[str, Sequence[Heard]],
    answers_by_node: Mapping[str, Sequence[Heard]],
    taken_vrids: Iterable[int],
    macs: Iterable[str],
) -> Ours:
    """Return our side, with the addresses and MACs that our nodes use in adverts and answers.

    `macs` are MACs of our nodes that are known from elsewhere.
    """
    adverts = [advert for records in heard_by_node.values() for advert in records]
    answers = [answer for records in answers_by_node.values() for answer in records]
    sources = {source for instance in instances for source in instance.sources}
    sources |= {advert["source"] for advert in adverts if advert["own"]}
    # When two MACs answer for an address of ours, neither is known to be ours
    unique = [answer for answer in answers if len(answer["macs"]) == 1]
    known = {answer["macs"][0] for answer in unique if answer["address"] in sources or answer["own"]}
    known |= {
        advert["mac"]
        for advert in adverts
        if advert["own"] or (advert["source"] in sources and len(advert["macs"]) == 1)
    }
    known |= set(macs)
    seen = {mac for answer in answers for mac in answer["macs"]} | {advert["mac"] for advert in adverts}
    used = {int(mac[-2:], 16) for mac in seen if is_virtual(mac)}
    used |= {advert["vrid"] for advert in adverts} | {instance.vrid for instance in instances} | set(taken_vrids)
    return Ours(
        tuple(instances),
        frozenset(sources),
        frozenset(mac for mac in known if not is_virtual(mac)),
        tuple(vrid for vrid in range(1, 256) if vrid not in used),
        {
            (node, answer["interface"], answer["address"]): answer["macs"][0]
            for node, records in answers_by_node.items()
            for answer in records
            if len(answer["macs"]) == 1
        },
    )


def _interface(value: Any, path: str, report: schema.Report) -> Any:
    """Read the name of an interface, or a mapping from nodes to names."""
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
