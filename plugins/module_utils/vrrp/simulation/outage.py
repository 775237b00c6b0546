# SPDX-License-Identifier: GPL-3.0-or-later
"""The effect of failures on a cluster at rest, simulated from the worst moment; times are in seconds."""

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
from ..uplinks import longest_notice
from ..weights import UPLINK_WEIGHT
from . import incidents
from .election import active_down_interval
from .network import Delays, Simulation
from .routers import Router, routers_of
from .timeline import seconds_of, spans_of

FAILURES: Mapping[str, Callable[[Simulation, str], None]] = {
    "node": incidents.power_off,
    "link": incidents.cut,
    "proxy": incidents.fail,
    "keepalived": incidents.kill_for_good,
    "uplink": incidents.lose_uplinks,
}
INSTANT = 0.0001  # shorter than anything that is simulated
RankedParts = FrozenSet[Tuple[str, int]]
"""Parts that fail: the kind, a key of FAILURES, and the rank of the node."""


class FailedPart(NamedTuple):
    """One part that fails; `kind` is a key of FAILURES."""

    kind: str
    node: str


@dataclass(frozen=True)
class RankedEffect:
    """The effect of failures on one instance, as clients see it; nodes are given by their ranks."""

    holders: Tuple[int, ...]
    able: FrozenSet[int]
    """The nodes that can serve clients; where one of them reaches its uplinks, only those that do."""
    outage: float
    two_holders: float
    restless: bool
    """Whether the holder still changes after the longest takeover."""


class GroupSimulation:
    """The instances of one sync group, or a single instance, at rest; a node's rank is its place in `nodes`."""

    def __init__(self, routers: Sequence[Router], delays: Delays = Delays()) -> None:
        self.instances = tuple(dict.fromkeys(router.instance for router in routers))
        self.nodes = tuple(dict.fromkeys(router.node for router in routers))
        self._settled = Simulation(routers, delays)
        self.bound = self._settled.takeover + delays.let_go_margin
        """The longest takeover: until then a VIP may have no holder or two."""
        self._cut_off = delays.uplinks_noticed + max(map(_takeover_of_cut_off, routers)) + delays.let_go_margin
        """The same from the loss of uplinks."""
        self._slowest = max(router.interval for router in routers)
        self._effects: dict[RankedParts, Tuple[RankedEffect, ...]] = {}
        incidents.start_all(self._settled)
        self._settled.run(2 * self._settled.takeover + self._slowest)
        self._moments = tuple(self._worst_moments())

    def effects(self, parts: RankedParts) -> Tuple[RankedEffect, ...]:
        """Return the worst effect on every instance when these parts fail at one moment."""
        if parts not in self._effects:
            # A killed keepalived leaves its VIPs: two holders last longest when it dies just before an advert
            moments = self._moments if any(kind == "keepalived" for kind, _rank in parts) else self._moments[:1]
            runs = [self._run(moment, parts) for moment in moments]
            self._effects[parts] = tuple(_worst(of_one_instance) for of_one_instance in zip(*runs))
        return self._effects[parts]

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

    def _run(self, moment: Simulation, parts: RankedParts) -> Tuple[RankedEffect, ...]:
        simulation = moment.copy()
        begin = simulation.now
        held = {instance: set(simulation.holders(instance)) for instance in self.instances}
        for kind, rank in sorted(parts):
            FAILURES[kind](simulation, self.nodes[rank])
        bound = self._cut_off if any(kind == "uplink" for kind, _rank in parts) else self.bound
        simulation.run(begin + bound + simulation.takeover + 2 * self._slowest)
        killed = {self.nodes[rank] for kind, rank in parts if kind == "keepalived"}
        return tuple(
            self._effect(simulation, instance, held[instance], killed, (begin, begin + bound))
            for instance in self.instances
        )

    def _effect(
        self, simulation: Simulation, instance: str, held: set[str], killed: set[str], period: Tuple[float, float]
    ) -> RankedEffect:
        begin, rest = period
        serving = {node for node, host in simulation.hosts.items() if host.serves}
        present = {node for node, host in simulation.hosts.items() if host.powered and host.linked}
        reaching = {node for node in serving if simulation.hosts[node].uplinks}
        if reaching - killed:
            serving = reaching
        spans = list(spans_of(simulation.changes, instance, held, begin, simulation.now))
        return RankedEffect(
            holders=self._ranks(spans[-1].holders & present),
            able=frozenset(self._ranks(serving - killed)),
            outage=seconds_of(span for span in spans if not span.holders & serving),
            two_holders=seconds_of(span for span in spans if len(span.holders & present) > 1),
            restless=any(span.begin > rest + INSTANT for span in spans),
        )

    def _ranks(self, nodes: Collection[str]) -> Tuple[int, ...]:
        return tuple(rank for rank, node in enumerate(self.nodes) if node in nodes)


