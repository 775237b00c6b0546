# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of a node's status page: only GET, only for the admin networks.

It is one process without threads. A slow client occupies a connection; when all are occupied, the oldest is closed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import json
import os
import time
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, NamedTuple, Tuple, cast

from ...basics.errors import HaLbError
from ...keepalived.live.agents import ear_said, guard_said
from ..config import PageConfig, read_page_config
from ..look import read_look
from ..notify.daemon import notify_systemd, read_tracked
from .page import STYLE, node_status, page

CONNECTIONS = 64
PATIENCE_SECONDS = 5.0
LONGEST_HEAD = 8192
REFRESH_SECONDS = 5
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 503: "Busy"}


class Reply(NamedTuple):
    """An HTTP response."""

    status: int
    text: str
    kind: str = "text/plain"
    headers: Tuple[Tuple[str, str], ...] = ()


class Sources(NamedTuple):
    """The files from which the status is read."""

    look: Path
    channels: Path
    tracked: Path
    guard: Path
    ear: Path


def allowed(peer: str, networks: Iterable[str]) -> bool:
    """Tell whether an address is in one of the networks; an IPv4 one may be mapped into IPv6 (RFC 4291 §2.5.5.2)."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in ipaddress.ip_network(each) for each in networks)


def reply_to(head: bytes, config: PageConfig, sources: Sources, now: float) -> Reply:
    """Return the response to the head of a request (RFC 9112 §3)."""
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return Reply(400, "this is not an HTTP request\n")
    if words[0] != "GET":
        return Reply(405, "this page can only be read: GET\n", headers=(("Allow", "GET"),))
    path = words[1].partition("?")[0]
    if path not in ("/", "/status.json"):
        return Reply(404, "there is / for people and /status.json for programs\n")
    place = {"cluster": config.cluster, "node": config.node}
    status = node_status(
        place, read_look(sources.look), read_json(sources.channels), read_tracked(sources.tracked), now, said(sources)
    )
    if path == "/status.json":
        return Reply(200, json.dumps(status, indent=2) + "\n", "application/json")
    return Reply(200, page(status, REFRESH_SECONDS), "text/html")


def said(sources: Sources) -> Dict[str, Mapping[str, Any]]:
    """Return what the guard and the ear say."""
    now = time.monotonic()
    return {"guard": guard_said(sources.guard, True, now), "ear": ear_said(sources.ear, True, now)}


def encode(reply: Reply) -> bytes:
    """Return the bytes of a response."""
    body = reply.text.encode()
    headers = {
        "Content-Type": f"{reply.kind}; charset=utf-8",
        "Content-Length": str(len(body)),
        **HEADERS,
        **dict(reply.headers),
    }
    lines = [f"HTTP/1.1 {reply.status} {REASONS[reply.status]}", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_json(path: Path) -> Mapping[str, Any]:
    """Return the data of a JSON file; an empty mapping if there is none."""
    try:
        data: Mapping[str, Any] = json.loads(path.read_text())
        return data
    except (OSError, ValueError):
        return {}


class StatusServer:
    """The connections of the page, oldest first."""

    def __init__(self, config: PageConfig, sources: Sources) -> None:
        self.config, self.sources = config, sources
        self._open: Dict[asyncio.Task[None], None] = {}

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, for at most PATIENCE_SECONDS."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._open[task] = None
        if len(self._open) > CONNECTIONS:
            next(iter(self._open)).cancel()
        try:
            await asyncio.wait_for(self._serve(reader, writer), PATIENCE_SECONDS)
        except (
            asyncio.CancelledError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            asyncio.TimeoutError,
            OSError,
        ):
            pass
        finally:
            self._open.pop(task, None)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if allowed(writer.get_extra_info("peername")[0], self.config.networks):
            head = await reader.readuntil(b"\r\n\r\n")
            reply = reply_to(head, self.config, self.sources, time.time())
        else:
            reply = Reply(403, "this page is for the admin networks\n")
        writer.write(encode(reply))
        await writer.drain()


async def run(config: PageConfig, sources: Sources) -> None:
    """Serve forever."""
    served = StatusServer(config, sources)
    server = await asyncio.start_server(served.accept, config.addresses, config.port, limit=LONGEST_HEAD, backlog=256)
    notify_systemd("READY=1")
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve the page of this node."""
    sources = Sources(*(Path(os.environ[f"HA_LB_{name.upper()}"]) for name in Sources._fields))
    try:
        asyncio.run(run(read_page_config(Path(os.environ["HA_LB_PAGE"]).read_text()), sources))
    except (HaLbError, OSError) as error:
        raise SystemExit(f"the status page cannot be served: {error}") from error


if __name__ == "__main__":
    main()
