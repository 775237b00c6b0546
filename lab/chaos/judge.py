# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the cluster is whole, and as it was before the first round; and that every node is able to take over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from lab.balancers import Balancers
from lab.chaos.acts import changes_nothing
from lab.chaos.bound import Timing
from lab.chaos.catalogue import BY_SYSTEMD
from lab.chaos.look import differences, look
from lab.engine import LabError
from lab.faults import systemctl

# Between two looks at the adverts that a backup has received; more than two are due meanwhile
HEAR_SECONDS = 0.3
# A look takes a tenth of a second of a processor
POLL_SECONDS = 0.15
# What was whole stays so for this long, or it was not yet broken
STAYS_SECONDS = 0.5
BACKUP = 1


class Judge:
    """What a cluster was like when it was whole, to compare with."""

    def __init__(self, cluster: Balancers, timing: Timing) -> None:
        """Remember a cluster that is whole."""
        self.cluster, self.timing = cluster, timing
        self.home = cluster.home()
        self._pool = ThreadPoolExecutor(len(cluster.nodes))
        self.remember()

    def remember(self) -> None:
        """Remember what all nodes are like now."""
        self._before = {node: look(self.cluster, node) for node in self.cluster.nodes}

    @property
    def holders(self) -> tuple[str, ...]:
        """Return the nodes that are the first choice for a VIP."""
        return tuple(node for node in self.cluster.nodes if node in self.home.values())

    def wrong(self) -> list[str]:
        """Return what is not as it was, in sentences; of the first kind that is wrong."""
        return (
            self.displaced()
            or self._of_nodes(self.cluster.unfit)
            or self._of_nodes(lambda node: differences(node, self._before[node], look(self.cluster, node)))
            or self.cluster.silent()
            or self._deaf()
        )

    def displaced(self) -> list[str]:
        """Return sentences about VIPs that are not on their first choice alone."""
        return [
            f"{vip} is on {' and '.join(nodes) or 'no node'}, not on {self.home[vip]}"
            for vip, nodes in self.cluster.holders().items()
            if nodes != [self.home[vip]]
        ]

    def unable(self) -> list[str]:
        """Take the proxy away from all nodes but one, for every one, and say which do not take over or come back."""
        return [wrong for node in self.cluster.nodes for wrong in self._unable(node)]

    def changed_by_site(self) -> list[str]:
        """Return what `site` changes."""
        return changes_nothing(self.cluster)

    def _unable(self, node: str) -> list[str]:
        others = [each for each in self.cluster.nodes if each != node]
        try:
            self._at(others, "stop")
            found = settled(lambda: self._elsewhere(node), self.timing.move_seconds)[1]
        finally:
            self._at(others, "start")
        if found:
            return [f"{node}, when the proxy of {' and '.join(others)} is stopped: {each}" for each in found]
        found = settled(self.wrong, self.timing.move_seconds + BY_SYSTEMD)[1]
        return [f"after {node} has taken over for a moment: {each}" for each in found]

    def _elsewhere(self, node: str) -> list[str]:
        held = self.cluster.holders()
        return [f"{vip} is on {' and '.join(held[vip]) or 'no node'}" for vip in held if held[vip] != [node]]

    def _at(self, nodes: list[str], verb: str) -> None:
        act = systemctl(verb, self.cluster.proxy)
        list(self._pool.map(lambda node: act(self.cluster, node), nodes))

    def _of_nodes(self, find: Callable[[str], list[str]]) -> list[str]:
        return [wrong for found in self._pool.map(find, self.cluster.nodes) for wrong in found]

    def _deaf(self) -> list[str]:
        """Return the instances that are backups and receive no adverts."""
        before = dict(self._heard())
        time.sleep(HEAR_SECONDS)
        after = dict(self._heard())
        return [
            f"{node}: {name} is a backup, and receives no adverts"
            for (node, name), count in after.items()
            if count <= before.get((node, name), -1)
        ]

    def _heard(self) -> Iterator[tuple[tuple[str, str], int]]:
        for node, instances in zip(
            self.cluster.nodes, self._pool.map(self.cluster.instances, self.cluster.nodes), strict=True
        ):
            for each in instances:
                if each["state"] == BACKUP:
                    yield (node, each["iname"]), int(each["stats"]["advert_rcvd"])


def settled(wrong: Callable[[], list[str]], seconds: float) -> tuple[float, list[str]]:
    """Look until nothing is wrong, and still is not a moment later: a fault may take a moment to be felt.

    Returns how long it took until the first of these looks began, and what is wrong when the time is over.
    """
    begin = time.monotonic()
    good: float | None = None
    while True:
        looked = time.monotonic()
        try:
            findings = wrong()
        except (LabError, LookupError, ValueError) as error:
            findings = [str(error)]
        if findings:
            good = None
            if looked - begin > seconds:
                return looked - begin, findings
        elif good is not None and looked - good >= STAYS_SECONDS:
            return good - begin, []
        elif good is None:
            good = looked
        time.sleep(POLL_SECONDS)
