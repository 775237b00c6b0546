# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's network interfaces, and on which of them one can listen."""

from __future__ import annotations

import ipaddress
import json
from typing import Any, NamedTuple, Optional, Sequence

from ..basics.errors import Finding, HaLbError, Refused
from ..basics.schema import InterfaceAddress
from ..host.runner import Runner

UNHEARABLE = ("bond", "team")  # what comes in on their members is theirs


class Link(NamedTuple):
    """A network interface; `member_of` is the kind of what it is a part of, such as bond."""

    name: str
    number: int
    mac: str
    is_up: bool
    kind: str
    master: str = ""
    member_of: str = ""
    is_ethernet: bool = True
    addresses: tuple[InterfaceAddress, ...] = ()

    def link_local(self) -> Optional[str]:
        """Return the IPv6 address that is valid on this link alone, or None."""
        for address in self.addresses:
            if address.version == 6 and address.ip.is_link_local:
                return str(address.ip)
        return None


def links_of(run: Runner) -> tuple[Link, ...]:
    """Ask ip(8) for all interfaces.

    Raises HaLbError when it does not answer.
    """
    code, out, error = run(["ip", "-json", "-details", "address", "show"])
    if code != 0:
        raise HaLbError(f"ip does not list the interfaces: {' '.join(error.split())}")
    try:
        return tuple(_link(each) for each in json.loads(out) if each.get("ifname"))
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise HaLbError("ip lists the interfaces in a form that cannot be read") from problem


def choose(links: Sequence[Link], names: Sequence[str]) -> tuple[Link, ...]:
    """Return the named links, or without names all on which one can listen with profit.

    Raises Refused with a finding for each that one cannot listen on.
    """
    if not names:
        chosen = tuple(each for each in links if each.is_up and each.is_ethernet and _stands_alone(each))
        if not chosen:
            raise Refused([Finding("interfaces", "none of this host's Ethernet interfaces is up")])
        return chosen
    by_name = {each.name: each for each in links}
    findings = []
    for number, name in enumerate(names):
        problem = _unfit(by_name.get(name), name, links)
        if problem:
            findings.append(Finding(f"interfaces[{number}]", problem))
    if findings:
        raise Refused(findings)
    return tuple(by_name[name] for name in dict.fromkeys(names))


def _link(raw: Any) -> Link:
    info = raw.get("linkinfo", {})
    found = [each for each in raw.get("addr_info", ()) if "local" in each and "prefixlen" in each]
    return Link(
        name=raw["ifname"],
        number=int(raw["ifindex"]),
        mac=raw.get("address", ""),
        is_up="UP" in raw["flags"],
        kind=info.get("info_kind", ""),
        master=raw.get("master", ""),
        member_of=info.get("info_slave_kind", ""),
        is_ethernet=raw.get("link_type") == "ether",
        addresses=tuple(ipaddress.ip_interface(f"{each['local']}/{each['prefixlen']}") for each in found),
    )


def _stands_alone(link: Link) -> bool:
    """Tell whether nothing else shows what this link shows; a VRF and its members show the same."""
    return (not link.master or link.member_of == "vrf") and link.kind != "vrf"


def _unfit(link: Optional[Link], name: str, links: Sequence[Link]) -> str:
    if link is None:
        return f"this host has no interface {name} (it has {', '.join(each.name for each in links)})"
    if link.master and link.member_of in UNHEARABLE:
        return f"{name} is a part of the {link.member_of} {link.master}; listen on {link.master}"
    if not link.is_ethernet:
        return f"{name} is not an Ethernet interface"
    return "" if link.is_up else f"{name} is down"
