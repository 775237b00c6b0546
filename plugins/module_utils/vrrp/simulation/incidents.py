# SPDX-License-Identifier: GPL-3.0-or-later
"""What can happen to the nodes of a simulated cluster, by name."""

from __future__ import annotations

from typing import Callable, Mapping

from .election import FAULT_WEIGHT
from .events import Shutdown
from .network import Simulation

LEAVE = -253  # what a drain adds to the priority: below every healthy peer
CARRIER_NOTICED = 1.0  # seconds that Linux may take to tell a node that its cable has been pulled


def start(simulation: Simulation, node: str) -> None:
    """Start keepalived, if it does not run; its unit ends the old one first."""
    host = simulation.hosts[node]
    if host.letting_go:
        host.comes_back = True
    elif host.powered and not host.groups:
        simulation.launch(node)


def start_all(simulation: Simulation) -> None:
    """Start keepalived everywhere, at the same moment."""
    for node in simulation.hosts:
        start(simulation, node)


def stop(simulation: Simulation, node: str) -> None:
    """Stop keepalived as its unit does: be drained first, then say goodbye."""
    if simulation.hosts[node].held:
        simulation.track(node, "keepalived", _leave(simulation, node))
    _stop_when_released(simulation, node, simulation.now + simulation.takeover + simulation.delays.patience)


def _stop_when_released(simulation: Simulation, node: str, deadline: float) -> None:
    host = simulation.hosts[node]
    if host.held and simulation.now < deadline:
        simulation.at(simulation.now + simulation.delays.look, _stop_when_released, node, deadline)
        return
    simulation.tell(node, Shutdown())
    simulation.end(node)
    host.trackers.pop("keepalived", None)


def kill(simulation: Simulation, node: str, comes_back: bool = True) -> None:
    """Kill keepalived: the VIPs stay, until its unit removes them and starts it again."""
    host = simulation.hosts[node]
    if host.groups:
        simulation.end(node)
        host.letting_go, host.comes_back = True, comes_back
        wait = simulation.takeover + simulation.delays.let_go_margin if host.held else 0.0
        simulation.at(simulation.now + wait, _let_go, node)


def _let_go(simulation: Simulation, node: str) -> None:
    host = simulation.hosts[node]
    if host.letting_go:
        host.letting_go = False
        simulation.release(node)
        if host.comes_back:
            simulation.at(simulation.now + simulation.delays.restart, start, node)


def kill_for_good(simulation: Simulation, node: str) -> None:
    """Kill keepalived, and do not start it again."""
    kill(simulation, node, comes_back=False)


def freeze(simulation: Simulation, node: str) -> None:
    """Let keepalived stand still, if it runs, with the VIPs that it has."""
    host = simulation.hosts[node]
    host.frozen = bool(host.groups)


def thaw(simulation: Simulation, node: str) -> None:
    """Let keepalived go on."""
    simulation.thaw(node)


def power_off(simulation: Simulation, node: str) -> None:
    """Cut the power."""
    host = simulation.hosts[node]
    host.powered = host.letting_go = False
    simulation.end(node)
    simulation.release(node)
    host.trackers.clear()


def power_on(simulation: Simulation, node: str) -> None:
    """Let a node come back, with its proxy and its keepalived."""
    host = simulation.hosts[node]
    host.powered = host.proxy = True
    start(simulation, node)


def cut(simulation: Simulation, node: str) -> None:
    """Pull the cable."""
    unplug(simulation, node)
    simulation.at(simulation.now + CARRIER_NOTICED, _notice_carrier, node)


def unplug(simulation: Simulation, node: str) -> None:
    """Pull the cable, and leave it open whether the node notices."""
    simulation.hosts[node].linked = False


def plug(simulation: Simulation, node: str) -> None:
    """Put the cable back, and leave it open whether the node notices."""
    simulation.hosts[node].linked = True


def heal(simulation: Simulation, node: str) -> None:
    """Put the cable back, which is noticed at once."""
    plug(simulation, node)
    regain_carrier(simulation, node)


def _notice_carrier(simulation: Simulation, node: str) -> None:
    if not simulation.hosts[node].linked:
        lose_carrier(simulation, node)


def lose_carrier(simulation: Simulation, node: str) -> None:
    """Let a node notice that its cable has been pulled."""
    simulation.track(node, "carrier", FAULT_WEIGHT)


def regain_carrier(simulation: Simulation, node: str) -> None:
    """Let a node notice that its cable is back, which may be long before the switch passes anything on."""
    simulation.track(node, "carrier", 0)


def lose(simulation: Simulation, sender: str, receiver: str) -> None:
    """Let everything get lost that one node sends to another."""
    simulation.lost |= {(sender, receiver)}


def regain(simulation: Simulation, sender: str, receiver: str) -> None:
    """Let it arrive again."""
    simulation.lost -= {(sender, receiver)}


def fail(simulation: Simulation, node: str) -> None:
    """Let the proxy fail."""
    simulation.hosts[node].proxy = False
    simulation.at(simulation.now + simulation.delays.proxy_noticed, _notice_proxy, node)


def recover(simulation: Simulation, node: str) -> None:
    """Let the proxy answer again."""
    simulation.hosts[node].proxy = True
    _notice_proxy(simulation, node)


def _notice_proxy(simulation: Simulation, node: str) -> None:
    simulation.track(node, "proxy", 0 if simulation.hosts[node].proxy else FAULT_WEIGHT)


def drain(simulation: Simulation, node: str) -> None:
    """Take a node out of service."""
    simulation.track(node, "drain", _leave(simulation, node))


def restore(simulation: Simulation, node: str) -> None:
    """Bring it back."""
    simulation.track(node, "drain", 0)


def _leave(simulation: Simulation, node: str) -> int:
    """Where peers do not preempt, a lower priority changes nothing, and FAULT has to do it."""
    return LEAVE if all(router.preempt for router in simulation.hosts[node].routers) else FAULT_WEIGHT


INCIDENTS: Mapping[str, Callable[..., None]] = {
    each.__name__: each
    for each in (
        start, stop, kill, kill_for_good, freeze, thaw, power_off, power_on, cut, heal, unplug, plug,
        lose_carrier, regain_carrier, lose, regain, fail, recover, drain, restore,
    )
}  # fmt: skip
