# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual servers of a configuration, as keepalived sets them up in IPVS (keepalived.conf(5), VIRTUAL SERVERS)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from ..language.tree import Directive
from .model import ConfiguredNode

CHECKERS = (
    "TCP_CHECK",
    "HTTP_GET",
    "SSL_GET",
    "SMTP_CHECK",
    "DNS_CHECK",
    "MISC_CHECK",
    "PING_CHECK",
    "UDP_CHECK",
    "BFD_CHECK",
    "FILE_CHECK",
)
METHOD = ("lvs_method", "lb_kind")
SCHEDULER = ("lvs_sched", "lb_algo")
BY_NAME = ("fwmark", "group")


@dataclass(frozen=True)
class RealServer:
    """A real_server; without a port, it has that of its virtual server."""

    ip: str
    port: Optional[int]
    weight: int
    checkers: Tuple[Directive, ...]
    directive: Directive

    @property
    def name(self) -> str:
        """Return its address and port for messages."""
        return f"{self.ip} port {self.port}" if self.port else self.ip


@dataclass(frozen=True)
class VirtualServer:
    """A virtual_server; `ip` is empty for one by fwmark or virtual_server_group."""

    name: str
    ip: str
    port: Optional[int]
    method: str
    reals: Tuple[RealServer, ...]
    directive: Directive

    @property
    def rewrites(self) -> bool:
        """Tell whether IPVS rewrites the destination (NAT); DR and TUN keep the client's packet."""
        return self.method not in ("DR", "TUN")

    def text(self, *keywords: str) -> str:
        """Return the first argument of the last of these keywords, or an empty string."""
        found = self.directive.last(*keywords)
        return found.arguments[0] if found and found.arguments else ""

    def whole(self, keyword: str) -> Optional[int]:
        """Return the argument of a keyword as a whole number, or None."""
        return whole(self.text(keyword))


def whole(text: str) -> Optional[int]:
    """Return a word as a whole number, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def virtual_servers(node: ConfiguredNode) -> Tuple[VirtualServer, ...]:
    """Return the virtual servers of a node."""
    return tuple(_virtual(each) for each in node.tree.all("virtual_server") if each.arguments)


def _virtual(directive: Directive) -> VirtualServer:
    words = directive.arguments
    named = words[0] in BY_NAME
    method = directive.last(*METHOD)
    return VirtualServer(
        name=" ".join(words[:2]) if named else " port ".join(words[:2]),
        ip="" if named else words[0],
        port=None if named or len(words) < 2 else whole(words[1]),
        method=(method.arguments[0] if method and method.arguments else "NAT").upper(),
        reals=tuple(_real(each) for each in directive.all("real_server") if each.arguments),
        directive=directive,
    )


def _real(directive: Directive) -> RealServer:
    words = directive.arguments
    weight = directive.last("weight")
    number = whole(weight.arguments[0]) if weight and weight.arguments else None
    return RealServer(
        ip=words[0],
        port=whole(words[1]) if len(words) > 1 else None,
        weight=1 if number is None else number,
        checkers=tuple(directive.all(*CHECKERS)),
        directive=directive,
    )
