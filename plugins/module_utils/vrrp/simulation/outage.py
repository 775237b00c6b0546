# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failure costs: a settled part of a cluster is simulated through it, from the worst moment on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import (
    Any,
    Callable,
    Collection,
    DefaultDict,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Sequence,
    Tuple,
)

from ..model import Cluster, Instance, Layout
from . import incidents
from .network import Simulation
from .routers import Router, routers_of
from .timeline import spans_of

INCIDENTS: Mapping[str, Callable[[Simulation, str], None]] = {
    "node": incidents.power_off,
    "link": incidents.cut,
    "proxy": incidents.fail,
    "keepalived": incidents.kill_for_good,
}
INSTANT = 0.0001  # seconds; shorter than anything that is simulated
Fails = FrozenSet[Tuple[str, int]]
"""What fails: the kind, and the rank of the node."""


class Part(NamedTuple):
    """One thing that fails."""

    kind: str
    node: str


@dataclass(frozen=True)
class Course:
    """What becomes of one instance, as seen from the network; the nodes are given by their ranks."""

    holders: Tuple[int, ...]
    able: FrozenSet[int]
    outage: float
    two_holders: float
    restless: bool


class Stage:
    """The instances of one sync group, or a single one, settled on their nodes: these are ranked as they come."""

    def __init__(self, routers: Sequence[Router]) -> None:
        self.instances = tuple(dict.fromkeys(each.instance for each in routers))
        self.nodes = tuple(dict.fromkeys(each.node for each in routers))
        self._settled = Simulation(routers)
        self.bound = self._settled.takeover + self._settled.delays.let_go_margin
        self._slowest = max(each.interval for each in routers)
        self._courses: dict[Fails, Tuple[Course, ...]] = {}
        incidents.start_all(self._settled)
        self._settled.run(2 * self._settled.takeover + self._slowest)
        self.normal = tuple(self._ranks(self._settled.holders(instance)) for instance in self.instances)
        self._moments = tuple(self._worst_moments())

    def courses(self, fails: Fails) -> Tuple[Course, ...]:
        """Return the course of each instance."""
        if fails not in self._courses:
            # When a process dies and leaves its VIPs, to die early means two holders for longer
            moments = self._moments if any(fail[0] == "keepalived" for fail in fails) else self._moments[:1]
            runs = [self._run(moment, fails) for moment in moments]
            self._courses[fails] = tuple(_worse(each) for each in zip(*runs))
        return self._courses[fails]

    def _worst_moments(self) -> Iterator[Simulation]:
        """Yield the cluster just after an advert, and just before the next."""
        ready = self._settled.copy()
        active = [node for node in ready.hosts if ready.holders(self.instances[0]) == [node]]
        if active:
            advert = ready.next_timeout(active[0], self.instances[0]) + ready.delays.timer
            ready.run(advert + ready.delays.message + INSTANT)
        yield ready.copy()
        if active:
            ready.run(ready.next_timeout(active[0], self.instances[0]) - INSTANT)
        yield ready

    def _run(self, moment: Simulation, fails: Fails) -> Tuple[Course, ...]:
        simulation = moment.copy()
        begin = simulation.now
        held = {instance: set(simulation.holders(instance)) for instance in self.instances}
        for kind, rank in sorted(fails):
            INCIDENTS[kind](simulation, self.nodes[rank])
        simulation.run(begin + self.bound + simulation.takeover + 2 * self._slowest)
        return tuple(self._course(simulation, instance, held[instance], begin, fails) for instance in self.instances)

    def _course(self, simulation: Simulation, instance: str, held: set[str], begin: float, fails: Fails) -> Course:
        serving = {node for node, host in simulation.hosts.items() if host.serves}
        present = {node for node, host in simulation.hosts.items() if host.powered and host.linked}
        killed = {self.nodes[rank] for kind, rank in fails if kind == "keepalived"}
        spans = list(spans_of(simulation.changes, instance, held, begin, simulation.now))
        return Course(
            holders=self._ranks(spans[-1].holders & present),
            able=frozenset(self._ranks(serving - killed)),
            outage=sum(span.seconds for span in spans if not span.holders & serving),
            two_holders=sum(span.seconds for span in spans if len(span.holders & present) > 1),
            restless=any(span.begin > begin + self.bound + INSTANT for span in spans),
        )

    def _ranks(self, nodes: Collection[str]) -> Tuple[int, ...]:
        return tuple(rank for rank, node in enumerate(self.nodes) if node in nodes)


def _worse(runs: Sequence[Course]) -> Course:
    return Course(
        runs[0].holders,
        runs[0].able,
        max(each.outage for each in runs),
        max(each.two_holders for each in runs),
        any(each.restless for each in runs),
    )


class Role(NamedTuple):
    """What becomes of one family of a VIP."""

    family: str
    nodes: Tuple[str, ...]
    course: Course
    bound: float

    @property
    def holders(self) -> Tuple[str, ...]:
        """Return who holds it in the end."""
        return tuple(self.nodes[rank] for rank in self.course.holders)

    def complaints(self, vip: str) -> Iterator[str]:
        """Say what is wrong with it."""
        able = [self.nodes[rank] for rank in sorted(self.course.able)]
        if len(self.holders) > 1:
            yield f"{vip} is held by {' and '.join(self.holders)}"
        elif not self.holders and able:
            yield f"nobody holds {vip}, although {able[0]} can"
        elif self.holders and self.holders[0] not in able:
            yield f"{vip} is held by {self.holders[0]}, which cannot serve it"
        if self.course.restless:
            yield f"{vip} does not come to rest"
        if self.course.two_holders > self.bound:
            yield f"{vip} has two holders for {self.course.two_holders:.3f} s, and {self.bound:.3f} s are the most"


class Cast(NamedTuple):
    """A stage, and who plays on it: only the ranks of the nodes count, so that one stage does for many VIPs."""

    stage: Stage
    nodes: Tuple[str, ...]
    instances: Tuple[Instance, ...]

    def courses(self, parts: FrozenSet[Part]) -> Iterator[Tuple[str, Role]]:
        """Yield what becomes of each instance, with its VIP."""
        fails = frozenset((part.kind, self.nodes.index(part.node)) for part in parts if part.node in self.nodes)
        for instance, course in zip(self.instances, self.stage.courses(fails)):
            yield instance.vip, Role(instance.family, self.nodes, course, self.stage.bound)


def casts_of(cluster: Cluster, layout: Layout) -> List[Cast]:
    """Return the parts of the cluster that are independent of each other: sync groups, and single instances."""
    routers: DefaultDict[str, List[Router]] = defaultdict(list)
    for router in routers_of(cluster, layout):
        routers[router.instance].append(router)
    together: DefaultDict[Tuple[bool, str], List[Instance]] = defaultdict(list)
    for instance in layout.instances:
        together[instance.sync_group is None, instance.sync_group or instance.name].append(instance)
    stages: Dict[Any, Stage] = {}
    casts = []
    for instances in together.values():
        played = [router for instance in instances for router in routers[instance.name]]
        nodes = tuple(dict.fromkeys(router.node for router in played))
        form = tuple(
            (index, nodes.index(router.node), router.priority, router.preempt_delay)
            for index, instance in enumerate(instances)
            for router in routers[instance.name]
        )
        if form not in stages:
            stages[form] = Stage(played)
        casts.append(Cast(stages[form], nodes, tuple(instances)))
    return casts
