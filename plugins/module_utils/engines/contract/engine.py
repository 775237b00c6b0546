# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine is to the rest of the core: who serves the traffic, and all that differs from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Callable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from ...basics.discreet import Pieces, first_words
from ...basics.schema import InterfaceAddress, Report
from ...basics.variables import Readers
from ...host.releases import Releases
from ...traffic.model import Pool, Service, Traffic
from ...traffic.read import Limits, Records
from ...vrrp.model import PREEMPT_DELAY
from .bind import Bind

Variables = Mapping[str, Any]
Data = Mapping[str, Any]
Network = Union[IPv4Network, IPv6Network]


def no_findings(variables: Variables, report: Report) -> None:
    """Accept the variables of the role."""


@dataclass(frozen=True)
class Unit:
    """An engine on a host: its systemd unit, and what belongs to it."""

    name: str
    path: str
    """Its configuration, an absolute path."""
    test: str
    """The arguments with which its program tests a configuration; the path of one follows."""
    tested_unpacked: bool
    """Whether a new version can test the configuration before it is installed, from its unpacked package."""
    from_source: bool = False
    """Whether the role builds it from a source archive: its variable is `<engine>_source`."""


class Page(NamedTuple):
    """A page of figures that an engine serves: the variables that switch it on, and say where it listens."""

    enabled: str
    address: str
    port: str


class Extra(NamedTuple):
    """A variable with lines of the engine's own language, by the names of what they are added to."""

    variable: str
    of: str
    """What the names are of: service or pool."""


@dataclass(frozen=True)
class RoleVariables:
    """The variables of an engine's role that more than the role must know, and what is wrong with them."""

    networks: Tuple[str, ...] = ()
    ports: Tuple[str, ...] = ()
    secrets: Tuple[str, ...] = ()
    check: Callable[[Variables, Report], None] = no_findings
    """Reports variables that need each other."""
    readers: Readers = field(default_factory=dict)
    """The table of its variables: the range and the shape of each."""
    pages: Tuple[Page, ...] = ()
    extras: Tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Configuration:
    """An engine's own configuration as it is found on a host, by whomever it was written."""

    fact: str
    """The linter's fact that holds its text."""
    files: Tuple[str, ...]
    """Patterns of the files that make it up, relative to the root of the host."""
    binds: Callable[[str], Tuple[Bind, ...]]
    """Where it listens, read from the text."""
    pieces: Callable[[str], Pieces] = first_words
    """The text in pieces that may be shown and pieces that may not."""


class Around(NamedTuple):
    """What is around the servers of a cluster, as far as it is known."""

    vips: Mapping[str, Sequence[InterfaceAddress]]
    moves_with: Mapping[str, Sequence[str]]
    """By the name of a VIP, those that are always on the same node, itself among them."""
    nodes: Mapping[str, Sequence[str]]
    """The addresses of every node, without VIPs."""
    networks: Mapping[str, Sequence[Network]]
    """Those in which a node has an interface; of a node that nobody has asked, nothing."""
    lacking: Mapping[str, Sequence[str]]
    """The modules that the kernel of a node should have, and has not."""


def nothing_of(*_args: Any) -> Data:
    """Add nothing to the model."""
    return {}


def no_objection(pools: Records, services: Records, around: Around, report: Report) -> None:
    """Accept the servers."""


@dataclass(frozen=True)
class ByKeepalived:
    """An engine without a program of its own: keepalived sets the kernel up, which serves."""

    virtual_servers: Callable[[Traffic, Mapping[str, Sequence[str]]], List[Data]]
    """What keepalived.conf.j2 prints of the traffic; the addresses are those of every VIP, by its name."""
    kernel_modules: Callable[[Traffic], Tuple[str, ...]]
    """What the kernel of a node must have."""
    settings: Callable[[Traffic], Data]
    """What the role's template of sysctl.d prints."""
    preempt_delay: float
    """How long a node that returns must wait until it knows the connections of its peers, in seconds."""


@dataclass(frozen=True)
class Engine:
    """Who can serve the traffic of a cluster."""

    name: str
    """What `ha_lb_engine` says; also the name of its role, and the prefix of that role's variables."""
    packages: Mapping[str, Tuple[str, ...]]
    """What is installed, by the family of the operating system (`ansible_facts['os_family']`)."""
    versioned: Tuple[str, ...]
    """The packages that have the engine's version: `upgrade` changes them together, `remove` takes them away."""
    unit: Optional[Unit] = None
    """The proxy; None: there is none, and nobody who could be asked whether it serves."""
    by_keepalived: Optional[ByKeepalived] = None
    """Who serves where there is no proxy."""
    view_of_service: Callable[[Service, int], Data] = nothing_of
    """What its template prints of a service besides the model; services count from 1."""
    view_of_pool: Callable[[Pool], Data] = nothing_of
    """What its template prints of a pool besides the model."""
    limits: Optional[Limits] = None
    """Reports what it cannot do; None: it can do all of the model."""
    check_around: Callable[[Records, Records, Around, Report], None] = no_objection
    """Reports servers that it does not reach from where the nodes are."""
    variables: RoleVariables = RoleVariables()
    configuration: Optional[Configuration] = None
    """None: nobody reads its configuration back."""
    releases: Optional[Releases] = None
    """Which of its releases have known faults or are past their end; None: nothing is known of that."""

    @property
    def preempt_delay(self) -> float:
        """How long a node that returns waits before it takes its VIPs back, in seconds."""
        return self.by_keepalived.preempt_delay if self.by_keepalived else PREEMPT_DELAY
