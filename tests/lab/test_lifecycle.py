# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a cluster, in order: its engine changes, nodes and VIPs come and go, and it is removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.membership import ChangeCost, describe, listing, measured
from lab.playbook import Run

pytestmark = pytest.mark.lifecycle

OLD, NEW = ("lb1", "lb2"), ("lb3", "lb4")
ALL = (*OLD, *NEW)
WEB = {"name": "web", "addresses": ["192.0.2.10/24"]}
MOVED = {"name": "moved", "addresses": ["198.51.100.10/24"], "vrid": 110}
SERVICE = {
    "name": "www",
    "port": 80,
    "servers": [
        {"name": "web1", "address": "192.0.2.21", "port": 80},
        {"name": "web2", "address": "192.0.2.22", "port": 80},
    ],
}
# A request in progress when its node gives up the VIP is reset; on a loaded machine there may be several
FAILED, FAILED_PER_HAND_OVER = 2, 5
GAP_MS = 300.0
TWO_HOLDERS_MS = 300.0
QUICKLY = {"ha_lb_listen_seconds": 1}
# A node as its owner had it before: another proxy, which is stopped, and a firewall that drops VRRP
BEFORE = r"""
export DEBIAN_FRONTEND=noninteractive
apt-get install --yes --quiet=2 --no-install-recommends keepalived haproxy nftables >/dev/null
systemctl disable --quiet --now keepalived haproxy
printf 'global\n    user haproxy\ndefaults\n    timeout client 7s\n' >/etc/haproxy/haproxy.cfg
chmod 0604 /etc/haproxy/haproxy.cfg
nft add table inet filter
nft 'add chain inet filter input { type filter hook input priority 0; policy accept; }'
nft add rule inet filter input ip protocol 112 drop
"""
# Files that only some playbooks write: a drain that survives a reboot, the versions before an upgrade, build archives
MORE = """
mkdir /var/cache/ha_lb
touch /etc/tmpfiles.d/00-ha_lb-drain.conf /var/lib/ha_lb/versions.json /var/cache/ha_lb/haproxy.tar.gz
"""
Play = Callable[..., Run]


@pytest.fixture
def play(lab: Lab) -> Play:
    """Return a function that runs a playbook, which must succeed."""

    def run(playbook: str, variables: Mapping[str, object] | None = None) -> Run:
        done = Run(lab, playbook, {**QUICKLY, **(variables or {})}).finish()
        assert done.process.returncode == 0, done.output
        return done

    return run


@pytest.fixture(scope="module", autouse=True)
def fresh(cluster: Balancers) -> Iterator[dict[str, list[str]]]:
    """The files of the last node before the collection was ever installed on it."""
    cluster.run(ALL[-1], BEFORE)
    return {ALL[-1]: listing(cluster, ALL[-1])}


def seamless(cost: ChangeCost, what: str) -> None:
    """Assert that exactly one node held a VIP except during hand-overs, and that the client hardly noticed these."""
    print(f"{what}: {cost}")
    moves = len(cost.log.taken())
    assert cost.failed <= FAILED + FAILED_PER_HAND_OVER * moves, f"{cost}: {cost.traffic.result['outages'][:5]}"
    assert cost.traffic.result["longest_gap_ms"] <= GAP_MS, str(cost)
    assert cost.log.count_ms(2) <= TWO_HOLDERS_MS, str(cost)
    assert cost.log.count_ms(0) <= GAP_MS, str(cost)


def addresses(cluster: Balancers, node: str) -> str:
    return cluster.run(node, "ip -brief address")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "remove: name a node with -e ha_lb_node=… (lb1, lb2), or else the whole cluster with"),
        ({"ha_lb_node": "lb1", "ha_lb_remove_all": "loadbalancers"}, "remove: name a node"),
        ({"ha_lb_remove_all": True}, "ha_lb_remove_all: True is not the group of these balancers, loadbalancers"),
        ({"ha_lb_node": "lb9"}, "lb9"),
    ],
)
def test_remove_refuses_wrong_names(lab: Lab, variables: dict[str, object], words: str) -> None:
    run = Run(lab, "remove", variables).finish()
    assert run.process.returncode != 0
    (failure,) = run.failures
    assert words in failure
    assert "Traceback" not in run.output
    assert "PLAY [Lock the cluster, and find the holders" not in run.output


def nothing_is_left_of(engine: str, cluster: Balancers, *nodes: str) -> None:
    for node in nodes:
        assert cluster.run(node, f"systemctl is-active {engine}", check=False).strip() == "inactive"
        assert cluster.run(node, f"systemctl is-enabled {engine}", check=False).strip() == "disabled"
        assert "ha_lb" not in cluster.run(node, f"systemctl cat {engine}; cat /etc/{engine}/*.c*f*g", check=False)


@pytest.mark.matrix
@pytest.mark.parametrize("engine", ["nginx", "haproxy"])
def test_the_engine_is_exchanged(whole: Balancers, play: Play, engine: str) -> None:
    cluster, before = whole, whole.proxy
    describe(cluster, *OLD, ha_lb_engine=engine)
    with measured(cluster, OLD) as cost:
        play("site")
    seamless(cost, f"{before} to {engine}")
    cluster.wait_whole()
    nothing_is_left_of(before, cluster, *OLD)


def test_a_node_of_the_next_release_joins(whole: Balancers, play: Play) -> None:
    """The others send the new node no adverts before they have its address, so it must be the last to start.

    The others change their engine in the same run.
    """
    cluster = whole
    describe(cluster, *OLD, NEW[0], ha_lb_engine="nginx")
    with measured(cluster, ALL) as cost:
        play("site")
    seamless(cost, "a third node, and nginx")
    cluster.wait_whole()
    assert len(cluster.instances(NEW[0])) == 1
    nothing_is_left_of("haproxy", cluster, *OLD)


