# SPDX-License-Identifier: GPL-3.0-or-later
"""The balancers of a lab as one cluster: which node holds which VIP, what is wrong, and waiting until nothing is."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lab.access import INVENTORY
from lab.cluster import Lab
from lab.console import Console, NodeGone
from lab.engine import LabError
from lab.lifecycle import bring_up, take_down
from lab.measure import Traffic, VipLog
from plugins.module_utils.host.paths import RUN

GROUP = "loadbalancers"
BACKENDS = "backends"
CLIENTS = "clients"
# Stands for the unit of the inventory's proxy, haproxy or nginx
PROXY = "proxy"
POLL_SECONDS = 0.05
SETTLE_SECONDS = 40.0
# A server is asked for in so many turns of two requests for each, before it is taken for silent
MOST_TURNS = 4
# The Host header of requests
SITE = "test.com"
FIT_STATES = {1: "BACKUP", 2: "MASTER"}
# keepalived writes the dump below its TMPDIR (/run/keepalived or /tmp), and renames it when it is complete
ASK_KEEPALIVED = """
rm -f /run/keepalived/keepalived.json /tmp/keepalived.json
kill -s "$(keepalived --signum=JSON 2>/dev/null)" "$(cat /run/keepalived.pid 2>/dev/null)" 2>/dev/null
for _ in {1..25}; do
    cat /run/keepalived/keepalived.json 2>/dev/null || cat /tmp/keepalived.json 2>/dev/null && break
    sleep 0.02
