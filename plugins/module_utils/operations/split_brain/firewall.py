# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rule of a firewall drops an advert, as far as its rules concern one datagram (nft(8))."""

from __future__ import annotations

import ipaddress
import re
from typing import Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...basics.schema import is_address
from .rulesets import Chain, read_ruleset

HOOKS = {"in": ("ingress", "prerouting", "input"), "out": ("output", "postrouting", "egress")}
FAMILIES = {"ipv4": ("ip", "inet", "netdev"), "ipv6": ("ip6", "inet", "netdev")}
PROTOCOLS = {"vrrp": "112", "ah": "51"}
SAYS_NOTHING = re.compile(
    r'counter( packets \d+ bytes \d+)?|comment "[^"]*"|log( (prefix "[^"]*"|level \w+|flags \w+))*'
)
VERDICT = re.compile(r"(accept|drop|reject|return|continue|queue|jump|goto)\b ?([\w.-]*).*")
VALUE = r' (!= )?(\{[^}]*\}|"[^"]*"|\S+)'


class Datagram(NamedTuple):
    """An advert as a firewall sees it; `interface` is the host's own. An address that is not known is empty."""

    family: str
    source: str
    destination: str
    interface: str
    protocol: str = "112"


class _Verdict(NamedTuple):
    accepted: bool
    says: str


def dropped_by(ruleset: str, direction: str, datagram: Datagram, guesses: Sequence[bool] = (False, True)) -> str:
    """Say what drops a datagram that is coming `in` or going `out`; say nothing when that cannot be seen.

    What drops it for certain comes before a rule that might, such as one with a limit or a named set; without
    guesses, that is not said at all.
    """
    chains = [each for each in read_ruleset(ruleset) if each.table.split()[0] in FAMILIES[datagram.family]]
    named = {(each.table, each.name): each for each in chains}
    for guess in guesses:
        for chain in chains:
            verdict = _walk(chain, named, datagram, guess) if chain.hook in HOOKS[direction] else None
            if verdict and not verdict.accepted:
                return verdict.says
    return ""


def _walk(
    chain: Chain, named: Mapping[Tuple[str, str], Chain], datagram: Datagram, guess: bool, depth: int = 16
) -> Optional[_Verdict]:
    """Return what becomes of a datagram in a chain, or None when it comes out at its end."""
    for rule in chain.rules:
        fits, verdict, target = _read(rule.meaning, datagram)
        # What is uncertain is taken to let it pass, and by a guess to drop it
        if not verdict or fits is False or (fits is None and (verdict == "accept") is guess):
            continue
        if verdict in ("drop", "reject"):
            return _Verdict(False, f"the rule `{rule.text}` in {chain.title}")
        if verdict in ("accept", "queue"):
            return _Verdict(True, rule.text)
        if verdict in ("jump", "goto"):
            inner = named.get((chain.table, target))
            said = _walk(inner, named, datagram, guess, depth - 1) if inner and depth else None
            if said:
                return said
        if verdict in ("return", "goto"):
            break
    return (
        _Verdict(False, f"{chain.title}, which drops what none of its rules accepts") if chain.drops_the_rest else None
    )


def _read(rule: str, datagram: Datagram) -> Tuple[Optional[bool], str, str]:
    """Return whether a datagram fits (None: that cannot be told), and the rule's verdict and target."""
    fits: Optional[bool] = True
    rest = rule
    while rest:
        verdict = VERDICT.match(rest)
        if verdict:
            return fits, verdict[1], verdict[2]
        nothing = SAYS_NOTHING.match(rest)
        if nothing:
            rest = rest[nothing.end() :].strip()
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


def _protocol(found: re.Match[str], datagram: Datagram) -> Optional[bool]:
    said = [PROTOCOLS.get(each, each) for each in _elements(found[2])]
    return (datagram.protocol in said) is not bool(found[1])


def _address(found: re.Match[str], datagram: Datagram) -> Optional[bool]:
    if found["family"] != {"ipv4": "ip", "ipv6": "ip6"}[datagram.family]:
        return False
    end = datagram.source if found["end"] == "saddr" else datagram.destination
    if not is_address(end):
        return None
    held = [_holds(each, ipaddress.ip_address(end)) for each in _elements(found[4])]
    inside = True if True in held else None if None in held else False
    return inside if inside is None else inside is not bool(found[3])


def _holds(said: str, address: ipaddress._BaseAddress) -> Optional[bool]:
    first, dash, last = said.partition("-")
    try:
        if dash:
            return int(ipaddress.ip_address(first)) <= int(address) <= int(ipaddress.ip_address(last))
        return address in ipaddress.ip_network(said, strict=False)
    except ValueError:
        return None


def _interface(found: re.Match[str], datagram: Datagram) -> Optional[bool]:
    said = [each.strip('"') for each in _elements(found[2])]
    return (datagram.interface in said) is not bool(found[1])


def _elements(said: str) -> Sequence[str]:
    return [each.strip() for each in said.strip("{} ").split(",")]


MATCHES: Dict[str, Callable[[re.Match[str], Datagram], Optional[bool]]] = {
    rf"(?:ip protocol|ip6 nexthdr|(?:meta )?l4proto){VALUE}": _protocol,
    rf"(?P<family>ip6?) (?P<end>saddr|daddr){VALUE}": _address,
    rf"(?:meta )?(?:iif|iifname|oif|oifname){VALUE}": _interface,
    r"meta nfproto (\w+)": lambda found, datagram: found[1] == datagram.family,
    r"(?:tcp|udp|udplite|sctp|dccp|th|icmp|icmpv6|igmp|arp)\b.*?(?= (?:accept|drop|reject|jump|goto|return)\b|$)": (
        lambda found, datagram: False
    ),
}
