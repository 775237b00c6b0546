# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rule of a firewall drops an advert: the rules are evaluated for one datagram (nft(8))."""

from __future__ import annotations

import ipaddress
import re
from typing import Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...basics.schema import is_address
from .rulesets import Chain, read_ruleset

HOOKS = {"in": ("ingress", "prerouting", "input"), "out": ("output", "postrouting", "egress")}
FAMILIES = {"ipv4": ("ip", "inet", "netdev"), "ipv6": ("ip6", "inet", "netdev")}
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


def dropped_by(ruleset: str, direction: str, datagram: AdvertDatagram, guesses: Sequence[bool] = (False, True)) -> str:
    """Return the rule or chain that drops a datagram on its way `in` or `out`, as words; empty if none is seen to.

    A rule that certainly drops it comes before one that may, such as one with a limit or a named set. Whether the
    latter are taken to drop it is in `guesses`, in the order in which they are tried.
    """
    chains = [each for each in read_ruleset(ruleset) if each.table.split()[0] in FAMILIES[datagram.family]]
    named = {(each.table, each.name): each for each in chains}
    for guess in guesses:
        for chain in chains:
            verdict = _walk(chain, named, datagram, guess) if chain.hook in HOOKS[direction] else None
            if verdict and not verdict.accepted:
                return verdict.rule
    return ""


def _walk(
    chain: Chain, named: Mapping[Tuple[str, str], Chain], datagram: AdvertDatagram, guess: bool, depth: int = 16
) -> Optional[_Verdict]:
    """Return the verdict of a chain on a datagram, or None if no rule decides; `depth` limits jumps."""
    for rule in chain.rules:
        fits, verdict, target = _read(rule.meaning, datagram)
        # A rule that cannot be evaluated lets the datagram pass, or, with a guess, drops it
        if not verdict or fits is False or (fits is None and (verdict == "accept") is guess):
            continue
        if verdict in ("drop", "reject"):
            return _Verdict(False, f"the rule `{rule.text}` in {chain.title}")
        if verdict in ("accept", "queue"):
            return _Verdict(True, rule.text)
        if verdict in ("jump", "goto"):
            inner = named.get((chain.table, target))
            decided = _walk(inner, named, datagram, guess, depth - 1) if inner and depth else None
            if decided:
                return decided
        if verdict in ("return", "goto"):
            break
    return (
        _Verdict(False, f"{chain.title}, which drops what none of its rules accepts") if chain.drops_the_rest else None
    )


def _read(rule: str, datagram: AdvertDatagram) -> Tuple[Optional[bool], str, str]:
    """Return whether a datagram matches a rule (None: it cannot be told), and the rule's verdict and target."""
    fits: Optional[bool] = True
    rest = rule
    while rest:
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