@pytest.mark.parametrize(("leaving", "staying", "joining"), [("lb1", ("lb2", "lb3"), ("lb4",)), ("lb2", NEW, ())])
def test_a_node_leaves_and_the_next_one_joins(
    cluster: Balancers, play: Play, leaving: str, staying: tuple[str, ...], joining: tuple[str, ...]
) -> None:
    """The remaining nodes drop the old peer and add the new one; the first time, they also return to haproxy."""
    with measured(cluster, ALL) as cost:
        play("remove", {"ha_lb_node": leaving})
        describe(cluster, *staying, *joining, ha_lb_engine="haproxy")
        play("site")
    seamless(cost, f"{leaving} leaves, {' '.join(joining) or 'nobody'} joins")
    cluster.wait_whole()
    assert cluster.vips[0] not in addresses(cluster, leaving)
    assert "ha_lb" not in "\n".join(listing(cluster, leaving))
    gone = cluster.lab.nodes[leaving].address
    nothing_is_left_of("nginx", cluster, staying[0])
    for node in cluster.nodes:
        assert gone not in cluster.run(node, "cat /etc/keepalived/keepalived.conf; nft list ruleset", check=False)


@pytest.mark.matrix
def test_a_vip_moves_to_another_subnet(cluster: Balancers, play: Play) -> None:
    """Old and new VIP coexist, then the old one is removed: a client that changes to the new one loses nothing."""
    old, new = WEB["addresses"][0].partition("/")[0], MOVED["addresses"][0].partition("/")[0]
    describe(cluster, *NEW, ha_lb_vips=[WEB, MOVED], ha_lb_services=[{**SERVICE, "vips": ["web", "moved"]}])
    with measured(cluster, NEW, old) as cost:
        play("site")
        cluster.wait_whole()
    seamless(cost, "a VIP more")
    describe(cluster, *NEW, ha_lb_vips=[MOVED], ha_lb_services=[{**SERVICE, "vip": "moved"}])
    with measured(cluster, NEW, new) as cost:
        play("site")
    seamless(cost, "the old VIP goes")
    cluster.wait_whole()
    for node in NEW:
        assert old not in addresses(cluster, node)
        assert old not in cluster.run(node, "ss --listening --tcp --numeric; cat /etc/keepalived/keepalived.conf")


@pytest.mark.matrix
def test_an_address_moves_from_one_vip_to_another_in_two_runs(cluster: Balancers, lab: Lab, play: Play) -> None:
    moving, api = "192.0.2.30/24", {"name": "api", "addresses": ["192.0.2.20/24"]}
    services = [{**SERVICE, "vips": ["moved", "api"]}]
    describe(
        cluster, *NEW, ha_lb_vips=[MOVED, {**api, "addresses": [*api["addresses"], moving]}], ha_lb_services=services
    )
    play("site")
    cluster.wait_whole()
    describe(
        cluster, *NEW, ha_lb_vips=[{**MOVED, "addresses": [*MOVED["addresses"], moving]}, api], ha_lb_services=services
    )
    run = Run(lab, "site", QUICKLY).finish()
    assert run.process.returncode != 0
    assert "ha_lb_vips[0].addresses[1]: 192.0.2.30 runs in api, and keepalived cannot move it" in run.failures[0]
    wanted = [{**MOVED, "addresses": [*MOVED["addresses"], moving]}, api]
    for vips in ([MOVED, api], wanted, [MOVED]):
        describe(cluster, *NEW, ha_lb_vips=vips, ha_lb_services=[{**SERVICE, "vips": [each["name"] for each in vips]}])
        play("site")
        cluster.wait_whole()


def test_a_node_that_was_only_taken_out_of_the_inventory_is_found(cluster: Balancers, lab: Lab) -> None:
    """A backup sends no adverts, so it is not heard; without adverts from the others it would take the VIP too."""
    (holder,) = cluster.holders()[cluster.vips[0]]
    (backup,) = (node for node in NEW if node != holder)
    describe(cluster, holder)
    try:
        run = Run(lab, "site", QUICKLY).finish()
    finally:
        describe(cluster, *NEW)
    assert run.process.returncode != 0
    assert f"{cluster.lab.nodes[backup].address} left the inventory and still takes VRRP" in run.failures[0]
    assert "PLAY [Stage" not in run.output
    cluster.wait_whole()


def test_remove_leaves_nothing_behind(cluster: Balancers, play: Play, fresh: dict[str, list[str]]) -> None:
    """The backup is removed first; until the last node is removed, it holds the VIP."""
    (holder,) = cluster.holders()[cluster.vips[0]]
    rest = [node for node in NEW if node != holder]
    for node in NEW:
        cluster.run(node, MORE)
    with measured(cluster, NEW) as cost:
        run = play("remove", {"ha_lb_remove_all": "loadbalancers"})
    print(f"removed: {cost}")
    # On a loaded machine the backup may have taken the VIP for a moment; the holder is the last one to have it
    assert [sight.node for sight in sorted(cost.log.sights, key=lambda each: each.at) if sight.held][-1] == holder
    assert cost.log.count_ms(2) <= TWO_HOLDERS_MS
    order = [run.output.index(f"ok: [{node}]", run.output.index("PLAY [Remove")) for node in (*rest, holder)]
    assert order == sorted(order)
    for node in NEW:
        assert not any(vip in addresses(cluster, node) for vip in cluster.vips)
    for node, before in fresh.items():
        after = listing(cluster, node)
        assert sorted(set(after) ^ set(before)) == []
    again = play("remove", {"ha_lb_remove_all": "loadbalancers"})
    assert set(re.findall(r" changed=(\d+)", again.output)) == {"0"}
