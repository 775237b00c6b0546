# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faults a round has, on which node, from when and for how long: pure data, the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lab.chaos.catalogue import ALL, BACKEND, BALANCER, HOLDER, OTHER, Fault
from lab.engine import LabError

# How many rounds of a hundred have two faults, and how much later than the first the second may begin, in seconds
PAIRS = 60
LATER_SECONDS = 1.5
# A quick fault is first in so many rounds, while one that takes long is in one
OFTEN = 3


@dataclass(frozen=True)
class Step:
    """A fault on a node, `at` seconds after the beginning of the round, for so many seconds."""

    fault: str
    node: str
    at: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        when = f" at {self.at:g} s" if self.at else ""
        lasts = f" for {self.seconds:g} s" if self.seconds else ""
        return f"{self.fault} on {self.node}{when}{lasts}"


@dataclass(frozen=True)
class Round:
    """The steps that are played together."""

    number: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return " + ".join(map(str, self.steps))

    def json(self) -> str:
        """Return what `read_round` reads, in one line."""
        steps = [{key: value for key, value in asdict(step).items() if value} for step in self.steps]
        return json.dumps({"steps": steps})


@dataclass(frozen=True)
class Nodes:
    """The nodes of a lab: balancers, those of them that are the first choice for a VIP, and backends."""

    balancers: tuple[str, ...]
    holders: tuple[str, ...]
    backends: tuple[str, ...]

    def of(self, where: str) -> tuple[str, ...]:
        """Return the nodes on which a fault of this kind may be caused."""
        others = tuple(node for node in self.balancers if node not in self.holders) or self.balancers
        return {
            BALANCER: self.balancers,
            HOLDER: self.holders,
            OTHER: others,
            BACKEND: self.backends,
            ALL: (ALL,),
        }[where]


def rounds(seed: int, nodes: Nodes, faults: Sequence[Fault]) -> Iterator[Round]:
    """Yield rounds without end: the first fault of each from a shuffled deck, so that all come equally often."""
    chance = random.Random(seed)
    deck: list[Fault] = []
    number = 0
    quick = [fault for fault in faults if not fault.slow]
    while True:
        if not deck:
            deck = [fault for fault in faults for _ in range(1 if fault.slow else OFTEN)]
            chance.shuffle(deck)
        number += 1
        steps = [_step(chance, deck.pop(), nodes, 0.0)]
        if quick and chance.randrange(100) < PAIRS:
            later = round(chance.uniform(0.0, LATER_SECONDS), 2)
            second = _step(chance, chance.choice(quick), nodes, later)
            if (second.fault, second.node) != (steps[0].fault, steps[0].node):
                steps.append(second)
        yield Round(number, tuple(steps))


def singly(seed: int, nodes: Nodes, faults: Sequence[Fault]) -> Iterator[Round]:
    """Yield a round for every fault alone, in the order of the catalogue; those that take long come last."""
    chance = random.Random(seed)
    for number, fault in enumerate(sorted(faults, key=lambda fault: fault.slow), start=1):
        yield Round(number, (_step(chance, fault, nodes, 0.0),))


def _step(chance: random.Random, fault: Fault, nodes: Nodes, at: float) -> Step:
    least, most = fault.seconds
    return Step(fault.name, chance.choice(nodes.of(fault.where)), at, round(chance.uniform(least, most), 2))


def read_round(text: str, nodes: Nodes, faults: Mapping[str, Fault]) -> Round:
    """Read the steps of a round: {"steps": [{"fault", "node", "at", "seconds"}, ...]}.

    Raises: LabError, a sentence with the path of the value that is wrong.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise LabError(f"ROUND: no JSON: {error}") from None
    steps = data.get("steps") if isinstance(data, dict) else None
    if not isinstance(steps, list) or not steps:
        raise LabError('ROUND.steps: a list with at least one {"fault": …, "node": …} is wanted')
    return Round(0, tuple(_read_step(f"ROUND.steps[{at}]", raw, nodes, faults) for at, raw in enumerate(steps)))


def _read_step(where: str, raw: Any, nodes: Nodes, faults: Mapping[str, Fault]) -> Step:
    if not isinstance(raw, dict) or not {"fault", "node"} <= set(raw) <= {"fault", "node", "at", "seconds"}:
        raise LabError(f"{where}: fault and node are wanted, at and seconds allowed")
    if raw["fault"] not in faults:
        raise LabError(f"{where}.fault: {raw['fault']} is none of {', '.join(faults)}")
    allowed = nodes.backends if faults[raw["fault"]].where == BACKEND else nodes.balancers
    allowed = (ALL,) if faults[raw["fault"]].where == ALL else allowed
    if raw["node"] not in allowed:
        raise LabError(f"{where}.node: {raw['node']} is none of {', '.join(allowed)}")
    for key in ("at", "seconds"):
        value = raw.get(key, 0.0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 60:
            raise LabError(f"{where}.{key}: {value} is no number of seconds from 0 to 60")
    return Step(raw["fault"], raw["node"], float(raw.get("at", 0.0)), float(raw.get("seconds", 0.0)))
