# SPDX-License-Identifier: GPL-3.0-or-later
"""What ipvsadm(8) and the kernel print of IPVS, read: release 1.31, and ip_vs_ctl.c, ip_vs_conn.c and ip_vs_est.c.

Every function raises HaLbError, which quotes the line, where something else is printed than these do.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ...basics.errors import HaLbError
from ...basics.visible import shortened
from .table import Rates, Server, Service

LONGEST_QUOTE = 80
PROTOCOLS = {"-t": "tcp", "-u": "udp", "--sctp-service": "sctp", "-f": "mark"}
LISTED = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp", "FWM": "mark"}
FORWARDING = {"-g": "direct", "-m": "nat", "-i": "tunnel"}
# Each is followed by its value; the others stand alone
VALUED = (*PROTOCOLS, "-s", "-b", "-p", "-M", "--pe", "-r", "-w", "--tun-type", "--tun-port")
WIDEST = {"ipv4": 32, "ipv6": 128}
SCALES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
NUMBER = re.compile(r"([0-9]{1,20})([KMGT]?)\Z")
END = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})\Z")
DAEMON = re.compile(r"(master|backup) sync daemon \((.*)\)\Z")
WAYS = {"master": "sends", "backup": "receives"}
STATISTICS = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")

Counted = Mapping[Tuple[str, str], Sequence[int]]
"""Numbers by the name of a service, and that of a server of it or an empty one."""


def read_saved(text: str) -> List[Service]:
    """Return the services that `ipvsadm -Sn` prints, with their servers and nothing counted."""
    services: Dict[str, Service] = {}
    for line in _lines(text):
        with _quoting(line):
            verb, *words = line.split()
            options = dict(_options(words))
            service = _service(options)
            if verb == "-A":
                services[service.name] = service
            elif verb == "-a":
                known = services[service.name]
                services[known.name] = replace(known, servers=(*known.servers, _server(options)))
            else:
                raise ValueError(verb)
    return list(services.values())


def read_counted(text: str, columns: int) -> Counted:
    """Return the last numbers of every line that `ipvsadm -Ln` prints with `--rate` or `--persistent-conn`.

    `columns` is how many. Lines that have none, as those of services may, are not among them.
    """
    counted: Dict[Tuple[str, str], Sequence[int]] = {}
    service = ""
    for line in _lines(text):
        words = line.split()
        if words[0] in ("IP", "Prot") or words[:2] == ["->", "RemoteAddress:Port"]:
            continue
        with _quoting(line):
            if words[0] == "->":
                server = Server(*_end(words[1])).name
            else:
                service, server = _listed(words), ""
            numbers = [_number(each) for each in words[-columns:] if NUMBER.match(each)]
            if len(numbers) == columns and len(words) > columns + 1:
                counted[service, server] = numbers
            elif server:
                raise ValueError(words)
    return counted


def counting(services: Iterable[Service], connections: Counted, rates: Counted) -> List[Service]:
    """Return services with what is counted of them; of what another look at the table has not seen, nothing is."""

    def rates_of(service: str, server: str) -> Rates:
        return Rates(*rates.get((service, server), ()))

    def counted(service: str, server: Server) -> Server:
        _weight, persistent, active, inactive = connections.get((service, server.name), (0, 0, 0, 0))
        seen = rates_of(service, server.name)
        return replace(server, persistent=persistent, active=active, inactive=inactive, rates=seen)

    return [
        replace(
            each,
            servers=tuple(counted(each.name, server) for server in each.servers),
            rates=rates_of(each.name, ""),
        )
        for each in services
    ]


def read_daemons(text: str) -> List[Dict[str, Any]]:
    """Return the daemons of connection synchronisation that `ipvsadm -Ln --daemon` prints.

    Each is C({way, interface, sync_id, group, port}), C(way) being `sends` or `receives`.
    """
    found = []
    for line in _lines(text):
        with _quoting(line):
            said = DAEMON.match(line.strip())
            if not said:
                raise ValueError(line)
            words = dict(each.strip().split("=", 1) for each in said[2].split(","))
            numbers = {"sync_id": int(words["syncid"]), "port": int(words.get("port", 0))}
            interface, group = words["mcast"], words.get("group", "")
            found.append({"way": WAYS[said[1]], "interface": interface, "group": group, **numbers})
    return found


def read_statistics(text: str) -> Dict[str, Dict[str, int]]:
    """Return the C(totals) and the C(rates) of /proc/net/ip_vs_stats, whose numbers are hexadecimal."""
    rows = [line.split() for line in _lines(text)]
    with _quoting(text):
        numbers = [[int(each, 16) for each in row] for row in (rows[2], rows[4])]
        totals, rates = (dict(zip(STATISTICS, each)) for each in numbers if len(each) == len(STATISTICS))
    return {"totals": totals, "rates": rates}


def read_entries(lines: Iterable[str]) -> Dict[str, int]:
    """Count the lines of /proc/net/ip_vs_conn_sync, of which there may be millions.

    C(all) of them, those C(synced) from another director, and those that are C(persistent): not a connection, but where
    persistence sends a client.
    """
    count = {"all": 0, "synced": 0, "persistent": 0}
    for line in lines:
        words = line.split()
        if len(words) < 9:
            raise HaLbError(f"{_quoted(line)} is not an entry of ip_vs_conn_sync")
        if words[0] == "Pro":
            continue
        count["all"] += 1
        count["synced"] += words[8] == "SYNC"
        count["persistent"] += words[2] == "0000"
    return count


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip())


@contextmanager
def _quoting(line: str) -> Iterator[None]:
    """Turn whatever is wrong with a line into HaLbError."""
    try:
        yield
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise HaLbError(f"{_quoted(line)} is not what ipvsadm or the kernel prints of IPVS") from error


def _quoted(line: str) -> str:
    return repr(shortened(" ".join(line.split()), LONGEST_QUOTE))


def _options(words: Sequence[str]) -> Iterator[Tuple[str, str]]:
    rest = list(words)
    while rest:
        name = rest.pop(0)
        yield name, rest.pop(0) if name in VALUED else ""


def _service(options: Mapping[str, str]) -> Service:
    (option,) = (each for each in PROTOCOLS if each in options)
    place: Dict[str, Any] = {"protocol": PROTOCOLS[option]}
    if option == "-f":
        place.update(mark=_mark(options[option]), family="ipv6" if "-6" in options else "ipv4")
    else:
        address, port = _end(options[option])
        place.update(address=address, port=port, family="ipv6" if ":" in address else "ipv4")
    return Service(
        **place,
        scheduler=options.get("-s", ""),
        flags=tuple(sorted(filter(None, options.get("-b", "").split(",")))),
        persistence_seconds=_number(options.get("-p", "0")),
        netmask=_netmask(options.get("-M", ""), place["family"]),
        one_packet="-o" in options,
        engine=options.get("--pe", ""),
    )


def _server(options: Mapping[str, str]) -> Server:
    (way,) = (each for each in FORWARDING if each in options)
    kind, port = options.get("--tun-type", ""), _number(options.get("--tun-port", "0"))
    tunnel = kind or ("ipip" if way == "-i" else "")
    return Server(*_end(options["-r"]), FORWARDING[way], _number(options["-w"]), tunnel, port)


def _end(text: str) -> Tuple[str, int]:
    """Read an address and a port; an IPv6 address is in brackets."""
    found = END.match(text)
    if not found or int(found[3]) > 65535:
        raise ValueError(text)
    return str(ipaddress.ip_address(found[1] or found[2])), int(found[3])


def _listed(words: Sequence[str]) -> str:
    """Return the name of the service at the beginning of a line of `ipvsadm -Ln`."""
    protocol = LISTED[words[0]]
    if protocol == "mark":
        return Service(protocol, mark=_mark(words[1]), family="ipv6" if "IPv6" in words else "ipv4").name
    return Service(protocol, *_end(words[1])).name


def _mark(text: str) -> int:
    """Read a firewall mark, which ipvsadm prints as a signed number."""
    return int(text) % 2**32


def _netmask(text: str, family: str) -> int:
    """Read the mask of persistence: dotted for IPv4, a number of bits for IPv6."""
    if not text:
        return WIDEST[family]
    return ipaddress.ip_network(f"0.0.0.0/{text}").prefixlen if family == "ipv4" else _number(text)


def _number(text: str) -> int:
    """Read a number, which ipvsadm rounds to K, M, G or T where it has more than eight digits."""
    found = NUMBER.match(text)
    if not found:
        raise ValueError(text)
    return int(found[1]) * SCALES[found[2]]
