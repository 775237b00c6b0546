# SPDX-License-Identifier: GPL-3.0-or-later
"""Forged adverts on the segment of a pair, keepalived 2.2 beside 2.3: every VIP keeps its one holder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from lab import adverts
from lab.balancers import Balancers
from lab.cluster import Lab
from lab.measure import VipLog
from lab.playbook import Run
from lab.strangers import Stranger
from plugins.module_utils.host.paths import DRAIN

pytestmark = pytest.mark.vrid_conflict

VRID, VIP, VIP6, FOREIGN = 10, "192.0.2.10", "2001:db8::10", "198.51.100.10"
GROUP, GROUP6 = ("224.0.0.18", "01:00:5e:00:00:12"), ("ff02::12", "33:33:00:00:00:12")
MANAGEMENT = "mgmt0"
MULTICAST = {"keepalived_transport": "multicast"}
SECONDS, PER_SECOND = 1.5, 40


class Forgery(NamedTuple):
    """How an advert is forged: from whom, to whom, and what it says; under a peer's address where `peer`."""

    peer: bool = False
    multicast: bool = False
    priority: int = 255
    ttl: int = 255
    interface: str = "eth0"
    addresses: tuple[str, ...] = (VIP,)


FORGERIES = {
    "unicast of a stranger": Forgery(),
    "unicast of a stranger with another VIP": Forgery(addresses=(FOREIGN,)),
    "goodbye of a stranger": Forgery(priority=0),
    "multicast of a stranger": Forgery(multicast=True),
    "multicast of a stranger with another VIP": Forgery(multicast=True, addresses=(FOREIGN,)),
    "multicast goodbye of a stranger": Forgery(multicast=True, priority=0),
    "a peer's address that was routed": Forgery(peer=True, ttl=64),
    "a peer's address over multicast that was routed": Forgery(peer=True, multicast=True, ttl=64),
    "a peer's address on another link": Forgery(peer=True, interface=MANAGEMENT),
}
# With the peer's address, keepalived takes them over multicast, as it takes those of the peer
OF_UNICAST = {"a peer's address over multicast": Forgery(peer=True, multicast=True)}


def frames(cluster: Balancers, stranger: Stranger, forgery: Forgery, families: int = 2) -> list[bytes]:
    """Return the frames of a forgery to both balancers, over IPv4 and, with two families, IPv6."""
    made = []
    macs = {node: _mac(cluster, node, forgery.interface) for node in (*cluster.nodes, stranger.node)}
    for node, peer in zip(cluster.nodes, reversed(cluster.nodes), strict=True):
        for number, (vip, group) in enumerate(((VIP, GROUP), (VIP6, GROUP6))[:families]):
            source = _address(cluster, peer if forgery.peer else stranger.node, number)
            to = group if forgery.multicast else (_address(cluster, node, number), macs[node])
            listed = forgery.addresses if vip == VIP else (vip,)
            advert = adverts.vrrp3(VRID, forgery.priority, listed, 10, (source, to[0]))
            wrap = adverts.ipv4 if vip == VIP else adverts.ipv6
            made.append(adverts.ethernet(wrap(advert, (source, to[0]), forgery.ttl), macs[stranger.node], to=to[1]))
    return made


def _address(cluster: Balancers, node: str, number: int) -> str:
    return cluster.lab.nodes[node].addresses[number].partition("/")[0]


def _mac(cluster: Balancers, node: str, interface: str) -> str:
    return cluster.run(node, f"cat /sys/class/net/{interface}/address").strip()


@pytest.fixture(scope="module")
def stranger(cluster: Balancers) -> Stranger:
    return Stranger(cluster, cluster.group("strangers")[0])


