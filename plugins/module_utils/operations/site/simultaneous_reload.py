# SPDX-License-Identifier: GPL-3.0-or-later
"""A simultaneous reload: nodes whose clocks differ agree on one moment at which all of them reload.

The first node (the coordinator) sends calls until every other node has answered. Then it repeats how many seconds are
left. A node needs to receive one such call. All times are seconds of the node's own monotonic clock.
"""

from __future__ import annotations

import json
from typing import Dict, Mapping, NamedTuple, Optional, Tuple

from ...basics.errors import HaLbError

PROTOCOL = 112  # VRRP's, so that a call passes wherever adverts pass
HEAD = b"\x00\x00"  # version 0 and VRID 0, which no instance has: keepalived ignores the packet
TICK = 0.05  # seconds between two calls
LEAD = 1.0  # seconds from the last answer to the reload
SILENCE = 3.0  # seconds without a call, after which the coordinator is taken to have given up


class Call(NamedTuple):
    """What one node sends to another; `left` is the seconds until the reload, None while nodes are missing.

    `held` is how many VIPs the sender holds, `last` the node that holds most.
    """

    run: str
    node: str
    held: int = 0
    left: Optional[float] = None
    last: str = ""


def encode(call: Call) -> bytes:
    """Return the packet of a call, without its IP header."""
    return HEAD + json.dumps(call._asdict()).encode()


def decode(data: bytes) -> Optional[Call]:
    """Return the call in a packet, or None if it is none."""
    if not data.startswith(HEAD):
        return None
    try:
        return Call(**json.loads(data[len(HEAD) :]))
    except (TypeError, ValueError):
        return None


class Participant:
    """One node of a simultaneous reload; `moment` is when it reloads, None until that is known.

    The first of `nodes` is the coordinator. `held` is how many VIPs this node holds, `begin` is now, and `patience` is
    how many seconds it waits for the others. `last` is the node that holds most VIPs.
    """

    def __init__(self, run: str, node: str, nodes: Tuple[str, ...], held: int, begin: float, patience: float) -> None:
        self.moment = begin if len(nodes) == 1 else None
        self.last = node
        self._run, self._node, self._held = run, node, held
        self._first, self._others = nodes[0], nodes[1:]
        self._answered: Dict[str, int] = {nodes[0]: held} if node == nodes[0] else {}
        self._called = False
        self._deadline = begin + patience

    @property
    def coordinates(self) -> bool:
        """Whether this node is the coordinator."""
        return self._node == self._first

    def receive(self, data: bytes, now: float) -> None:
        """Take in a packet; one that is no call of this run is ignored."""
        call = decode(data)
        if call is None or call.run != self._run:
            return
        if self.coordinates:
            if call.node in self._others:
                self._answered[call.node] = call.held
                self._set_moment(now)
        elif call.node == self._first:
            self._called = True
            self._deadline = max(self._deadline, now + SILENCE)
            if call.left is not None:
                self.last = call.last
                # Keep the earliest target: the packet with the least network delay is the most accurate
                self.moment = min(now + call.left, now + call.left if self.moment is None else self.moment)

    def _set_moment(self, now: float) -> None:
        if self.moment is None and len(self._answered) == 1 + len(self._others):
            self.moment = now + LEAD
            self.last = max(self._answered, key=lambda node: self._answered[node])

    def packets(self, now: float) -> Mapping[str, bytes]:
        """Return what to send now, by the node that it is for."""
        if self.coordinates:
            left = None if self.moment is None else self.moment - now
            call = Call(self._run, self._node, self._held, left, self.last)
            return dict.fromkeys(self._others, encode(call))
        if self._called and self.moment is None:
            return {self._first: encode(Call(self._run, self._node, self._held))}
        return {}

    def check_deadline(self, now: float) -> None:
        """Do nothing while there is time to wait.

        Raises HaLbError when the others have not answered, or the coordinator has not called, in time.
        """
        if self.moment is not None or now <= self._deadline:
            return
        if self.coordinates:
            missing = [node for node in self._others if node not in self._answered]
            raise HaLbError(f"{' and '.join(missing)} did not answer {self._node}, so nothing was reloaded: {CURE}")
        raise HaLbError(f"{self._first} did not call {self._node}, so nothing was reloaded: {CURE}")


CURE = "IP protocol 112 (VRRP) must come through between the nodes, both ways"
