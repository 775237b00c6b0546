# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of a node's status page: only GET, only for the admin networks.

systemd listens, and starts it with the first connection; it ends when nobody has asked for some seconds, so that a page
that nobody looks at takes no memory. It is one process without threads. A slow client occupies a connection; when all
are occupied, the oldest is closed.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import os
import select
import socket
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...basics.errors import HaLbError
from ...keepalived.live.agents import ear_said, guard_said
from ..config import PageConfig, read_page_config
from ..last_look import read_look
from ..states import read_tracked
from ..systemd import given_sockets, notify_systemd
from .page import STYLE, node_status, page

CONNECTIONS = 64
PATIENCE_SECONDS = 5.0
IDLE_SECONDS = 10.0  # more than REFRESH_SECONDS: while somebody looks, it stays
LONGEST_HEAD = 8192
END_OF_HEAD = b"\r\n\r\n"
REFRESH_SECONDS = 5
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
NOT_FOR_ALL = "this page is for the admin networks\n"
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
    heard: Path


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
    return {"guard": guard_said(sources.guard, True, now), "ear": ear_said(sources.heard, True, now)}


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


class Visit:
    """One connection: what its client has sent so far, and what is left to send; all of it by `until` (monotonic)."""

    def __init__(self, channel: socket.socket, until: float, left: Optional[bytes] = None) -> None:
        self.channel, self.until, self.left = channel, until, left
        self._head = b""

    def events(self) -> int:
        """Return what it waits for, for poll."""
        return select.POLLOUT if self.left else select.POLLIN

    def proceed(self, answer: Callable[[bytes], bytes]) -> bool:
        """Send or read what can be at once; return whether the connection stays open.

        After the answer it does, until the client has closed its side: to close with unread data would reset it, and
        the answer might be lost. Raises OSError.
        """
        if self.left:
            self.left = self.left[self.channel.send(self.left) :]
            if not self.left:
                self.channel.shutdown(socket.SHUT_WR)
            return True
        data = self.channel.recv(LONGEST_HEAD)
        if self.left is None:
            self._head += data
            if END_OF_HEAD in self._head:
                self.left = answer(self._head)
            elif len(self._head) >= LONGEST_HEAD:
                return False
        return bool(data)


class StatusServer:
    """The connections of the page by descriptor, oldest first."""

    def __init__(self, config: PageConfig, sources: Sources, listening: Sequence[socket.socket]) -> None:
        self.config, self.sources = config, sources
        self._listening = {each.fileno(): each for each in listening}
        self._visits: Dict[int, Visit] = {}
        self._poll = select.poll()
        for each in listening:
            each.setblocking(False)
            self._poll.register(each, select.POLLIN)

    def run(self) -> None:
        """Serve until there has been no connection for IDLE_SECONDS; systemd goes on listening."""
        quiet = time.monotonic() + IDLE_SECONDS
        while self._visits or time.monotonic() < quiet:
            until = next(iter(self._visits.values())).until if self._visits else quiet
            for descriptor, _event in self._poll.poll(max(0.0, until - time.monotonic()) * 1000 + 1):
                if descriptor in self._listening:
                    self._accept(self._listening[descriptor])
                elif descriptor in self._visits:
                    self._proceed(descriptor, self._visits[descriptor])
            now = time.monotonic()
            quiet = now + IDLE_SECONDS if self._visits else quiet
            for descriptor in [each for each, visit in self._visits.items() if visit.until <= now]:
                self._close(descriptor)

    def _accept(self, listening: socket.socket) -> None:
        try:
            channel, peer = listening.accept()
        except OSError:  # it is gone again
            return
        channel.setblocking(False)
        refusal = None if allowed(peer[0], self.config.networks) else encode(Reply(403, NOT_FOR_ALL))
        visit = Visit(channel, time.monotonic() + PATIENCE_SECONDS, refusal)
        if len(self._visits) >= CONNECTIONS:
            self._close(next(iter(self._visits)))
        self._visits[channel.fileno()] = visit
        self._poll.register(channel, visit.events())

    def _proceed(self, descriptor: int, visit: Visit) -> None:
        try:
            if visit.proceed(self._answer):
                self._poll.modify(descriptor, visit.events())
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(descriptor)

    def _answer(self, head: bytes) -> bytes:
        return encode(reply_to(head, self.config, self.sources, time.time()))

    def _close(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._visits.pop(descriptor).channel.close()


def main() -> None:
    """Serve the page of this node."""
    sources = Sources(*(Path(os.environ[f"HA_LB_{name.upper()}"]) for name in Sources._fields))
    try:
        config = read_page_config(Path(os.environ["HA_LB_PAGE"]).read_text())
        listening = given_sockets(os.environ)
        if not listening:
            raise HaLbError("systemd has opened no socket for it: start ha_lb-status.socket")
        server = StatusServer(config, sources, listening)
        notify_systemd("READY=1")
        server.run()
    except (HaLbError, OSError) as error:
        raise SystemExit(f"the status page cannot be served: {error}") from error


if __name__ == "__main__":
    main()
