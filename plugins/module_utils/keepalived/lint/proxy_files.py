# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of haproxy.cfg and nginx.conf as shows whether they and keepalived mean the same addresses."""

from __future__ import annotations

import ipaddress
import re
import shlex
from typing import Iterator, List, NamedTuple, Optional, Tuple

from ...basics.schema import is_address
from ..config.model import Node
from ..language.tree import Place

HAPROXY, NGINX = "/etc/haproxy/haproxy.cfg", "/etc/nginx/nginx.conf"
SECTIONS = ("global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "program", "cache")
LISTENS = re.compile(r"^\s*listen\s+([^;]+);")
OTHER_SOCKETS = ("/", "unix@", "abns@", "abnsz@", "fd@", "sockpair@", "${", '"$')
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Line(NamedTuple):
    """A line of haproxy.cfg, in words."""

    words: Tuple[str, ...]
    number: int

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(HAPROXY, self.number)


class Section(NamedTuple):
    """A section of haproxy.cfg with its lines."""

    kind: str
    name: str
    lines: Tuple[Line, ...]

    def all(self, *keywords: str) -> List[Line]:
        """Return the lines that begin with these words."""
        return [line for line in self.lines if line.words[: len(keywords)] == keywords]


class Bind(NamedTuple):
    """Where a proxy listens: at an address, or at all of these families."""

    address: str
    families: Tuple[str, ...]
    transparent: bool
    place: Place


def haproxy(node: Node) -> Tuple[Section, ...]:
    """Return the sections of a node's haproxy.cfg; none where it is not known."""
    sections: List[Tuple[str, str, List[Line]]] = []
    for number, text in enumerate(str(node.facts.get("haproxy_cfg", "")).splitlines(), 1):
        words = _words(text)
        if words and words[0] in SECTIONS:
            sections.append((words[0], " ".join(words[1:2]), [Line(words, number)]))
        elif words and sections:
            sections[-1][2].append(Line(words, number))
    return tuple(Section(kind, name, tuple(lines)) for kind, name, lines in sections)


def _words(text: str) -> Tuple[str, ...]:
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return tuple(text.partition("#")[0].split())


def binds(node: Node) -> Tuple[Bind, ...]:
    """Return where the proxies of a node listen."""
    found = [
        bind
        for section in haproxy(node)
        if section.kind in ("frontend", "listen")
        for line in section.all("bind")
        for word in ",".join(line.words[1:2]).split(",")
        for bind in _bind(word, "transparent" in line.words, "v4v6" in line.words, line.place)
    ]
    return (*found, *_nginx(str(node.facts.get("nginx_conf", ""))))


def _nginx(text: str) -> Iterator[Bind]:
    for number, line in enumerate(text.splitlines(), 1):
        match = LISTENS.match(line)
        if match:
            words = match.group(1).split()
            word = f"*:{words[0]}" if words[0].isdigit() else words[0]
            yield from _bind(word, False, "ipv6only=off" in words, Place(NGINX, number))


def _bind(word: str, transparent: bool, both: bool, place: Place) -> Iterator[Bind]:
    prefix, at, rest = word.partition("@")
    host = (rest if at and prefix in ("ipv4", "ipv6", "quic4", "quic6", "udp4", "udp6") else word).rpartition(":")[0]
    host = host.strip("[]") or ("::" if prefix in ("ipv6", "quic6", "udp6") else "*")
    if word.startswith(OTHER_SOCKETS) or not word:
        return
    if host in ("*", "0.0.0.0"):
        yield Bind("", ("ipv4",), transparent, place)
    elif host == "::":
        yield Bind("", ("ipv4", "ipv6") if both else ("ipv6",), transparent, place)
    elif is_address(host):
        yield Bind(str(ipaddress.ip_address(host)), (), transparent, place)


def seconds(word: str) -> Optional[float]:
    """Return the seconds of a time as haproxy writes it: milliseconds without a unit."""
    match = re.fullmatch(r"([0-9]{1,12})(us|ms|s|m|h|d)?", word)
    return int(match.group(1)) * UNITS[match.group(2) or "ms"] if match else None
