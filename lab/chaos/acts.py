# SPDX-License-Identifier: GPL-3.0-or-later
"""How the faults of chaos are caused and ended: by bash in a node, a cable, the power, a playbook that is killed.

All of it stays in the nodes' own containers and on the lab's own switch.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lab import switch
from lab.adverts import vrrp3
from lab.balancers import Balancers
from lab.engine import LabError
from lab.offer import offer_on
from lab.playbook import Run
from lab.strangers import SPEAK, SPEAKER
from plugins.module_utils.host.paths import KEEPALIVED_CONFIG, RUN

Act = Callable[[Balancers, str], None]

CONFIGS = {"haproxy": "/etc/haproxy/haproxy.cfg", "nginx": "/etc/nginx/nginx.conf"}
# What is wrong with the cluster itself, not with a fault that found nothing to break, is said with this before it
FAILURE = "! "
SITE_VARIABLES: dict[str, object] = {"ha_lb_listen_seconds": 1}
LAST_CHARACTERS = 3000
STRANGER_PRIORITY = 255
STRANGER_PAUSE = 0.1


def context(cluster: Balancers, node: str) -> str:
    """Return variables of bash that the commands use."""
    prefix = cluster.lab.nodes[node].addresses[0].partition("/")[2]
    values = {
        "nic": switch.NIC,
        "run": RUN,
        "proxy": cluster.proxy,
        "keepalived_conf": KEEPALIVED_CONFIG,
        "proxy_conf": CONFIGS[cluster.proxy],
        "addresses": " ".join(cluster.lab.nodes[node].addresses),
        "vips": " ".join(f"{vip}/{prefix}" for vip in cluster.vips),
        "peers": " ".join(cluster.lab.nodes[each].address for each in cluster.nodes if each != node),
    }
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in values.items())


def shell(command: str) -> Act:
    """Return an act that runs a line of bash in the node; $nic, $vips and so on are those of `context`."""

    def act(cluster: Balancers, node: str) -> None:
        cluster.run(node, f"{context(cluster, node)}; {command}")

    return act


def cut(cluster: Balancers, node: str) -> None:
    """Pull the cable."""
    cluster.lab.cut(node)


def heal(cluster: Balancers, node: str) -> None:
    """Put the cable back."""
    cluster.lab.heal(node)


def unmake(cluster: Balancers, node: str) -> None:
    """Delete the interface, and with it its addresses."""
    cluster.run(node, f"ip link delete {switch.NIC}")


def make(cluster: Balancers, node: str) -> None:
    """Make the interface again, with its own addresses."""
    held = cluster.lab.nodes[node]
    switch.plug(cluster.lab.switch, node, held.container, held.addresses)


def add_vip(cluster: Balancers, node: str) -> None:
    """Add a VIP that another node holds."""
    here = cluster.run(node, "ip -oneline address")
    vip = next((vip for vip in cluster.vips if f" {vip}/" not in here), "")
    if vip:
        prefix = cluster.lab.nodes[node].addresses[0].partition("/")[2]
        cluster.run(node, f"ip address add {vip}/{prefix} dev {switch.NIC}")


def power(verb: str) -> Act:
    """Return an act that calls a method of Lab: kill or stop."""

    def act(cluster: Balancers, node: str) -> None:
        getattr(cluster.lab, verb)(node)

    return act


def power_on(cluster: Balancers, node: str) -> None:
    """Switch the node on."""
    cluster.power_on(node)


def at_all(act: Act) -> Act:
    """Return an act that does something on all balancers at once."""

    def all_of_them(cluster: Balancers, _: str) -> None:
        with ThreadPoolExecutor(len(cluster.nodes)) as pool:
            list(pool.map(lambda node: act(cluster, node), cluster.nodes))

    return all_of_them


def speak(cluster: Balancers, node: str) -> None:
    """Send adverts with our VRID and the highest priority from a host that is no balancer, to all and to each node."""
    state = cluster.instances(cluster.nodes[0])[0]
    mine = cluster.lab.nodes[node].address
    targets = ["224.0.0.18", *(cluster.lab.nodes[each].address for each in cluster.nodes)]
    parts = []
    for number, target in enumerate(targets):
        payload = vrrp3(state["vrid"], STRANGER_PRIORITY, cluster.vips[:1], 10, pseudo=(mine, target))
        arguments = shlex.join([payload.hex(), target, "255", str(STRANGER_PAUSE), mine])
        parts.append(f"systemd-run --quiet --unit={SPEAKER}-{number} python3 -c {shlex.quote(SPEAK)} {arguments}")
    cluster.run(node, "; ".join(parts))


def silence(cluster: Balancers, node: str) -> None:
    """Stop these adverts."""
    cluster.run(node, f"systemctl stop '{SPEAKER}-*'")


class Killed:
    """A playbook that is killed while it runs; what an operator does then is run `mend`, to its end.

    Both are run for the whole cluster, or with `one_node` for the node of the fault. PROXY in the name of a variable
    stands for the proxy's.
    """

    def __init__(self, playbook: str, mend: str, *, one_node: bool = False, **variables: object) -> None:
        self.playbook, self.mend, self.one_node, self.variables = playbook, mend, one_node, variables
        self._runs: dict[str, Run] = {}

    def begin(self, cluster: Balancers, node: str) -> None:
        """Start it."""
        named = {name.replace("PROXY", cluster.proxy): value for name, value in self.variables.items()}
        run = Run(cluster.lab, self.playbook, {**self._aim(node), **named}, own_group=True)
        threading.Thread(target=run.process.communicate, daemon=True).start()
        self._runs[node] = run

    def end(self, cluster: Balancers, node: str) -> None:
        """Kill it, and do what an operator does.

        Raises: LabError, with the end of the output, if that fails.
        """
        run = self._runs.pop(node, None)
        if run is not None and run.process.poll() is None:
            run.kill()
        again = Run(cluster.lab, self.mend, self._aim(node)).finish()
        if again.process.returncode:
            raise LabError(f"{FAILURE}{self.mend} after {self.playbook} was killed:\n{again.output[-LAST_CHARACTERS:]}")

    def _aim(self, node: str) -> dict[str, object]:
        return {"ha_lb_node": node} if self.one_node else dict(SITE_VARIABLES)


class KilledUpgrade(Killed):
    """`upgrade` of a node to a version of keepalived that it never had."""

    def __init__(self) -> None:
        super().__init__("upgrade", "upgrade", one_node=True)
        self._offered = 0

    def begin(self, cluster: Balancers, node: str) -> None:
        """Offer the version, and start the upgrade."""
        self._offered += 1
        version = cluster.run(node, "dpkg-query -W -f '${Version}' keepalived").partition("+chaos")[0]
        offer_on(cluster, node, "keepalived", f"{version}+chaos{self._offered}")
        super().begin(cluster, node)


def changes_nothing(cluster: Balancers) -> list[str]:
    """Run `site`, and return what it changed or refused, in sentences."""
    run = Run(cluster.lab, "site", SITE_VARIABLES).finish()
    if run.process.returncode:
        return [f"site failed: {run.output[-LAST_CHARACTERS:]}"]
    recap = run.output.partition("PLAY RECAP")[2]
    return [
        f"site changes something: {line.strip()}"
        for line in recap.splitlines()
        if " changed=" in line and " changed=0 " not in line
    ]
