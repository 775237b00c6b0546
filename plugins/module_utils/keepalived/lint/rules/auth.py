# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication: the same on all nodes, and effective. No message quotes a password or a key."""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Optional, Sequence

from ....basics.discreet import HIDDEN
from ....basics.wording import differ
from ....lint.finding import Found, Rule, Severity
from ...config.matching import LogicalInstance, disagreements, shared
from ...config.model import AUTH_LENGTH, ConfiguredInstance, ConfiguredNode
from ...language.discreet import NUMBER
from ...language.tree import Directive
from .adverts import discarded_adverts

FROM_SAMPLES = ("1111", "1234", "12345", "123456", "password")
HMAC_SINCE = (2, 4, 0)
TAKES_UNSIGNED = ("permissive", "receive-only")


class Hmac(NamedTuple):
    """The block auth_hmac of one instance; `keys` are by id, `window` in seconds."""

    keys: Mapping[str, str]
    active: str
    mode: str
    anti_replay: str
    window: Optional[float]
    directive: Directive

    @property
    def signs(self) -> bool:
        """Tell whether it sends signed adverts."""
        return self.mode != "receive-only"


def hmac_of(instance: ConfiguredInstance) -> Optional[Hmac]:
    """Return the auth_hmac of an instance, with keepalived's defaults; None without one."""
    block = instance.directive.last("auth_hmac")
    if block is None:
        return None
    keys = {line.arguments[0]: line.arguments[1] for line in block.all("key") if len(line.arguments) > 1}
    window = _argument(block, "time_window")
    return Hmac(
        keys=keys,
        active=_argument(block, "active_key") or next(iter(keys), ""),
        mode=_argument(block, "mode") or "enforce",
        anti_replay=_argument(block, "anti_replay") or "time",
        window=float(window) if window.isdecimal() else None,
        directive=block,
    )


def _argument(block: Directive, keyword: str) -> str:
    found = block.last(keyword)
    return found.arguments[0] if found and found.arguments else ""


def _passwords(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for disagreement in disagreements(
        nodes, lambda _node, instance: f"{instance.auth_type} {instance.auth_pass}".strip()
    ):
        if len({member.version for member in disagreement.logical.members.values()}) > 1:
            continue
        types = {name: member.auth_type for name, member in disagreement.logical.members.items()}
        alike = len(set(types.values())) == 1
        yield Found(
            disagreement.node.name,
            disagreement.instance.at("authentication"),
            f"the first {AUTH_LENGTH} bytes of auth_pass differ in {disagreement.logical}"
            if alike
            else f"{differ(types, 'auth_type')} in {disagreement.logical}",
            effect=discarded_adverts(disagreement),
            values=dict.fromkeys(types, "differs") if alike else types,
        )


def _ineffective(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            block = instance.directive.last("authentication")
            reason = _reason(node, instance, block) if block else None
            if block and reason:
                yield Found(node.name, block.place, f"the authentication of {instance.name} {reason}")


def _reason(node: ConfiguredNode, instance: ConfiguredInstance, block: Directive) -> Optional[str]:
    """Return why the authentication protects less than it seems to; None if it does not."""
    password = _argument(block, "auth_pass")
    if instance.version == 3:
        return "is ignored, because VRRPv3 has none"
    if node.setting("vrrp_strict") or instance.has("strict_mode"):
        return "is refused by vrrp_strict"
    if len(password.encode()) > AUTH_LENGTH:
        return f"has an auth_pass of {len(password.encode())} bytes, of which keepalived sends {AUTH_LENGTH}"
    if password in FROM_SAMPLES:
        return "has an auth_pass that samples have and many copy, so it keeps no other cluster's adverts out"
    return None


def _signatures(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for logical, among in shared(nodes):
        hmacs = {name: hmac_of(member) for name, member in logical.members.items()}
        for name, hmac in hmacs.items():
            version = among[name].version
            if hmac and version is not None and version < HMAC_SINCE:
                dotted = ".".join(map(str, version))
                yield _rejected(
                    logical, name, name, f"keepalived {dotted} does not know auth_hmac, which is in {logical.name}"
                )
            for other in hmacs if any(hmacs.values()) else ():
                reason = _rejects(hmac, name, hmacs[other], other) if other != name else None
                if reason:
                    yield _rejected(logical, name, other, f"{reason} in {logical.name}")


def _rejected(logical: LogicalInstance, name: str, other: str, message: str) -> Found:
    return Found(
        name,
        logical.members[name].at("auth_hmac"),
        message,
        effect=f"{name} discards what {other} sends, and is active for {logical.what} at the same time"
        if name != other
        else f"{name} takes and sends unsigned adverts for {logical.what}, which the others discard",
    )


def _rejects(receiver: Optional[Hmac], name: str, sender: Optional[Hmac], other: str) -> Optional[str]:
    """Return why the receiver discards the sender's adverts; None if it accepts them."""
    if sender is None or not sender.signs:
        unsigned = receiver is not None and receiver.mode not in TAKES_UNSIGNED
        return f"{name} takes only signed adverts, and {other} sends unsigned ones" if unsigned else None
    if receiver is None:
        return None
    known = receiver.keys.get(sender.active)
    if known is None:
        return f"{other} signs with key {_id(sender.active)}, and {name} does not have it"
    if known != sender.keys.get(sender.active):
        return f"{other} and {name} have different keys with the id {_id(sender.active)}"
    return None


def _id(key: str) -> str:
    """Return the id of a key; where it was forgotten, the key itself stands in its place."""
    return key if NUMBER.match(key) else HIDDEN


def _clocks(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            hmac = hmac_of(instance)
            if hmac is None or hmac.anti_replay != "time":
                continue
            place = hmac.directive.place
            if hmac.window is not None and hmac.window < instance.advert_interval:
                window = f"a time_window of {hmac.window:g} s and an advert_int of {instance.advert_interval:g} s"
                yield Found(node.name, place, f"{instance.name} has {window}")
            if node.facts.get("time_synchronised") is False:
                yield Found(
                    node.name,
                    place,
                    f"{instance.name} refuses adverts by their time, and the clock of {node.name} is not synchronised",
                )


RULES = (
    Rule(
        id="KA108",
        severity=Severity.ERROR,
        title="the nodes of one instance authenticate differently",
        why="they discard each other's adverts, and all of them are active",
        fix="give all of them the same auth_type and auth_pass, or no authentication",
        evidence="RFC 2338 §5.3.6; measured",
        check=_passwords,
    ),
    Rule(
        id="KA109",
        severity=Severity.WARNING,
        title="an authentication that is worth less than it seems",
        why="an advert that it seems to keep out is taken",
        fix="use a password of 8 bytes of your own with version 2, and auth_hmac or nothing with version 3",
        evidence="keepalived.conf(5), authentication; measured",
        check=_ineffective,
    ),
    Rule(
        id="KA110",
        severity=Severity.ERROR,
        title="a node cannot verify what another one signs",
        why="it discards the other's adverts, and is active besides it",
        fix="give all of them the same keys, and change the mode in three sweeps: receive-only, permissive, enforce",
        evidence="keepalived.conf(5), auth_hmac",
        check=_signatures,
    ),
    Rule(
        id="KA111",
        severity=Severity.WARNING,
        title="adverts are refused by their time where clocks may differ",
        why="adverts that are in order are discarded, and a backup becomes active besides the active node",
        fix="synchronise the clocks, leave time_window out, or use anti_replay monotonic",
        evidence="keepalived.conf(5), auth_hmac",
        check=_clocks,
        needs=("time_synchronised",),
    ),
)
