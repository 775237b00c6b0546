# SPDX-License-Identifier: GPL-3.0-or-later
"""The network interfaces of this host, and the choice of those to listen on."""

from __future__ import annotations

import ipaddress
import json
from typing import Any, NamedTuple, Optional, Sequence

from ..basics.errors import Finding, HaLbError, Refused
from ..basics.schema import InterfaceAddress
from ..host.runner import Runner

UNHEARABLE = ("bond", "team")  # their members pass all frames on to them


class Link(NamedTuple):
    """A network interface; `master` is the interface that it is part of, and `member_of` the kind of that: bond."""

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
        """Return the link-local IPv6 address, or None."""
        for address in self.addresses:
            if address.version == 6 and address.ip.is_link_local:
                return str(address.ip)
        return None


def links_of(run: Runner) -> tuple[Link, ...]:
    """Return all interfaces, as ip(8) lists them.

    Raises HaLbError when ip fails or its output cannot be read.
    """
    code, out, error = run(["ip", "-json", "-details", "address", "show"])
    if code != 0:
        raise HaLbError(f"ip does not list the interfaces: {' '.join(error.split())}")
    try:
        return tuple(_link(record) for record in json.loads(out) if record.get("ifname"))
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise HaLbError("ip lists the interfaces in a form that cannot be read") from problem


def choose(links: Sequence[Link], names: Sequence[str]) -> tuple[Link, ...]:
    """Return the named links or, without names, all Ethernet links that are up and not part of another one.

    Raises Refused with a finding for every link that cannot be listened on.
    """
    if not names:
        chosen = tuple(link for link in links if link.is_up and link.is_ethernet and _stands_alone(link))
        if not chosen:
            raise Refused([Finding("interfaces", "none of this host's Ethernet interfaces is up")])
        return chosen
    by_name = {link.name: link for link in links}
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
    addresses = [entry for entry in raw.get("addr_info", ()) if "local" in entry and "prefixlen" in entry]
    return Link(
        name=raw["ifname"],
        number=int(raw["ifindex"]),
        mac=raw.get("address", ""),
        is_up="UP" in raw["flags"],
        kind=info.get("info_kind", ""),
        master=raw.get("master", ""),
        member_of=info.get("info_slave_kind", ""),
        is_ethernet=raw.get("link_type") == "ether",
        addresses=tuple(ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}") for entry in addresses),
    )


def _stands_alone(link: Link) -> bool:
    """Tell whether no other link has the same frames; a VRF has those of its members, so the members are used."""
    return (not link.master or link.member_of == "vrf") and link.kind != "vrf"


def _unfit(link: Optional[Link], name: str, links: Sequence[Link]) -> str:
    """Return a sentence when the link cannot be listened on, else the empty string."""
    if link is None:
        return f"this host has no interface {name} (it has {', '.join(other.name for other in links)})"
    if link.master and link.member_of in UNHEARABLE:
        return f"{name} is a part of the {link.member_of} {link.master}; listen on {link.master}"
    if not link.is_ethernet:
        return f"{name} is not an Ethernet interface"
    return "" if link.is_up else f"{name} is down"
