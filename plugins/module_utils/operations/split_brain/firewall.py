# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rule of a firewall drops an advert: the rules are evaluated for one datagram (nft(8))."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Callable, Dict, NamedTuple, Optional, Sequence, Tuple

from ...basics.schema import is_address
from ...basics.visible import shortened
from .rulesets import Chain, read_ruleset

HOOKS = {"in": ("ingress", "prerouting", "input"), "out": ("output", "postrouting", "egress")}
FAMILIES = {"ipv4": ("ip", "inet", "netdev"), "ipv6": ("ip6", "inet", "netdev")}
DEEPEST = 16  # jumps within each other; NFT_JUMP_STACK_SIZE of the kernel
MOST_PARTS = 100  # of a rule; of a longer one it cannot be told what it matches
SHOWN = 300  # characters of a rule in a sentence
PROTOCOLS = {"vrrp": "112", "ah": "51"}
TTL = "255"  # of an advert that came; another one is found before (RFC 9568 §5.1.1.3)
NO_MATCH = re.compile(  # statements of a rule that neither match nor decide
    r'counter( packets \d+ bytes \d+)?|comment "[^"]*"|log( (prefix "[^"]*"|level \w+|flags \w+))*'
)
VERDICT = re.compile(r"(accept|drop|reject|return|continue|queue|jump|goto)\b ?([\w.-]*).*")
VALUE = r' (!= )?(\{[^}]*\}|"[^"]*"|\S+)'


class AdvertDatagram(NamedTuple):
    """An advert as a firewall sees it; `interface` is the host's own, and an unknown address is empty."""

    family: str
    source: str
    destination: str
    interface: str
    protocol: str = "112"


class _Verdict(NamedTuple):
    accepted: bool
    rule: str


@lru_cache(maxsize=1024)
def dropped_by(
    ruleset: str, direction: str, datagram: AdvertDatagram, guesses: Tuple[bool, ...] = (False, True)
) -> str:
    """Return the rule or chain that drops a datagram on its way `in` or `out`, as words; empty if none is seen to.

    A rule that certainly drops it comes before one that may, such as one with a limit or a named set. Whether the
    latter are taken to drop it is in `guesses`, in the order in which they are tried.
    """
    chains = [each for each in read_ruleset(ruleset) if each.table.split()[0] in FAMILIES[datagram.family]]
    for guess in guesses:
        walk = _Walk(chains, datagram, guess)
        for chain in chains:
            verdict = walk.through(chain) if chain.hook in HOOKS[direction] else None
            if verdict and not verdict.accepted:
                return verdict.rule
    return ""


class _Walk:
    """A datagram on its way through chains, each of which is walked through once, however many jump to it.

    A rule that cannot be evaluated lets the datagram pass, or, with a guess, drops it. A chain that jumps back to one
    that is walked through decides nothing there: the kernel takes no such ruleset, so a host that shows one lies.
    """

    def __init__(self, chains: Sequence[Chain], datagram: AdvertDatagram, guess: bool) -> None:
        self._named = {(each.table, each.name): each for each in chains}
        self._datagram = datagram
        self._guess = guess
        self._known: Dict[Tuple[str, str], Optional[_Verdict]] = {}

    def through(self, chain: Chain, depth: int = DEEPEST) -> Optional[_Verdict]:
        """Return the verdict of a chain, or None if no rule decides."""
        key = (chain.table, chain.name)
        if key not in self._known:
            self._known[key] = None
            self._known[key] = self._decided(chain, depth)
        return self._known[key]

    def _decided(self, chain: Chain, depth: int) -> Optional[_Verdict]:
        for rule in chain.rules:
            fits, verdict, target = _read(rule.meaning, self._datagram)
            if not verdict or fits is False or (fits is None and (verdict == "accept") is self._guess):
                continue
            if verdict in ("drop", "reject"):
                return _Verdict(False, f"the rule `{shortened(rule.text, SHOWN)}` in {chain.title}")
            if verdict in ("accept", "queue"):
                return _Verdict(True, rule.text)
            if verdict in ("jump", "goto"):
                inner = self._named.get((chain.table, target))
                decided = self.through(inner, depth - 1) if inner and depth else None
                if decided:
                    return decided
            if verdict in ("return", "goto"):
                break
        rest = f"{chain.title}, which drops what none of its rules accepts"
        return _Verdict(False, rest) if chain.drops_the_rest else None