@pytest.fixture(params=["lb1", "lb2"])
def active(request: pytest.FixtureRequest, cluster: Balancers) -> Iterator[str]:
    """Have this balancer hold the VIPs."""
    other = next(node for node in cluster.nodes if node != request.param)
    cluster.run(other, f"echo -253 >{DRAIN}")
    try:
        cluster.wait_left(other)
        yield request.param
    finally:
        cluster.run(other, f"echo 0 >{DRAIN}")
        cluster.wait_whole()


def site(lab: Lab, cluster: Balancers, variables: dict[str, object]) -> None:
    run = Run(lab, "site", {"ha_lb_listen_seconds": 1, **variables}).finish()
    assert run.process.returncode == 0, run.output
    cluster.wait_whole()


@pytest.fixture(scope="module")
def dropping(lab: Lab, cluster: Balancers, nftables: None) -> None:
    """Have nft on the nodes: `site` finds that strangers are not dropped yet."""
    site(lab, cluster, {})


@pytest.fixture(scope="module")
def multicast(lab: Lab, cluster: Balancers, dropping: None) -> Iterator[None]:
    site(lab, cluster, MULTICAST)
    yield
    site(lab, cluster, {})


def forged(
    cluster: Balancers, stranger: Stranger, active: str, forgeries: dict[str, Forgery], families: int = 2
) -> VipLog:
    """Send every forgery, see that it comes to the node, and return who held the VIPs meanwhile."""
    came = {}
    with cluster.logged() as log:
        for name, each in forgeries.items():
            sent = frames(cluster, stranger, each, families)
            with stranger.seen_by(active, each.interface) as seen:
                stranger.send(sent, PER_SECOND, SECONDS, each.interface)
            came[name] = len(seen)
    assert all(came.values()), came
    return log


def assert_held(log: VipLog) -> None:
    assert (log.taken(), log.count_ms(0), log.count_ms(2)) == ([], 0, 0)


@pytest.mark.matrix
@pytest.mark.usefixtures("whole")
def test_unicast_keeps_its_holder_by_keepalived_alone(cluster: Balancers, stranger: Stranger, active: str) -> None:
    """A stream of adverts that it refuses makes a backup active for a moment, beside the holder, which stays."""
    for node in cluster.nodes:
        cluster.run(node, "! command -v nft || nft flush ruleset")
    log = forged(cluster, stranger, active, {**FORGERIES, **OF_UNICAST})
    assert log.count_ms(0) == 0
    assert active not in {sight.node for sight in log.taken()}


@pytest.mark.usefixtures("dropping")
def test_unicast_keeps_its_holder_and_no_other_where_strangers_are_dropped(
    cluster: Balancers, stranger: Stranger, active: str
) -> None:
    rules = cluster.run(active, "nft list table inet ha_lb_vrrp")
    assert rules.count(" drop ") == 4, rules
    assert_held(forged(cluster, stranger, active, {**FORGERIES, **OF_UNICAST}))


@pytest.mark.usefixtures("multicast")
def test_multicast_keeps_its_holder_where_strangers_are_dropped(
    cluster: Balancers, stranger: Stranger, active: str
) -> None:
    rules = cluster.run(active, "nft list table inet ha_lb_vrrp")
    assert rules.count(" drop ") == 2, rules
    ipv4 = {name: each for name, each in FORGERIES.items() if each.multicast or not each.peer}
    assert_held(forged(cluster, stranger, active, ipv4, families=1))


@pytest.mark.matrix
@pytest.mark.usefixtures("multicast")
def test_multicast_has_no_defence_of_its_own(lab: Lab, cluster: Balancers, stranger: Stranger) -> None:
    """What is dropped above is what would take the VIPs: so the tests see what they look for."""
    site(lab, cluster, {**MULTICAST, "keepalived_drop_strangers": False})
    assert "ha_lb_vrrp" not in cluster.run("lb1", "nft list tables")
    with cluster.logged() as log:
        stranger.send(frames(cluster, stranger, FORGERIES["multicast of a stranger"]), PER_SECOND, SECONDS)
    assert log.count_ms(0) > 0, log
    cluster.wait_whole()
