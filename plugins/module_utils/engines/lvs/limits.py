# SPDX-License-Identifier: GPL-3.0-or-later
"""What IPVS, as keepalived sets it up, cannot do of the service model."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from ...basics.schema import Report, is_address
from ...traffic.read import Records, pools_used
from .schedulers import HASHING, KNOWN, scheduler

KEEPS = {"direct": "a packet keeps its port", "tunnel": "a packet keeps its port in the tunnel"}
WITHOUT_PORT = ("ping", "script")
# What keepalived.conf takes as it stands: # and ! begin a comment, $ and ~ stand for something else
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/?=&:@,+%-]*\Z")


def limits(pools: Records, services: Records, modes: Mapping[str, str], report: Report) -> None:
    """Report what it cannot do; the records are by their paths, the modes by the names of the pools."""
    users: Dict[str, List[Tuple[str, Mapping[str, Any]]]] = {}
    for path, raw in services.items():
        if raw["mode"] == "http":
            report(f"{path}.mode", "is http, of which lvs knows nothing: write mode: tcp or udp")
        for pool in pools_used(raw):
            users.setdefault(pool, []).append((path, raw))
    for path, raw in pools.items():
        mine = users.get(raw["name"], [])
        _check_algorithm(raw, path, report)
        _check_servers(raw, path, mine, report)
        _check_persistence(raw, path, mine, report)
        _check_tunnel(raw, path, report)
        _check_check(raw, path, modes.get(raw["name"], ""), report)


def _check_algorithm(raw: Mapping[str, Any], path: str, report: Report) -> None:
    algorithm = raw["algorithm"]
    if algorithm and algorithm not in KNOWN:
        report(f"{path}.algorithm", f"lvs has no {algorithm}; it has {', '.join(KNOWN)}")
    elif algorithm and raw["hash"] and scheduler(algorithm) not in HASHING:
        report(f"{path}.hash", f"belongs to {', '.join(HASHING)} and source, and the algorithm is {algorithm}")


def _check_servers(raw: Mapping[str, Any], path: str, users: Sequence[Any], report: Report) -> None:
    backups, places = 0, set()
    forwarding = raw["forwarding"] or "direct"
    for index, server in enumerate(raw["servers"] or ()):
        if not server:
            continue
        where = f"{path}.servers[{index}]"
        address, port = server["address"], server["port"]
        if address and not is_address(address):
            report(f"{where}.address", f"{address} is a name, and the kernel takes addresses only")
        if address and (address, port) in places:
            report(f"{where}.address", f"{address} is already a server of this pool")
        places.add((address, port))
        backups += bool(server["backup"])
        if backups > 1 and server["backup"]:
            report(f"{where}.backup", "is the second: keepalived has one server for when the others are down")
        for service, used in users if forwarding in KEEPS else ():
            if port and port != used["port"]:
                asked = f"{service} has port {used['port']}" if used["port"] else f"{service} has several"
                why = f"with forwarding {forwarding} {KEEPS[forwarding]}"
                report(f"{where}.port", f"is {port}, and {asked}: {why}; forwarding: nat changes it")
    _check_weights(raw, path, report)


def _check_weights(raw: Mapping[str, Any], path: str, report: Report) -> None:
    weights = [server["weight"] for server in raw["servers"] or () if server and not server["backup"]]
    known = [weight for weight in weights if weight is not None]
    if raw["servers"] and all(raw["servers"]) and not any(known) and len(known) == len(weights):
        report(f"{path}.servers", "none that is not a backup has a weight above 0, so nobody answers")
    elif raw["quorum"] and raw["quorum"] > sum(known):
        report(f"{path}.quorum", f"is {raw['quorum']}, and the servers weigh {sum(known)} together: it never comes")


def _check_persistence(raw: Mapping[str, Any], path: str, users: Sequence[Any], report: Report) -> None:
    if raw["one_packet"]:
        for service, used in users:
            if used["mode"] == "tcp":
                report(f"{path}.one_packet", f"is for UDP, and {service} has mode tcp")
        if raw["persistence"]:
            report(f"{path}.persistence", "contradicts one_packet, which forgets a client with every packet")


def _check_tunnel(raw: Mapping[str, Any], path: str, report: Report) -> None:
    tunnel = raw["tunnel"]
    if tunnel and raw["forwarding"] != "tunnel":
        report(f"{path}.tunnel", f"belongs to forwarding tunnel, and it is {raw['forwarding'] or 'direct'}")
    elif tunnel and (tunnel["type"] == "gue") != (tunnel["port"] is not None):
        is_missing = tunnel["port"] is None
        report(f"{path}.tunnel.port", "is missing: gue is UDP to a port" if is_missing else "belongs to type gue")


def _check_check(raw: Mapping[str, Any], path: str, mode: str, report: Report) -> None:
    check = raw["check"] or {}
    for word, why in _wrong_words(check):
        report(f"{path}.check.{word}", why)
    for kind in (each for each in ("http", "https") if check.get(each)):
        url = check[kind]["path"]
        if url and not PLAIN_PATH.match(url):
            report(f"{path}.check.{kind}.path", f"{url} has a character that keepalived.conf takes for something else")


def _wrong_words(check: Mapping[str, Any]) -> Iterator[Tuple[str, str]]:
    if check.get("mysql") is not None:
        yield "mysql", "keepalived has no such check; it has http, https, tcp, udp, ping, smtp, dns, script"
    if check.get("rise") not in (None, 1):
        yield "rise", "keepalived takes a server back after its first good check: leave it out"
    for kind in (each for each in WITHOUT_PORT if check.get(each) is not None and check.get("port")):
        yield "port", f"does not go with {kind}, which asks no port"
