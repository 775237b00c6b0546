# SPDX-License-Identifier: GPL-3.0-or-later
"""Record one sequence of faults: cause them on time, note when they took effect, and what keepalived did."""

from __future__ import annotations

import os
import re
import time
from typing import Any, NamedTuple

from lab.balancers import Balancers
from lab.engine import as_root, execute, podman
from lab.measure import VipLog
from lab.namespace import ip, pid_of
from lab.sequences import Step
from plugins.module_utils.host.paths import DRAIN, RUN
from plugins.module_utils.vrrp.leaving import leave_weight
from plugins.module_utils.vrrp.weights import FAULT_WEIGHT

# It waits for a load below CALM_LOAD, in all sequences of a variant together for at most PATIENCE_SECONDS
CALM_LOAD, PATIENCE_SECONDS = 1.5, 20
STILL_SECONDS = 1.2  # a sequence is over when nothing has changed for so long
LONGEST_SECONDS = 40.0
TRIES, LATE_SECONDS = 3, 0.03
ENTERING = r"^(\d+\.\d+) .*\) Entering {} STATE"
RELOADED = re.compile(r"^(\d+\.\d+) .*Keepalived_vrrp.*: Reloading", re.MULTILINE)
WEIGHED = re.compile(r"^(\d+\.\d+) .*\) Changing effective priority from \d+ to 1$", re.MULTILINE)

# Run on the node of the step; of two nodes, on the first, which sends
COMMANDS = {
    "fail": f"echo {FAULT_WEIGHT} >{RUN}/proxy",
    "recover": f"echo 0 >{RUN}/proxy",
    "crash": "systemctl kill --signal=KILL haproxy",
    "drain": f"echo {{leave}} >{DRAIN}",
    "restore": f"echo 0 >{DRAIN}",
    # SIGSTOP first: otherwise the surviving process may notice the other's death and send priority 0
    "kill": "systemctl kill --signal=STOP keepalived; systemctl kill --signal=KILL keepalived",
    "stop": "systemctl stop --no-block keepalived",
    "start": "systemctl start --no-block keepalived",
    "reload": "systemctl reload --no-block keepalived",
    "freeze": "systemctl kill --signal=STOP keepalived",
    "thaw": "systemctl kill --signal=CONT keepalived",
    # Unicast adverts go to a MAC address that nobody has
    "lose": "ip neigh replace {ipv4} lladdr 02:00:00:00:00:01 nud permanent dev eth0; "
    "ip neigh replace {ipv6} lladdr 02:00:00:00:00:01 nud permanent dev eth0",
    "regain": "ip neigh del {ipv4} dev eth0; ip neigh del {ipv6} dev eth0",
}
# The simulator's event at once, and its event when keepalived has entered BACKUP again
LATER = {
    "crash": ("fail", "recover"),
    "kill": ("kill_for_good", "start"),
    "start": (None, "start"),
    "power_on": (None, "power_on"),
    "remake": (None, "remake"),
}
# The simulator's event at once, its event when keepalived notices, and the state that it then enters
NOTICED = {
    "cut": ("unplug", "lose_carrier", "FAULT"),
    "heal": ("plug", "regain_carrier", "BACKUP"),
    # Linux takes a while to delete an interface, and keepalived notices when that is done
    "unmake": (None, "unmake", "FAULT"),
}
# They take long, so they do not count as late: bridge, podman, boot
SLOW = {"heal", "power_off", "power_on", "unmake", "remake"}
# What would mend the faults that are recorded here: keepalived's own doing is recorded
MENDER = "ha_lb-guard"


class Done(NamedTuple):
    """One step as carried out: when it was requested, when it took effect, what it was, on which nodes."""

    asked: float
    at: float
    what: str
    nodes: list[str]


