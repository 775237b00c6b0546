# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard sees of keepalived in one tick, as frozen values.

All times are seconds of one monotonic clock. A value that is not known is None, and proves nothing.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

# What keepalived's process does (`process` of an observation)
RUNS, STOPPED, SILENT, GONE = "runs", "stopped", "silent", "gone"


class Loaded(NamedTuple):
    """One instance, as keepalived has loaded it."""

    name: str
    priority: int
    interval: float = 0.1
    """Between two adverts."""
    down_seconds: float = 0.4
    """At least the Active_Down_Interval: without an advert for so long, a backup becomes active."""
    preempts: bool = True
    preempt_delay: float = 0.0
    grouped: bool = False
    """In a sync group, whose other members may hold it back."""


class Answer(NamedTuple):
    """What keepalived has said of an instance: its state in keepalived's words, and its counters of adverts."""

    at: float
    state: str
    priority: int
    """The effective one."""
    received: int
    sent: int


class Heard(NamedTuple):
    """What is on the wire for an instance, by the ear."""

    peer: int
    """The highest priority of a peer that is active now; 0: there is none."""
    own: bool
    """Whether this node has sent an advert within the last Active_Down_Interval."""


class Sight(NamedTuple):
    """One instance: what was loaded, what keepalived last said, and what is seen without asking it."""

    loaded: Loaded
    answer: Optional[Answer] = None
    here: Tuple[str, ...] = ()
    """Its addresses that are on an interface of this host."""
    missing: Tuple[str, ...] = ()
    """Its addresses that are not."""
    ready: bool = True
    """The interface is up and has a carrier, and the source of the adverts is on it."""
    made_anew: bool = False
    """The interface is not the one that was there when keepalived was started."""
    heard: Optional[Heard] = None
    """None: no ear has listened for long enough."""


class Observation(NamedTuple):
    """One tick."""

    process: str
    daemon: str
    """Which keepalived it is: changes with every start."""
    sights: Tuple[Sight, ...] = ()
    may_act: bool = True
    """No run of a playbook has the lock, and systemd neither starts, stops nor reloads keepalived."""
    fit: bool = True
    """No tracked file says FAULT."""
    proxy: Optional[bool] = True
    """Whether the proxy answers; None: nobody has asked it."""
    watches: bool = True
    """The directory of the tracked files is the one that keepalived watches."""
    weight: int = 0
    """What the tracked files add to the priority."""
    rise_seconds: float = 1.0
    """For how long an instance may be in FAULT while its check script begins to succeed."""


KILL, REMOVE, HAND_OVER, TAKE_BACK, RESTART, RELOAD, ASK = (
    "kill", "remove", "hand over", "take back", "restart", "reload", "ask",
)  # fmt: skip


# Why an address is removed
NO_KEEPALIVED, TAKEN_OVER = "no keepalived runs", "a peer has taken it over"


class Act(NamedTuple):
    """What is to be done now, and why: a clause for people.

    KILL keepalived, all of its processes. REMOVE `address` from the host. HAND_OVER: let every peer outrank this node;
    TAKE_BACK: no longer. RESTART or RELOAD keepalived. ASK it how it is.
    """

    kind: str
    why: str = ""
    instance: str = ""
    address: str = ""