done
"""


class Unsettled(LabError):
    """The cluster did not reach the expected state in time."""


class Balancers:
    """Keepalived and a proxy on the nodes of the group `loadbalancers`, and a client."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.backends = self.group(BACKENDS)
        self.client = self.group(CLIENTS)[0]
        self.use_nodes(self.group(GROUP))
        self.log: VipLog | None = None
        self._measured: list[Traffic | VipLog] = []
        self._consoles = {name: Console(lab, name) for name in lab.nodes}

    def __enter__(self) -> Balancers:
        return self

    def __exit__(self, *_: object) -> None:
        for console in self._consoles.values():
            console.close()

    def group(self, name: str) -> tuple[str, ...]:
        """Return the nodes of an inventory group."""
        return tuple(node for node, settings in self.lab.nodes.items() if name in settings.groups)

    def use_nodes(self, nodes: tuple[str, ...]) -> None:
        """Use these nodes as the cluster from now on, with the inventory's variables of the first of them."""
        self.nodes = nodes
        variables = _variables_of(self.lab, nodes[0])
        self.vips = tuple(address.partition("/")[0] for vip in variables["ha_lb_vips"] for address in vip["addresses"])
        self.proxy: str = variables.get("ha_lb_engine", "haproxy")
        # The port of the first service, to which trials send requests
        self.port: int = (variables.get("ha_lb_services") or [{"port": 80}])[0]["port"]
        self.services = ("keepalived", self.proxy)

    def run(self, node: str, command: str, *, check: bool = True) -> str:
        """Run a line of bash in a node, through a shell that is open already."""
        return self._consoles[node].run(command, check=check)

    def unit(self, name: str) -> str:
        """Return the name of a unit; PROXY stands for the proxy's."""
        return self.proxy if name == PROXY else name

    def live(self) -> list[str]:
        """Return the balancers that are switched on."""
        running = self.lab.running()
        return [node for node in self.nodes if node in running]

    def holders(self) -> dict[str, list[str]]:
        """Return, for every VIP, the balancers that have it on an interface."""
        here = {node: self._addresses(node) for node in self.nodes}
        return {vip: [node for node in self.nodes if vip in here[node]] for vip in self.vips}

    def home(self) -> dict[str, str]:
        """Return, for every VIP, the balancer with the highest configured priority."""
        priorities: dict[str, dict[str, int]] = {vip: {} for vip in self.vips}
        for node in self.nodes:
            for block in self.configured(node).values():
                found = re.search(r"^\s*priority (\d+)", block, re.MULTILINE)
                for vip in self.vips:
                    if found and re.search(rf"^\s*{re.escape(vip)}[/\s]", block, re.MULTILINE):
                        priorities[vip][node] = int(found[1])
        return {vip: max(each, key=lambda node: each[node]) for vip, each in priorities.items()}

    def configured(self, node: str) -> dict[str, str]:
        """Return the text of every vrrp_instance in a node's keepalived.conf, by name."""
        blocks = self.run(node, "cat /etc/keepalived/keepalived.conf").split("vrrp_instance ")[1:]
        return {block.split()[0]: block for block in blocks}

    def active(self) -> str:
        """Return the holder of the first VIP, at which trials aim."""
        return self.holders()[self.vips[0]][0]

    def power_on(self, node: str) -> None:
        """Switch a balancer on."""
        self.lab.start(node)
        if self.log:
            self.log.attach(node)

    def instances(self, node: str) -> list[dict[str, Any]]:
        """Return the instances of keepalived's JSON dump on a node, with their `stats`; none if it does not answer."""
        # ha_lb-guard requests dumps too, and may remove the one that is waited for here
        for _attempt in range(3):
            try:
                dump = json.loads(self.run(node, ASK_KEEPALIVED, check=False) or "[]")
            except ValueError:
                continue
            if dump:
                entries = dump["vrrp"] if isinstance(dump, dict) else dump
                return [{**entry["data"], "stats": entry["stats"]} for entry in entries]
        return []

    def problems(self) -> list[str]:
        """Return what is wrong, in sentences: unfit nodes, VIPs that are not on their first choice, silent servers."""
        return [*self.displaced(), *(wrong for node in self.nodes for wrong in self.unfit(node)), *self.silent()]

    def displaced(self) -> list[str]:
        """Return sentences about VIPs that are not on their first choice alone."""
        home = self.home()
        return [
            f"{vip} is on {' and '.join(nodes) or 'no node'}, not on {home[vip]}"
            for vip, nodes in self.holders().items()
            if nodes != [home[vip]]
        ]

    def wait_whole(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until `problems` finds nothing."""
        self.wait(self.problems, seconds)

    def wait_left(self, node: str, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until every VIP is on exactly one node other than this."""

        def wrong() -> list[str]:
            return [
                f"{vip} is on {' and '.join(nodes) or 'no node'}"
                for vip, nodes in self.holders().items()
                if len(nodes) != 1 or node in nodes
            ]

        self.wait(wrong, seconds)

    def wait(self, wrong: Callable[[], list[str]], seconds: float = SETTLE_SECONDS) -> None:
        """Wait until `wrong` returns no sentences.

        Raises: Unsettled, with the last ones, after that many seconds.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                findings = wrong()
            except (NodeGone, KeyError, ValueError) as error:
                findings = [str(error)]
            if not findings:
                return
            if time.monotonic() > deadline:
                raise Unsettled(f"after {seconds:g} s: " + "; ".join(findings))
            time.sleep(POLL_SECONDS)

    def traffic(self, vip: str = "", **pace: float) -> Traffic:
        """Return a context manager that sends requests to a VIP (default: the first one) and measures the answers."""
        traffic = Traffic(self.lab, self.client, vip or self.vips[0], host=SITE, port=self.port, **pace)
        self._measured.append(traffic)
        return traffic

    @contextlib.contextmanager
    def logged(self) -> Iterator[VipLog]:
        """Record which balancer holds which VIP, during the block."""
        with VipLog(self.lab, self.nodes, self.vips) as self.log:
            self._measured = [self.log]
            try:
                yield self.log
            finally:
                log, self.log = self.log, None
                assert log is not None

    def report(self, lines: int = 40) -> str:
        """Return all measurements since the last `logged`, and addresses and journals of all live balancers."""
        parts = [str(each) for each in self._measured]
        for node in self.live():
            units = " ".join(f"-u {unit}" for unit in self.services)
            command = (
                f"ip -brief address; find {RUN} -type f -exec head -v {{}} +; "
                f"journalctl {units} --no-pager -o short-precise --since -10min "
                f"| grep -vE ' HTTP/|as json' | tail -n {lines}"
            )
            parts.append(f"--- {node}\n{self.run(node, command, check=False)}")
        return "\n".join(parts)

    def _addresses(self, node: str) -> set[str]:
        try:
            links = json.loads(self.run(node, "ip -json address"))
        except (NodeGone, LabError):
            return set()
        return {info["local"] for link in links for info in link.get("addr_info", ()) if "local" in info}

    def unfit(self, node: str) -> list[str]:
        """Return what is wrong with the services of a node and with its instances, in sentences."""
        states = self.run(node, f"systemctl is-active {' '.join(self.services)}", check=False).split()
        wrong = [
            f"{node}: {unit} is {state}"
            for unit, state in zip(self.services, states, strict=False)
            if state != "active"
        ]
        instances = self.instances(node)
        if not instances:
            wrong.append(f"{node}: keepalived does not answer")
        for instance in instances:
            state, priority = instance["state"], instance["effective_priority"]
            if state not in FIT_STATES or priority != instance["base_priority"]:
                wrong.append(f"{node}: {instance['iname']} is in state {state}, priority {priority}")
        return wrong

    def silent(self) -> list[str]:
        """Return the servers that do not answer through a VIP; they are asked in turn, and others may ask as well."""
        wrong = []
        for vip in self.vips:
            url = f"http://[{vip}]:{self.port}/" if ":" in vip else f"http://{vip}:{self.port}/"
            once = f"curl -sS -m 2 -H 'Host: {SITE}' {shlex.quote(url)}"
            missing = list(self.backends)
            for _ in range(MOST_TURNS):
                answers = self.run(self.client, "; ".join([once] * 2 * len(self.backends)), check=False)
                missing = [node for node in missing if node not in answers]
                if not missing or not any(node in answers for node in self.backends):
                    break
            wrong += [f"{node} does not answer through {vip}" for node in missing]
        return wrong


@contextlib.contextmanager
def fresh(lab_yml: Path, state: Path) -> Iterator[Balancers]:
    """Bring a lab up for the block, and take it down at the end in any case."""
    try:
        bring_up(lab_yml, state)
        with Balancers(Lab.load(state)) as cluster:
            yield cluster
    finally:
        take_down(state)


def _variables_of(lab: Lab, node: str) -> dict[str, Any]:
    command = [
        str(Path(sys.executable).with_name("ansible-inventory")),
        "-i",
        str(lab.state / INVENTORY),
        "--host",
        node,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"the lab's inventory cannot be read: {done.stderr.strip()}")
    variables: dict[str, Any] = json.loads(done.stdout)
    return variables