class Recorder:
    """Records sequences on one lab with one configuration."""

    def __init__(self, cluster: Balancers, preempts: bool) -> None:
        self.cluster = cluster
        self.preempts = preempts
        self.patience = PATIENCE_SECONDS
        self.switch = pid_of(cluster.lab.switch)
        self.order = self._order()
        for node in cluster.nodes:
            cluster.run(node, f"systemctl stop {MENDER}", check=False)

    def record(self, name: str, steps: list[Step]) -> dict[str, Any]:
        """Run a sequence and return {name, first, events, before, seen}; try again if a step was late."""
        for _ in range(TRIES):
            late, recording = self._try(name, steps)
            if late <= LATE_SECONDS:
                break
            print(f"  {name}: {late * 1000:.0f} ms late", flush=True)
        return recording

    def _try(self, name: str, steps: list[Step]) -> tuple[float, dict[str, Any]]:
        self.make_whole()
        with self.cluster.logged() as log:
            begin = time.time()
            done = []
            for at, what, *nodes in steps:
                named = [self.order[node] for node in nodes]
                _sleep_until(begin + at)
                asked = time.time()
                done.append(Done(asked, self._act(what, named), what, named))
            events = self._events(log, done)
        origin = events[0]["at"]
        for event in events:
            event["at"] = round(event["at"] - origin, 3)
        quick = [(step[0], each.at) for step, each in zip(steps, done, strict=True) if each.what not in SLOW]
        late = max((at - begin - wanted for wanted, at in quick), default=0.0)
        first = [] if self.preempts else ["lb1"]
        return late, {"name": name, "first": first, "events": events, **_seen(log, origin)}

    def make_whole(self) -> None:
        """Wait until all nodes are fit, the VIPs are where a sequence begins, and the machine is idle enough."""
        others = [] if self.preempts else [node for node in self.cluster.nodes if node != "lb1"]
        for node in others:
            self.cluster.run(node, f"echo {FAULT_WEIGHT} >{DRAIN}")
        self.cluster.wait(self._misplaced, LONGEST_SECONDS)
        for node in others:
            self.cluster.run(node, f"echo 0 >{DRAIN}")
        self.cluster.wait(lambda: [*self._misplaced(), *self._unfit()], LONGEST_SECONDS)
        while os.getloadavg()[0] > CALM_LOAD and self.patience > 0:
            self.patience -= 1
            time.sleep(1)

    def _misplaced(self) -> list[str]:
        if self.preempts:
            return self.cluster.displaced()
        return [f"{vip} is on {nodes}" for vip, nodes in self.cluster.holders().items() if nodes != ["lb1"]]

    def _unfit(self) -> list[str]:
        wrong = []
        for node in self.cluster.nodes:
            instances = self.cluster.instances(node)
            fit = [each for each in instances if each["state"] in (1, 2)]
            weighed = [each for each in fit if each["effective_priority"] == each["base_priority"]]
            if len(weighed) < 3:
                wrong.append(f"{node} has only {len(weighed)} fit instances")
        return wrong

    def _act(self, what: str, nodes: list[str]) -> float:
        """Carry out one step, and return when it took effect."""
        node = nodes[0]
        if what in ("cut", "heal"):
            at = time.time()
            ip(self.switch, f"link set {node} {'down' if what == 'cut' else 'up'}")
            return at if what == "cut" else self._forwarding(node)
        if what in ("unmake", "remake"):
            at = time.time()
            (self.cluster.lab.delete_nic if what == "unmake" else self.cluster.lab.make_nic)(node)
            return at
        if what == "power_off":
            return self._cut_power(node)
        if what == "power_on":
            at = time.time()
            self.cluster.power_on(node)
            return at
        ipv4, ipv6 = (address.partition("/")[0] for address in self.cluster.lab.nodes[nodes[-1]].addresses)
        leave = leave_weight(self.preempts)
        command = COMMANDS[what].format(leave=leave, ipv4=ipv4, ipv6=ipv6)
        return float(self.cluster.run(node, f"echo $EPOCHREALTIME; {command}").split()[0])

    def _forwarding(self, node: str) -> float:
        """Return when the switch forwards frames of a node again: up to a second after its link is up."""
        show = as_root("nsenter", f"--target={self.switch}", "--net", "ip", "-details", "link", "show", "dev", node)
        self.cluster.wait(lambda: [] if "state forwarding" in execute(show).stdout else ["not forwarding"])
        return time.time()

    def _cut_power(self, node: str) -> float:
        """Do what Lab.kill does, and return the exact time: podman is slow."""
        container = self.cluster.lab.nodes[node].container
        kill = as_root("kill", "-KILL", str(pid_of(container)))
        execute(kill)
        at = time.time()
        podman("wait", container)
        self.cluster.lab.hang_up(node)
        return at

    def _events(self, log: VipLog, done: list[Done]) -> list[dict[str, Any]]:
        """Wait until all steps have taken effect, and return the events for the simulator, by time."""

        def missing() -> list[str]:
            events, absent = self._translate(done)
            last = max(*(each.at for each in list(log.sights)), *(each["at"] for each in events))
            return absent or ([] if time.time() > last + STILL_SECONDS else ["something may still change"])

        self.cluster.wait(missing, LONGEST_SECONDS)
        return sorted(self._translate(done)[0], key=lambda each: float(each["at"]))

    def _translate(self, done: list[Done]) -> tuple[list[dict[str, Any]], list[str]]:
        events: list[dict[str, Any]] = []
        missing = []
        for asked, at, what, nodes in done:
            event = {"at": at, "what": what, "nodes": nodes}
            if what in LATER:
                now, later = LATER[what]
                came = self._entered(nodes[0], "BACKUP", asked)
                missing += [] if came else [f"{what} on {nodes[0]} has not come to pass"]
                events += [{**event, "what": now}] if now else []
                events += [{**event, "what": later, "at": came}] if came else []
            elif what in NOTICED:
                now, later, state = NOTICED[what]
                came = self._entered(nodes[0], state, asked)
                events += [{**event, "what": now}] if now else []
                events += [{**event, "what": later, "at": came}] if came else []
            elif what == "stop":
                noticed = self._logged(nodes[0], WEIGHED, asked) or self._entered(nodes[0], "FAULT", asked)
                events.append({**event, "at": noticed or at})
            elif what == "reload":
                events.append({**event, "at": self._logged(nodes[0], RELOADED, asked) or at})
            else:
                events.append(event)
        return events, missing

    def _entered(self, node: str, state: str, since: float) -> float | None:
        """Return when keepalived first entered a state after `since`, according to its log; None if it did not."""
        return self._logged(node, re.compile(ENTERING.format(state), re.MULTILINE), since)

    def _logged(self, node: str, what: re.Pattern[str], since: float) -> float | None:
        command = f"journalctl --unit=keepalived --output=short-unix --no-pager --since=@{int(since)}"
        found = map(float, what.findall(self.cluster.run(node, command, check=False)))
        return min((at for at in found if at >= since), default=None)

    def _order(self) -> dict[str, str]:
        priorities = {
            node: next(each["base_priority"] for each in self.cluster.instances(node) if each["iname"] == "web")
            for node in self.cluster.nodes
        }
        ranked = sorted(priorities, key=lambda node: -priorities[node])
        return dict(zip(("first", "second", "third"), ranked, strict=True))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def _seen(log: VipLog, origin: float) -> dict[str, Any]:
    """Return the VIPs of every node before the first event, and all changes, by time."""
    sights = sorted(log.sights, key=lambda each: each.at)
    held = {each.node: each.held for each in sights if each.at < origin}
    before = {node: sorted(addresses) for node, addresses in sorted(held.items())}
    seen = []
    for sight in sights:
        if sight.at >= origin and held[sight.node] != sight.held:
            seen.append({"at": round(sight.at - origin, 3), "node": sight.node, "held": sorted(sight.held)})
            held[sight.node] = sight.held
    return {"before": before, "seen": seen}