def _read(rule: str, datagram: AdvertDatagram) -> Tuple[Optional[bool], str, str]:
    """Return whether a datagram matches a rule (None: it cannot be told), and the rule's verdict and target."""
    fits: Optional[bool] = True
    rest = rule
    for _part in range(MOST_PARTS):
        if not rest:
            break
        verdict = VERDICT.match(rest)
        if verdict:
            return fits, verdict[1], verdict[2]
        skipped = NO_MATCH.match(rest)
        if skipped:
            rest = rest[skipped.end() :].strip()
            continue
        for pattern, holds in MATCHES.items():
            found = re.match(pattern, rest)
            if found:
                fits = _both(fits, holds(found, datagram))
                rest = rest[found.end() :].strip()
                break
        else:
            fits, rest = _both(fits, None), rest.partition(" ")[2]
    return fits, "", ""


def _both(one: Optional[bool], other: Optional[bool]) -> Optional[bool]:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _protocol(found: re.Match[str], datagram: AdvertDatagram) -> Optional[bool]:
    protocols = [PROTOCOLS.get(each, each) for each in _elements(found[2])]
    return (datagram.protocol in protocols) is not bool(found[1])


def _address(found: re.Match[str], datagram: AdvertDatagram) -> Optional[bool]:
    if found["family"] != {"ipv4": "ip", "ipv6": "ip6"}[datagram.family]:
        return False
    end = datagram.source if found["end"] == "saddr" else datagram.destination
    if not is_address(end):
        return None
    matched = [_contains(each, ipaddress.ip_address(end)) for each in _elements(found[4])]
    inside = True if True in matched else None if None in matched else False
    return inside if inside is None else inside is not bool(found[3])


def _hops(found: re.Match[str], datagram: AdvertDatagram) -> Optional[bool]:
    of_family = found[1] == {"ipv4": "ip ttl", "ipv6": "ip6 hoplimit"}[datagram.family]
    return of_family and (TTL in _elements(found[3])) is not bool(found[2])


def _contains(element: str, address: ipaddress._BaseAddress) -> Optional[bool]:
    """Tell whether an address, a prefix or a range of a rule contains an address; None for a named set."""
    first, dash, last = element.partition("-")
    try:
        if dash:
            return int(ipaddress.ip_address(first)) <= int(address) <= int(ipaddress.ip_address(last))
        return address in ipaddress.ip_network(element, strict=False)
    except ValueError:
        return None


def _interface(found: re.Match[str], datagram: AdvertDatagram) -> Optional[bool]:
    interfaces = [each.strip('"') for each in _elements(found[2])]
    return (datagram.interface in interfaces) is not bool(found[1])


def _elements(value: str) -> Sequence[str]:
    return [each.strip() for each in value.strip("{} ").split(",")]


MATCHES: Dict[str, Callable[[re.Match[str], AdvertDatagram], Optional[bool]]] = {
    rf"(?:ip protocol|ip6 nexthdr|(?:meta )?l4proto){VALUE}": _protocol,
    rf"(?P<family>ip6?) (?P<end>saddr|daddr){VALUE}": _address,
    rf"(ip ttl|ip6 hoplimit){VALUE}": _hops,
    rf"(?:meta )?(?:iif|iifname|oif|oifname){VALUE}": _interface,
    r"meta nfproto (\w+)": lambda found, datagram: found[1] == datagram.family,
    r"(?:tcp|udp|udplite|sctp|dccp|th|icmp|icmpv6|igmp|arp)\b.*?(?= (?:accept|drop|reject|jump|goto|return)\b|$)": (
        lambda found, datagram: False
    ),
}
