# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine cannot do: the service model is the same for all, and only the engine that is chosen judges."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ..basics.schema import Report, integer
from ..host.http_probe import CHECK_PORT
from ..traffic.model import ALGORITHMS

ENGINES = ("haproxy", "nginx")
Records = Mapping[str, Mapping[str, Any]]

NGINX_LACKS = ("first",)
NGINX_WITHOUT_BACKUP = ("source", "uri", "random")
NGINX_DROPS = "._"
ACTIVE_CHECKS = ("http", "mysql", "smtp", "interval_seconds", "fall", "rise")


def check_engine(engine: str, pools: Records, services: Records, modes: Mapping[str, str], report: Report) -> None:
    """Report what the engine cannot do; the records are by their paths, the modes by the names of the pools."""
    if engine != "nginx":
        return
    names: dict[str, str] = {}
    for path, raw in pools.items():
        _check_nginx_pool(raw, path, raw.get("mode") or modes.get(raw["name"], "http"), report)
        name = raw["name"] or ""
        first = names.setdefault(name.lower(), name)
        if first != name:
            report(f"{path}.name", f"nginx cannot tell {name} from {first}: the case makes no difference to it")
    for path, raw in services.items():
        for index, route in enumerate(raw["routes"] or ()):
            header = (route["header"] or {}).get("name") if route else None
            if header and any(each in header for each in NGINX_DROPS):
                why = "nginx drops headers with a dot or an underscore in their names"
                report(f"{path}.routes[{index}].header.name", f"{header} never comes: {why}")


def check_port(variables: Mapping[str, Any], engine: str, report: Report) -> None:
    """Report a proxy that does not answer to health checks where keepalived asks."""
    both = variables.get("ha_lb_check_port") or CHECK_PORT
    integer(1, 65535)(both, "ha_lb_check_port", report)
    proxy, keepalived = f"{engine}_check_port", "keepalived_check_port"
    answers, asks = (str(variables.get(name) or both) for name in (proxy, keepalived))
    if answers != asks:
        report(keepalived, f"is {asks}, and {proxy} is {answers}: set ha_lb_check_port, which is for both")


def _check_nginx_pool(raw: Mapping[str, Any], path: str, mode: str, report: Report) -> None:
    algorithm = raw["algorithm"]
    if algorithm in NGINX_LACKS:
        known = ", ".join(each for each in ALGORITHMS if each not in NGINX_LACKS)
        report(f"{path}.algorithm", f"nginx has no {algorithm}; it has {known}")
    if algorithm == "uri" and mode == "tcp":
        report(f"{path}.algorithm", "uri needs mode http: a TCP connection has none")
    asked = [key for key in ACTIVE_CHECKS if raw["check"] and raw["check"][key] is not None]
    if asked:
        how = "a server is left out after nginx_max_fails failures in nginx_fail_timeout_seconds"
        report(f"{path}.check", f"nginx does not check its servers ({', '.join(asked)}): {how}; or use haproxy")
    _check_nginx_backups(raw["servers"] or (), algorithm, path, report)


def _check_nginx_backups(servers: Sequence[Any], algorithm: str, path: str, report: Report) -> None:
    for index, server in enumerate(servers):
        if server and server["backup"] and algorithm in NGINX_WITHOUT_BACKUP:
            report(f"{path}.servers[{index}].backup", f"nginx has no backup servers with algorithm {algorithm}")
    if servers and all(server and server["backup"] for server in servers) and algorithm not in NGINX_WITHOUT_BACKUP:
        report(f"{path}.servers", "nginx needs a server that is not a backup")
