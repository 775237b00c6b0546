# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults and changes of a cluster for trials, how they are mended, and the states that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from lab.balancers import Balancers
from lab.engine import LabError
from lab.playbook import Run
from plugins.module_utils.host.paths import DRAIN

Action = Callable[[Balancers, str], None]
Settle = Callable[[Balancers, str, float], None]
LAST_CHARACTERS = 4000


def left(cluster: Balancers, node: str, seconds: float) -> None:
    """Wait until the node holds no VIP."""
    cluster.wait_left(node, seconds)


def whole(cluster: Balancers, _: str, seconds: float) -> None:
    """Wait until the cluster is healthy."""
    cluster.wait_whole(seconds)


def at_home(cluster: Balancers, _: str, seconds: float) -> None:
    """Wait until every VIP is on its first choice."""
    cluster.wait(cluster.displaced, seconds)


def systemctl(verb: str, *units: str) -> Action:
    """Return an action that runs systemctl on the active node."""

    def act(cluster: Balancers, node: str) -> None:
        cluster.run(node, f"systemctl {verb} {' '.join(map(cluster.unit, units))}")

    return act


def kill(unit: str) -> Action:
    """Return an action that kills all processes of a unit, and waits until systemd has noticed."""

    def act(cluster: Balancers, node: str) -> None:
        main_pid = f"systemctl show --property=MainPID --value {cluster.unit(unit)}"
        before = cluster.run(node, main_pid)
        cluster.run(node, f"systemctl kill --signal=KILL {cluster.unit(unit)}")
        cluster.wait(lambda: ["systemd has not noticed"] if cluster.run(node, main_pid) == before else [])

    return act


def drain(value: int) -> Action:
    """Return an action that adds a value to the priority of the active node, by its drain file."""

    def act(cluster: Balancers, node: str) -> None:
        cluster.run(node, f"echo {value} >{DRAIN}")

    return act


def stop_and_leave(cluster: Balancers, node: str) -> None:
    """Stop keepalived, and wait until the node holds no VIP."""
    cluster.run(node, "systemctl stop keepalived")
    cluster.wait_left(node)


def reboot_all(cluster: Balancers, _: str) -> None:
    """Reboot all balancers at the same time."""

    def reboot(node: str) -> None:
        cluster.lab.stop(node)
        cluster.power_on(node)

    with ThreadPoolExecutor(len(cluster.nodes)) as pool:
        list(pool.map(reboot, cluster.nodes))


def reload_all(cluster: Balancers, _: str) -> None:
    """Reload both services on all balancers."""
    for node in cluster.nodes:
        cluster.run(node, f"systemctl reload {' '.join(cluster.services)}")


def kill_backend(cluster: Balancers, _: str) -> None:
    """Kill the web server of the first backend."""
    kill("nginx")(cluster, cluster.backends[0])


def revive_backend(cluster: Balancers, _: str) -> None:
    """Start the web server of the first backend."""
    cluster.run(cluster.backends[0], "systemctl start nginx")


def site(variables: Mapping[str, object]) -> Action:
    """Return an action that runs `site` with these variables."""

    def act(cluster: Balancers, _: str) -> None:
        run = Run(cluster.lab, "site", variables).finish()
        if run.process.returncode:
            raise LabError(f"site failed:\n{run.output[-LAST_CHARACTERS:]}")

    return act


def change_settings(cluster: Balancers, node: str) -> None:
    """Run `site` with a setting of each service changed."""
    site({f"{cluster.proxy}_timeout_server_seconds": 31, "keepalived_garp_repeat": 4})(cluster, node)


def power(verb: str) -> Action:
    """Return an action that calls a method of Lab for the active node: cut, heal, kill or stop."""

    def act(cluster: Balancers, node: str) -> None:
        getattr(cluster.lab, verb)(node)

    return act


def power_on(cluster: Balancers, node: str) -> None:
    """Switch the active node on again."""
    cluster.power_on(node)