def _takeover_of_cut_off(router: Router) -> float:
    """Return the Active_Down_Interval of a router that has given up for its uplinks."""
    priority = max(1, router.priority + UPLINK_WEIGHT)
    return active_down_interval(router.version, priority, router.interval, router.down_timer_adverts)


def _worst(effects: Sequence[RankedEffect]) -> RankedEffect:
    return RankedEffect(
        effects[0].holders,
        effects[0].able,
        max(effect.outage for effect in effects),
        max(effect.two_holders for effect in effects),
        any(effect.restless for effect in effects),
    )


class VipEffect(NamedTuple):
    """The effect of failures on one family of a VIP; the ranks are those of `nodes`."""

    family: str
    nodes: Tuple[str, ...]
    effect: RankedEffect
    bound: float

    @property
    def holders(self) -> Tuple[str, ...]:
        """The nodes that hold it at the end."""
        return tuple(self.nodes[rank] for rank in self.effect.holders)

    def complaints(self, vip: str) -> Iterator[str]:
        """Yield a sentence for everything that is wrong."""
        able = [self.nodes[rank] for rank in sorted(self.effect.able)]
        if len(self.holders) > 1:
            yield f"{vip} is held by {' and '.join(self.holders)}"
        elif not self.holders and able:
            yield f"nobody holds {vip}, although {able[0]} can"
        elif self.holders and self.holders[0] not in able:
            yield f"{vip} is held by {self.holders[0]}, which cannot serve it"
        if self.effect.restless:
            yield f"{vip} does not come to rest"
        if self.effect.two_holders > self.bound:
            yield f"{vip} has two holders for {self.effect.two_holders:.3f} s, and {self.bound:.3f} s are the most"


class MovingGroup(NamedTuple):
    """The instances of one sync group, or a single instance, with its nodes in the order of their ranks.

    Groups that differ in nothing but names share one simulation.
    """

    simulation: GroupSimulation
    nodes: Tuple[str, ...]
    instances: Tuple[Instance, ...]

    def effects(self, parts: FrozenSet[FailedPart]) -> Iterator[Tuple[str, VipEffect]]:
        """Yield the name of the VIP and the effect on it for every instance."""
        ranked = frozenset((part.kind, self.nodes.index(part.node)) for part in parts if part.node in self.nodes)
        for instance, effect in zip(self.instances, self.simulation.effects(ranked)):
            yield instance.vip, VipEffect(instance.family, self.nodes, effect, self.simulation.bound)


def groups_of(cluster: Cluster, layout: Layout) -> List[MovingGroup]:
    """Return the sync groups of a cluster, and its single instances; no failure of one has an effect on another."""
    routers: DefaultDict[str, List[Router]] = defaultdict(list)
    for router in routers_of(cluster, layout):
        routers[router.instance].append(router)
    together: DefaultDict[Tuple[bool, str], List[Instance]] = defaultdict(list)
    for instance in layout.instances:
        together[instance.sync_group is None, instance.sync_group or instance.name].append(instance)
    simulations: Dict[Any, GroupSimulation] = {}
    delays = Delays(uplinks_noticed=longest_notice(cluster.uplinks))
    groups = []
    for instances in together.values():
        members = [router for instance in instances for router in routers[instance.name]]
        nodes = tuple(dict.fromkeys(router.node for router in members))
        form = tuple(
            (index, nodes.index(router.node), router.priority, router.preempt_delay)
            for index, instance in enumerate(instances)
            for router in routers[instance.name]
        )
        if form not in simulations:
            simulations[form] = GroupSimulation(members, delays)
        groups.append(MovingGroup(simulations[form], nodes, tuple(instances)))
    return groups
