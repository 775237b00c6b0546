# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server leaves: weight 0, so that it gets no new connection; its connections end; it is taken out.

Time is an argument, in seconds of any clock that only goes forward. Who asks does what the step says, looks at the
table again, and asks again with the `since` of the step. A connection that its client has closed counts until the
kernel forgets it, after two minutes of FIN_WAIT (ipvsadm(8): `--set`): it may still be answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Tuple

WEIGHT, WAIT, TAKE_OUT, GONE, REFUSE = "weight", "wait", "take out", "gone", "refuse"
Place = Tuple[str, str]
"""The names of a service and of a server of it, as the table has them."""


@dataclass(frozen=True)
class Step:
    """What is to be done next, where, and why."""

    do: str
    """`weight`: give it weight 0 there; `wait`: look again; `take out`: of these services; `gone`: nothing is left to
    do; `refuse`: nothing may be done."""
    says: str
    where: Tuple[Place, ...] = ()
    since: Optional[float] = None
    """Since when it gets no new connection."""
    connections: int = 0


def next_step(
    services: Sequence[Mapping[str, Any]],
    server: str,
    now: float,
    limit_seconds: float,
    since: Optional[float] = None,
) -> Step:
    """Return the next step by which a server leaves all services.

    `services` are those of M(ipvs_info). `server` is an address, or an address and port as the table names it. `since`
    is that of the step before, None at first: an interrupted run is gone on with, and its waiting begins anew.
    """
    there = [(service, each) for service in services for each in service["servers"] if _is(each, server)]
    if not there:
        return Step(GONE, f"{server} is in no service")
    heavy = [(service, each) for service, each in there if each["weight"]]
    last = [service["name"] for service, each in heavy if _is_last(service, server)]
    if last:
        return Step(REFUSE, f"{server} is the last server of {', '.join(last)}, which would answer nobody")
    if heavy:
        names = ", ".join(service["name"] for service, _each in heavy)
        return Step(WEIGHT, f"{server} gets weight 0 in {names}", _places(heavy), now)
    begun = now if since is None else since
    left = sum(each["active"] + each["inactive"] for _service, each in there)
    if not left:
        return Step(TAKE_OUT, f"{server} has no connection any more", _places(there), begun)
    if now - begun >= limit_seconds:
        says = f"{server} still has {_connections(left)} after {limit_seconds:g} s, which break"
        return Step(TAKE_OUT, says, _places(there), begun, left)
    says = f"{server} has {_connections(left)}, for which {begun + limit_seconds - now:.0f} s are left"
    kept = sum(each["persistent"] for _service, each in there)
    if kept:
        # Unless net.ipv4.vs.expire_quiescent_template is 1 (ipvs-sysctl.rst)
        says += f"; persistence has {kept} client{'s' if kept > 1 else ''} for it, and may send more of theirs"
    return Step(WAIT, says, _places(there), begun, left)


def _is_last(service: Mapping[str, Any], server: str) -> bool:
    return not any(each["weight"] for each in service["servers"] if not _is(each, server))


def _is(record: Mapping[str, Any], server: str) -> bool:
    return server in (record["address"], record["name"])


def _places(there: Sequence[Tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Tuple[Place, ...]:
    return tuple((service["name"], each["name"]) for service, each in there)


def _connections(count: int) -> str:
    return f"{count} connection{'s' if count > 1 else ''}"
