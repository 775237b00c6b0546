# SPDX-License-Identifier: GPL-3.0-or-later
"""A simultaneous reload: nodes whose clocks differ agree on one moment at which all of them reload.

The first node (the coordinator) sends calls until every other node has answered. Then it repeats how many seconds are
left. A node needs to receive one such call. All times are seconds of the node's own monotonic clock.
"""

from __future__ import annotations

from typing import Collection, Dict, Mapping, Optional, Tuple

from ...basics.errors import HaLbError
from .simultaneous_call import LEAD, MOST_NODES, SHORTEST_WORD, Call, decode, encode

TICK = 0.05  # seconds between two calls
SILENCE = 3.0  # seconds without a call, after which the coordinator is taken to have given up
CURE = "IP protocol 112 (VRRP) must come through between the nodes, both ways"


class Participant:
    """One node of a simultaneous reload; `moment` is when it reloads, None until that is known.

    `word` is the secret of the nodes of this one reload, of at least SHORTEST_WORD characters. The first of `nodes` is
    the coordinator. `held` is how many VIPs this node holds, `begin` is now, and `patience` is how many seconds it
    waits for the others. `last` is the node that holds most VIPs.

    Raises HaLbError when the word is too short, or there are too many nodes.
    """

    def __init__(self, word: str, node: str, nodes: Tuple[str, ...], held: int, begin: float, patience: float) -> None:
        if len(word) < SHORTEST_WORD:
            raise HaLbError(f"the word of a simultaneous reload needs {SHORTEST_WORD} characters or more")
        if len(nodes) > MOST_NODES:
            raise HaLbError(f"{len(nodes)} nodes are more than can reload at one moment: {MOST_NODES}")
        self.moment = begin if len(nodes) == 1 else None
        self.last = node
        self._word, self._node, self._held, self._patience = word, node, held, patience
        self._nodes = nodes
        self._first, self._others = nodes[0], nodes[1:]
        self._answered: Dict[str, int] = {nodes[0]: held} if node == nodes[0] else {}
        self._newest: Dict[str, int] = {}
        self._sent = 0
        self._deadline = begin + patience
        self._latest: Optional[float] = None  # when the coordinator has given up, whatever is still heard

    @property
    def coordinates(self) -> bool:
        """Whether this node is the coordinator."""
        return self._node == self._first

    def receive(self, data: bytes, now: float, senders: Collection[str]) -> None:
        """Take in a packet; `senders` are the nodes that have the address from which it came.

        One that is no call of this reload, or not for this node, or not newer than the last one, is ignored.
        """
        call = decode(data, self._word, len(self._nodes))
        if call is None or self._nodes[call.receiver] != self._node:
            return
        sender = self._nodes[call.sender]
        if sender not in senders or call.number <= self._newest.get(sender, 0):
            return
        self._newest[sender] = call.number
        if self.coordinates and sender in self._others:
            self._answered[sender] = call.held
            self._set_moment(now)
        elif not self.coordinates and sender == self._first:
            self._hear(call, now)

    def _hear(self, call: Call, now: float) -> None:
        """Take in a call of the coordinator, which waits no longer than its own patience."""
        if self._latest is None:
            self._latest = now + self._patience + LEAD
        self._deadline = min(max(self._deadline, now + SILENCE), self._latest)
        if call.left is not None:
            self.last = self._nodes[call.last]
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
            return {other: self._packet(other, left) for other in self._others}
        if self._latest is not None and self.moment is None:
            return {self._first: self._packet(self._first, None)}
        return {}

    def _packet(self, receiver: str, left: Optional[float]) -> bytes:
        self._sent += 1
        places = [self._nodes.index(node) for node in (self._node, receiver, self.last)]
        return encode(Call(places[0], places[1], self._sent, self._held, left, places[2]), self._word)

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
