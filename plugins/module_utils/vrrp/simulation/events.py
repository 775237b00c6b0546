# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a VRRP instance (events), and what it does (actions); times are in seconds."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple, Union

from .routers import Router


class Start(NamedTuple):
    """keepalived starts, and no tracker puts the instance into FAULT."""


class Shutdown(NamedTuple):
    """keepalived stops in an orderly way."""


class Timeout(NamedTuple):
    """The timer has run out: Active_Down_Timer in BACKUP, Adver_Timer in ACTIVE."""


class Advert(NamedTuple):
    """An advert has arrived. Its fields other than the priority are those of the sender's configuration."""

    sender: Router
    priority: int


class SuperiorAdvert(Advert):
    """The key in TABLE of an advert to which an active router yields; callers pass an Advert."""


class Weighted(NamedTuple):
    """The trackers give this node another effective priority."""

    priority: int


class Fail(NamedTuple):
    """A tracker puts the instance into FAULT."""


class Recover(NamedTuple):
    """No tracker keeps the instance in FAULT any longer."""


class Reload(NamedTuple):
    """keepalived has loaded another configuration of this instance, and keeps the instance and its state."""

    router: Router


class HoldBack(NamedTuple):
    """The timer has run out, but not yet that of every other member of the sync group (SyncGroup sends it)."""


class Promote(NamedTuple):
    """Another member of the sync group has become active."""


class Demote(NamedTuple):
    """Another member of the sync group has become a backup."""


class Send(NamedTuple):
    """Send an advert with this priority."""

    priority: int


class TakeVips(NamedTuple):
    """Put the addresses on the interface, and announce them by gratuitous ARP."""


class DropVips(NamedTuple):
    """Remove the addresses from the interface."""


class Arm(NamedTuple):
    """Set the timer to this time in place of any other; None stops it."""

    at: Optional[float]


Event = Union[Start, Shutdown, Reload, Timeout, Advert, Weighted, Fail, Recover, HoldBack, Promote, Demote]
Action = Union[Send, TakeVips, DropVips, Arm]
Actions = Tuple[Action, ...]
