# SPDX-License-Identifier: GPL-3.0-or-later
"""What one node says of a split brain: two looks at its keepalived, what it heard in between, its configuration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...basics.address import bare, family_of
from ...basics.errors import Refused
from ...basics.schema import is_address
from ...keepalived.config.input import read_texts
from ...keepalived.config.model import ConfiguredInstance, ConfiguredNode
from ...keepalived.config.routers import routers_of_configs
from ...vrrp.settings import settings_of
from ...vrrp.simulation.routers import Router

Record = Mapping[str, Any]
VERSIONS = {"vrrp2": 2, "vrrp3": 3}
ADVERTS = 3  # whoever sends none in that time is taken for silent, as by a backup
MARGIN = 1.0  # seconds; others may count whole seconds


def listen_seconds(variables: Mapping[str, Any]) -> float:
    """Return how long to listen for the adverts of a cluster, in seconds, by the variables `keepalived_*` of a node."""
    return ADVERTS * settings_of(variables).advert_interval + MARGIN


class Kind(Enum):
    """What can be the cause; docs/split-brain.md has a line for each."""

    KEEPALIVED = "keepalived"
    LEFT_BEHIND = "left_behind"
    VRID = "vrid"
    VERSION = "version"
    INTERVAL = "interval"
    AUTH = "auth"
    TRANSPORT = "transport"
    PEERS = "peers"
    ADDRESSES = "addresses"
    NOT_SENT = "not_sent"
    NOT_COME = "not_come"
    NOT_TAKEN = "not_taken"
    TTL = "ttl"
    CHECKSUM = "checksum"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


class Cause(NamedTuple):
    """Why there are two holders, and what to do, in one sentence each."""

    kind: Kind
    message: str
    cure: str


@dataclass(frozen=True)
class Witness:
    """What one node says. Where it could not be asked, there is nothing, and a sentence in `silences`."""

    name: str
    addresses: Tuple[str, ...]
    """By which its peers reach it, as the inventory has them."""
    earlier: Record
    later: Record
    """What M(vrrp_info) returned before the listening, and after it."""
    heard: Optional[Sequence[Record]]
    answers: Sequence[Record]
    macs: Sequence[str]
    config: Optional[ConfiguredNode]
    silences: Tuple[str, ...] = ()

    @property
    def firewall(self) -> str:
        """Return its ruleset, or nothing."""
        return str(self.config.facts.get("firewall") or "") if self.config else ""


@dataclass(frozen=True)
class InstancePart:
    """One node's part in the instance that has a VIP, as far as it is known."""

    witness: Witness
    name: str
    vrid: int
    family: str
    interface: str
    priority: int
    sent: Optional[Sequence[Record]]
    """Its adverts as it heard them leave; None when it could not listen."""
    sources: Tuple[str, ...]
    """From which its adverts come, or may come."""
    written: Optional[Router] = None
    """What its file says."""
    instance: Optional[ConfiguredInstance] = None
    router: Optional[Router] = None
    """What is in force: the file, but for what its own adverts say otherwise."""

    @property
    def node(self) -> str:
        """Return the node's name."""
        return self.witness.name


def witness_of(name: str, addresses: Sequence[str], known: Record) -> Witness:
    """Read the record of one node: two looks, what it heard between them, and its configuration."""
    wire, config = known.get("wire") or {}, known.get("config") or {}
    written, unreadable = _written(name, config)
    silences = [
        *unreadable,
        *(
            f"{name} {what}: {answer.get('msg') or 'it was not asked'}"
            for what, answer, key in (
                ("could not listen", wire, "heard"),
                ("does not show its configuration", config, "config"),
            )
            if key not in answer
        ),
    ]
    return Witness(
        name=name,
        addresses=tuple(addresses),
        earlier=known.get("earlier") or {},
        later=known.get("now") or {},
        heard=wire.get("heard"),
        answers=wire.get("answers") or (),
        macs=wire.get("macs") or (),
        config=written,
        silences=tuple(silences),
    )


def _written(name: str, answer: Record) -> Tuple[Optional[ConfiguredNode], Sequence[str]]:
    """Return the configuration that a node shows, if it can be read, and else why not."""
    if "config" not in answer:
        return None, ()
    try:
        return read_texts([answer["config"]], name)[0], ()
    except Refused as refused:
        return None, [f"{name} shows a configuration that cannot be read: {refused.findings[0]}"]


def adverts(heard: Sequence[Record], vrid: int, family: str, own: bool) -> list[Record]:
    """Return what was heard for one VRID, of the node that listened or of others."""
    return [
        each
        for each in heard
        if (each["vrid"], each["family"], bool(each["own"])) == (vrid, family, own) and each["protocol"] in VERSIONS
    ]


def part_of(witness: Witness, address: str) -> Optional[InstancePart]:
    """Return a node's part in the instance that has this address, or None where its keepalived has none."""
    running = instance_with(witness.later, address)
    if not running:
        return None
    vrid, family = running["vrid"], family_of(address)
    sent = None if witness.heard is None else adverts(witness.heard, vrid, family, own=True)
    routers = routers_of_configs([witness.config]) if witness.config else ()
    written = next((each for each in routers if each.instance == running["name"]), None)
    said = [written.address] if written and is_address(written.address) else witness.addresses
    sources = [each["source"] for each in sent or ()] or [bare(each) for each in said if family_of(each) == family]
    part = InstancePart(
        witness=witness,
        name=running["name"],
        vrid=vrid,
        family=family,
        interface=running["interface"],
        priority=running["effective_priority"],
        sent=sent,
        sources=tuple(sources),
    )
    if written is None or witness.config is None:
        return part
    instance = next(each for each in witness.config.instances if each.name == part.name)
    written = replace(written, address=next(iter(sources), ""))
    return replace(part, written=written, instance=instance, router=_in_force(part, written))


def instance_with(info: Record, address: str) -> Optional[Record]:
    """Return what M(vrrp_info) says of the instance that has this address."""
    instances = info.get("instances") or ()
    return next((each for each in instances if address in map(bare, each["addresses"])), None)


def _in_force(part: InstancePart, written: Router) -> Router:
    """Return what a node really does: a file may have been changed since it was loaded."""
    if not part.sent:
        return replace(written, vrid=part.vrid)
    last = part.sent[-1]
    return replace(
        written,
        vrid=part.vrid,
        version=VERSIONS[last["protocol"]],
        interval=float(last["interval_seconds"]),
        addresses=frozenset(map(bare, last["addresses"])),
    )
