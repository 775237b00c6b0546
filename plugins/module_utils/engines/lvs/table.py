# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of IPVS as values, whoever has it: the kernel, or who wants it to have one; and what differs between two."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple


@dataclass(frozen=True)
class Rates:
    """What passes in a second, as the kernel estimates it; ipvsadm rounds what is more than eight digits."""

    connections: int = 0
    packets_in: int = 0
    packets_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


@dataclass(frozen=True)
class Server:
    """A real server of a service (ipvsadm(8): `-a`), and what the kernel counts of it."""

    address: str
    port: int
    forwarding: str = "direct"
    """direct, nat or tunnel."""
    weight: int = 1
    tunnel: str = ""
    """ipip, gue or gre; empty where packets come in none."""
    tunnel_port: int = 0
    """The UDP port of gue; 0 for others."""
    active: int = 0
    """Established connections; of UDP, all that have not expired."""
    inactive: int = 0
    """All others: those that begin, that end, and that one end has closed."""
    persistent: int = 0
    """Clients that persistence sends here."""
    rates: Rates = Rates()

    @property
    def name(self) -> str:
        """Return it as it is called in sentences."""
        return _joined(self.address, self.port)


@dataclass(frozen=True)
class Service:
    """A virtual service (ipvsadm(8): `-A`): an address and port, or all packets of a firewall mark."""

    protocol: str
    """tcp, udp, sctp, or mark."""
    address: str = ""
    port: int = 0
    mark: int = 0
    family: str = "ipv4"
    scheduler: str = "wlc"
    flags: Tuple[str, ...] = ()
    """Of the scheduler, such as sh-port or mh-fallback; sorted."""
    persistence_seconds: int = 0
    """0 where there is none."""
    netmask: int = 32
    """How many bits of a client's address persistence looks at; all, where there is none."""
    one_packet: bool = False
    engine: str = ""
    """Persistence by what is in the packets, such as sip; empty where it is by address."""
    servers: Tuple[Server, ...] = ()
    rates: Rates = Rates()

    @property
    def name(self) -> str:
        """Return by what the kernel tells services apart, as it is called in sentences."""
        if self.protocol == "mark":
            return f"mark {self.mark} ({self.family})"
        return f"{self.protocol} {_joined(self.address, self.port)}"


def _joined(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def services_data(services: Iterable[Service]) -> List[Dict[str, Any]]:
    """Return services as plain data, by the names of their fields, with C(name)."""
    out = []
    for service in services:
        data = {"name": service.name, **asdict(service), "flags": list(service.flags)}
        data["servers"] = [{"name": each.name, **asdict(each)} for each in service.servers]
        out.append(data)
    return out


# By what is compared: how it is said
OF_SERVICE = {
    "scheduler": "the scheduler",
    "flags": "the flags of the scheduler",
    "persistence_seconds": "the seconds of persistence",
    "netmask": "the bits of persistence's netmask",
    "one_packet": "one-packet scheduling",
    "engine": "the engine of persistence",
}
OF_SERVER = {
    "forwarding": "the forwarding",
    "weight": "the weight",
    "tunnel": "the tunnel",
    "tunnel_port": "the port of the tunnel",
}


def differences(wanted: Sequence[Mapping[str, Any]], kernel: Sequence[Mapping[str, Any]]) -> List[str]:
    """Return a sentence for all that the kernel's table has otherwise than it is wanted; none where nothing differs.

    Both are in the form of `services_data`; what the kernel counts is not compared. A server that is not in the table
    may be one whose check fails: who has checks takes those out of `wanted` first.
    """
    there, ours = _by_name(kernel), _by_name(wanted)
    said = [f"{name} is not in the kernel's table" for name in ours if name not in there]
    for name in (each for each in ours if each in there):
        said += _of(f"{name}: ", OF_SERVICE, ours[name], there[name])
        servers, found = _by_name(ours[name]["servers"]), _by_name(there[name]["servers"])
        said += [f"{name}: {each} is not among its servers" for each in servers if each not in found]
        for each in (server for server in servers if server in found):
            said += _of(f"{name}: of {each}, ", OF_SERVER, servers[each], found[each])
        said += [f"{name}: {each} is among its servers, and is not wanted" for each in found if each not in servers]
    return [*said, *(f"{name} is in the kernel's table, and is not wanted" for name in there if name not in ours)]


def _by_name(records: Iterable[Mapping[str, Any]]) -> Dict[str, Mapping[str, Any]]:
    return {each["name"]: each for each in records}


def _of(what: str, compared: Mapping[str, str], wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for key, words in compared.items():
        if wanted[key] != found[key]:
            yield f"{what}{words}: {_shown(found[key])}, and {_shown(wanted[key])} is wanted"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return (", ".join(value) if isinstance(value, (list, tuple)) else str(value)) or "none"
