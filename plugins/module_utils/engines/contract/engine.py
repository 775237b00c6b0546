# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine is to the rest of the core: a proxy program, and all that differs from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, NamedTuple, Optional, Tuple

from ...basics.discreet import Pieces, first_words
from ...basics.schema import Report
from ...basics.variables import Readers
from ...host.releases import Releases
from ...traffic.model import Pool, Service
from ...traffic.read import Limits
from .bind import Bind

Variables = Mapping[str, Any]


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
    packages: Mapping[str, Tuple[str, ...]]
    """What is installed, by the family of the operating system (`ansible_facts['os_family']`)."""
    versioned: Tuple[str, ...]
    """The packages that have the program's version: `upgrade` changes them together, `remove` takes them away."""
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


@dataclass(frozen=True)
class Engine:
    """A proxy that can serve the traffic of a cluster."""

    name: str
    """What `ha_lb_engine` says; also the name of its role, and the prefix of that role's variables."""
    unit: Unit
    view_of_service: Callable[[Service, int], Mapping[str, Any]]
    """What its template prints of a service besides the model; services count from 1."""
    view_of_pool: Callable[[Pool], Mapping[str, Any]]
    """What its template prints of a pool besides the model."""
    limits: Optional[Limits] = None
    """Reports what it cannot do; None: it can do all of the model."""
    variables: RoleVariables = RoleVariables()
    configuration: Optional[Configuration] = None
    """None: nobody reads its configuration back."""
    releases: Optional[Releases] = None
    """Which of its releases have known faults or are past their end; None: nothing is known of that."""
