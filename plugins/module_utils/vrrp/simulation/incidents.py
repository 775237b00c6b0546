# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents of a simulated cluster, by name: every function takes the simulation and the name of a node."""

from __future__ import annotations

from typing import Callable, Mapping

from ..leaving import leave_weight
from ..weights import FAULT_WEIGHT, UPLINK_WEIGHT
from .events import Shutdown
from .network import Simulation

CARRIER_NOTICED = 1.0  # seconds; the most that Linux takes to report the loss of a carrier


def start(simulation: Simulation, node: str) -> None:
    """Start keepalived if it does not run, and after its unit has removed the VIPs of a killed one."""
    host = simulation.hosts[node]
    if host.letting_go:
        host.comes_back = True
    elif host.powered and not host.groups:
        simulation.launch(node)


def start_all(simulation: Simulation) -> None:
    """Start keepalived everywhere, at the same moment."""
    for node in simulation.hosts:
        start(simulation, node)


def stop(simulation: Simulation, node: str, comes_back: bool = False) -> None:
    """Stop keepalived as its unit does: drain the node, then send goodbyes."""
    if simulation.hosts[node].held:
        simulation.track(node, "keepalived", _leave(simulation, node))
    deadline = simulation.now + simulation.takeover + simulation.delays.patience
    _stop_when_released(simulation, node, deadline, comes_back)


def restart(simulation: Simulation, node: str) -> None:
    """Stop keepalived as its unit does, and start it again."""
    stop(simulation, node, comes_back=True)


def _stop_when_released(simulation: Simulation, node: str, deadline: float, comes_back: bool) -> None:
    host = simulation.hosts[node]
    if host.held and simulation.now < deadline:
        simulation.at(simulation.now + simulation.delays.look, _stop_when_released, node, deadline, comes_back)
        return
    simulation.handle(node, Shutdown())
    simulation.end(node)
    host.trackers.pop("keepalived", None)
    if comes_back:
        simulation.at(simulation.now + simulation.delays.restart, start, node)


def reload(simulation: Simulation, node: str) -> None:
    """Let keepalived load the same configuration again, if it runs and is not frozen."""
    host = simulation.hosts[node]
    if host.groups and not host.frozen:
        simulation.reload(node, host.routers)


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
    """Freeze keepalived, if it runs (SIGSTOP); its VIPs stay on the interface."""
    host = simulation.hosts[node]
    host.frozen = bool(host.groups)


def thaw(simulation: Simulation, node: str) -> None:
    """Let a frozen keepalived continue."""
    simulation.thaw(node)


def power_off(simulation: Simulation, node: str) -> None:
    """Cut the power."""
    host = simulation.hosts[node]
    host.powered = host.letting_go = False
    simulation.end(node)
    simulation.release(node)
    host.trackers.clear()


def power_on(simulation: Simulation, node: str) -> None:
    """Start a node with its proxy and its keepalived."""
    host = simulation.hosts[node]
    host.interface = host.interface or not host.powered
    host.powered = host.proxy = True
    start(simulation, node)


def cut(simulation: Simulation, node: str) -> None:
    """Pull the cable; the node notices after CARRIER_NOTICED."""
    unplug(simulation, node)
    simulation.at(simulation.now + CARRIER_NOTICED, _notice_carrier, node)


def unplug(simulation: Simulation, node: str) -> None:
    """Pull the cable; the loss of the carrier is an incident of its own."""
    simulation.hosts[node].linked = False


def plug(simulation: Simulation, node: str) -> None:
    """Plug the cable in; the return of the carrier is an incident of its own."""
    simulation.hosts[node].linked = True


def heal(simulation: Simulation, node: str) -> None:
    """Plug the cable in; the node notices at once."""
    plug(simulation, node)
    regain_carrier(simulation, node)


def _notice_carrier(simulation: Simulation, node: str) -> None:
    if not simulation.hosts[node].linked:
        lose_carrier(simulation, node)


def lose_carrier(simulation: Simulation, node: str) -> None:
    """Let a node notice that its carrier is lost."""
    simulation.track(node, "carrier", FAULT_WEIGHT)


def regain_carrier(simulation: Simulation, node: str) -> None:
    """Let a node notice that its carrier is back, perhaps long before the port of the switch forwards."""
    simulation.track(node, "carrier", 0)


def unmake(simulation: Simulation, node: str) -> None:
    """Delete the interface, if there is power: the VIPs are gone with it, and keepalived notices at once."""
    host = simulation.hosts[node]
    if host.powered:
        host.interface = False
        simulation.track(node, "interface", FAULT_WEIGHT)
        simulation.release(node)


def remake(simulation: Simulation, node: str) -> None:
    """Make a deleted interface again, its cable plugged in; keepalived notices at once."""
    host = simulation.hosts[node]
    if host.interface:
        return
    host.interface = host.linked = True
    if host.frozen:
        host.renewed = True
    else:
        host.deafen()
    simulation.track(node, "carrier", 0)
    simulation.track(node, "interface", 0)


def lose(simulation: Simulation, sender: str, receiver: str) -> None:
    """Drop all packets from one node to another."""
    simulation.lost |= {(sender, receiver)}


def regain(simulation: Simulation, sender: str, receiver: str) -> None:
    """Deliver the packets from one node to another again."""
    simulation.lost -= {(sender, receiver)}


def fail(simulation: Simulation, node: str) -> None:
    """Stop the proxy."""
    simulation.hosts[node].proxy = False
    simulation.at(simulation.now + simulation.delays.proxy_noticed, _notice_proxy, node)


def recover(simulation: Simulation, node: str) -> None:
    """Start the proxy again."""
    simulation.hosts[node].proxy = True
    _notice_proxy(simulation, node)


def _notice_proxy(simulation: Simulation, node: str) -> None:
    simulation.track(node, "proxy", 0 if simulation.hosts[node].proxy else FAULT_WEIGHT)


def drain(simulation: Simulation, node: str) -> None:
    """Drain a node."""
    simulation.track(node, "drain", _leave(simulation, node))


def restore(simulation: Simulation, node: str) -> None:
    """Restore a drained node."""
    simulation.track(node, "drain", 0)


def lose_uplinks(simulation: Simulation, node: str) -> None:
    """Let a node reach none of its uplinks any longer; its peers, it still reaches."""
    simulation.hosts[node].uplinks = False
    simulation.at(simulation.now + simulation.delays.uplinks_noticed, _notice_uplinks, node)


def regain_uplinks(simulation: Simulation, node: str) -> None:
    """Let a node notice that it reaches one of its uplinks again."""
    simulation.hosts[node].uplinks = True
    _notice_uplinks(simulation, node)


def _notice_uplinks(simulation: Simulation, node: str) -> None:
    simulation.track(node, "uplink", 0 if simulation.hosts[node].uplinks else UPLINK_WEIGHT)


def _leave(simulation: Simulation, node: str) -> int:
    """Return the weight of a drain: FAULT where peers do not preempt, as they ignore a lower priority."""
    return leave_weight(all(router.preempt for router in simulation.hosts[node].routers))


INCIDENTS: Mapping[str, Callable[..., None]] = {
    incident.__name__: incident
    for incident in (
        start, stop, restart, reload, kill, kill_for_good, freeze, thaw, power_off, power_on, cut, heal, unplug, plug,
        lose_carrier, regain_carrier, unmake, remake, lose, regain, fail, recover, drain, restore,
        lose_uplinks, regain_uplinks,
    )
}  # fmt: skip
