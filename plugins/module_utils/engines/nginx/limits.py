# SPDX-License-Identifier: GPL-3.0-or-later
"""What nginx cannot do of the service model."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ...basics.schema import Report
from ...traffic.model import ALGORITHMS
from ...traffic.read import Records
from ..contract.proxies import proxy_limits

LACKS = ("first",)
WITHOUT_BACKUP = ("source", "uri", "random")
DROPPED_IN_HEADERS = "._"  # ngx_http_core_module, ignore_invalid_headers and underscores_in_headers
ACTIVE_CHECKS = ("http", "mysql", "smtp", "interval_seconds", "fall", "rise")


def limits(pools: Records, services: Records, modes: Mapping[str, str], report: Report) -> None:
    """Report what nginx cannot do; the records are by their paths, the modes by the names of the pools."""
    proxy_limits("nginx")(pools, services, modes, report)
    names: dict[str, str] = {}
    for path, raw in pools.items():
        _check_pool(raw, path, raw.get("mode") or modes.get(raw["name"], "http"), report)
        name = raw["name"] or ""
        first = names.setdefault(name.lower(), name)
        if first != name:
            report(f"{path}.name", f"nginx cannot tell {name} from {first}: the case makes no difference to it")
    for path, raw in services.items():
        for index, route in enumerate(raw["routes"] or ()):
            header = (route["header"] or {}).get("name") if route else None
            if header and any(character in header for character in DROPPED_IN_HEADERS):
                why = "nginx drops headers with a dot or an underscore in their names"
                report(f"{path}.routes[{index}].header.name", f"{header} never comes: {why}")


def _check_pool(raw: Mapping[str, Any], path: str, mode: str, report: Report) -> None:
    algorithm = raw["algorithm"]
    if algorithm in LACKS:
        known = ", ".join(word for word in ALGORITHMS if word not in LACKS)
        report(f"{path}.algorithm", f"nginx has no {algorithm}; it has {known}")
    if algorithm == "uri" and mode == "tcp":
        report(f"{path}.algorithm", "uri needs mode http: a TCP connection has none")
    asked = [key for key in ACTIVE_CHECKS if raw["check"] and raw["check"][key] is not None]
    if asked:
        how = "a server is left out after nginx_max_fails failures in nginx_fail_timeout_seconds"
        report(f"{path}.check", f"nginx does not check its servers ({', '.join(asked)}): {how}; or use haproxy")
    _check_backups(raw["servers"] or (), algorithm, path, report)


def _check_backups(servers: Sequence[Any], algorithm: str, path: str, report: Report) -> None:
    for index, server in enumerate(servers):
        if server and server["backup"] and algorithm in WITHOUT_BACKUP:
            report(f"{path}.servers[{index}].backup", f"nginx has no backup servers with algorithm {algorithm}")
    if servers and all(server and server["backup"] for server in servers) and algorithm not in WITHOUT_BACKUP:
        report(f"{path}.servers", "nginx needs a server that is not a backup")
