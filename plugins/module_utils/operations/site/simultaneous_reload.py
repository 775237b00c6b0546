# SPDX-License-Identifier: GPL-3.0-or-later
"""An appointment of nodes whose clocks do not agree: one of them counts down, and the others count along.

The first node calls until every other has answered, and then says again and again how much time is left. A node needs
to hear one of these only. Times are those of its own monotonic clock, in seconds.
"""

from __future__ import annotations

import json
from typing import Dict, Mapping, NamedTuple, Optional, Tuple

from ...basics.errors import HaLbError

PROTOCOL = 112  # VRRP: where it comes through, this does
HEAD = b"\x00\x00"  # no version, and a VRID that nobody has: keepalived passes over it
TICK = 0.05
COUNT_FROM = 1.0
SILENCE = 3.0  # after which the first node is taken to have given up


class Call(NamedTuple):
    """What one node says to another: `left` is how much time is left, once that is known."""

    run: str
    node: str
    held: int = 0
    left: Optional[float] = None
    last: str = ""


def encode(call: Call) -> bytes:
    """Return a call as it travels."""
    return HEAD + json.dumps(call._asdict()).encode()


def decode(data: bytes) -> Optional[Call]:
    """Return the call in what came, or None where it is none."""
    if not data.startswith(HEAD):
        return None
    try:
        return Call(**json.loads(data[len(HEAD) :]))
    except (TypeError, ValueError):
        return None


class Countdown:
    """One node's part: the first of `nodes` counts. `held` is how many VIPs this node holds."""

    def __init__(self, run: str, node: str, nodes: Tuple[str, ...], held: int, begin: float, patience: float) -> None:
        self.moment = begin if len(nodes) == 1 else None
        self.last = node
        self._run, self._node, self._held = run, node, held
        self._first, self._others = nodes[0], nodes[1:]
        self._here: Dict[str, int] = {nodes[0]: held} if node == nodes[0] else {}
        self._called = False
        self._deadline = begin + patience

    @property
    def counts(self) -> bool:
        """Whether this is the node that counts."""
        return self._node == self._first

    def hear(self, data: bytes, now: float) -> None:
        """Take in what came from the wire, whatever it is."""
        call = decode(data)
        if call is None or call.run != self._run:
            return
        if self.counts:
            if call.node in self._others:
                self._here[call.node] = call.held
                self._begin(now)
        elif call.node == self._first:
            self._called = True
            self._deadline = max(self._deadline, now + SILENCE)
            if call.left is not None:
                self.last = call.last
                # What was under way for the shortest time says it best
                self.moment = min(now + call.left, now + call.left if self.moment is None else self.moment)

    def _begin(self, now: float) -> None:
        if self.moment is None and len(self._here) == 1 + len(self._others):
            self.moment = now + COUNT_FROM
            self.last = max(self._here, key=lambda node: self._here[node])

    def say(self, now: float) -> Mapping[str, bytes]:
        """Return what to send now, and to whom."""
        if self.counts:
            left = None if self.moment is None else self.moment - now
            call = Call(self._run, self._node, self._held, left, self.last)
            return dict.fromkeys(self._others, encode(call))
        if self._called and self.moment is None:
            return {self._first: encode(Call(self._run, self._node, self._held))}
        return {}

    def check(self, now: float) -> None:
        """Go on waiting.

        Raises HaLbError when it has been for too long.
        """
        if self.moment is not None or now <= self._deadline:
            return
        if self.counts:
            missing = [node for node in self._others if node not in self._here]
            raise HaLbError(f"{' and '.join(missing)} did not answer {self._node}, so nothing was reloaded: {CURE}")
        raise HaLbError(f"{self._first} did not call {self._node}, so nothing was reloaded: {CURE}")


CURE = "IP protocol 112 (VRRP) must come through between the nodes, both ways"
