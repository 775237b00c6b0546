# SPDX-License-Identifier: GPL-3.0-or-later
"""One request, and whether it was answered."""

from __future__ import annotations

import http.client
import socket
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Collection, Mapping, Optional, Sequence

CHECK_PORT = 8405  # on loopback, where the proxy answers to keepalived
NO_PROXY = "none"
SERVES = ("ok", NO_PROXY)
"""What is said of a proxy that keeps nobody from serving: it answers, or there is none."""
PATIENCE = 3.0
SILENCE = 0.3  # a TCP service that has not hung up after this long is taken to wait for us


@dataclass(frozen=True)
class HttpAnswer:
    """What came back: whether it counts as an answer, what it was, and after how many seconds."""

    ok: bool
    what: str
    seconds: float


def health(port: int) -> str:
    """Return `ok` when the proxy answers 200 on its health end point, else what is wrong; of port 0, NO_PROXY."""
    if port == 0:
        return NO_PROXY
    answer = http_answer("127.0.0.1", port)
    return "ok" if answer.what == "HTTP 200" else answer.what


def http_answer(
    address: str, port: int, path: str = "/", headers: Optional[Mapping[str, str]] = None, method: str = "GET"
) -> HttpAnswer:
    """Send one request; anything below 500 is an answer."""
    begin = time.monotonic()
    try:
        with closing(http.client.HTTPConnection(address, port, timeout=PATIENCE)) as connection:
            connection.request(method, path, headers={"Connection": "close", **(headers or {})})
            status = connection.getresponse().status
        return HttpAnswer(status < 500, f"HTTP {status}", time.monotonic() - begin)
    except (OSError, http.client.HTTPException) as error:
        return HttpAnswer(False, _said(error), time.monotonic() - begin)


def tcp_answer(address: str, port: int) -> HttpAnswer:
    """Open a connection; one that is not closed at once is an answer."""
    begin = time.monotonic()
    try:
        with socket.create_connection((address, port), timeout=PATIENCE) as connection:
            connection.settimeout(SILENCE)
            try:
                ok = bool(connection.recv(1))
            except socket.timeout:
                ok = True
        return HttpAnswer(ok, "open" if ok else "closed at once", time.monotonic() - begin)
    except OSError as error:
        return HttpAnswer(False, _said(error), time.monotonic() - begin)


def requests_of(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a request for each address of each service; without a default pool, one that its first route takes."""
    return [
        {"service": each["name"], "mode": each["mode"], "address": address, "port": each["port"], **_request(each)}
        for each in services
        for address in each["addresses"]
        if each["mode"] != "udp"  # which says nothing to whom it does not know
    ]


def asked_from_elsewhere(services: Sequence[Mapping[str, Any]], held: Collection[str]) -> list[dict[str, Any]]:
    """Return the services without the addresses that this node has.

    Where the kernel balances, a server answers the VIP, and the node that has that hears itself speak.
    """
    return [
        {**each, "addresses": [address for address in each["addresses"] if address not in held]} for each in services
    ]


def _request(service: Mapping[str, Any]) -> dict[str, Any]:
    if service["pool"] or not service["routes"]:
        return {"path": "/", "headers": {}, "method": "GET"}
    route = service["routes"][0]
    headers = {"Host": route["host"][0]} if route["host"] else {}
    if route["header"]:
        headers[route["header"][0]] = route["header"][1][0]
    path = [*route["path"], *route["path_prefix"], "/"][0]
    return {"path": path, "headers": headers, "method": [*route["method"], "GET"][0]}


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
