# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard mends what only looks ready: soon enough, once, and without moving a VIP that need not move."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import switch
from lab.balancers import Balancers
from plugins.module_utils.host.paths import GUARD, GUARD_RUN, KEEPALIVED_CONFIG, RUN, STATE

pytestmark = pytest.mark.haproxy_pair

WIPED_SECONDS = 2.0
FROZEN_SECONDS = 2.0
REMADE_SECONDS = 3.0
# Of a command in a node of the lab, and of a look at it, on a busy machine
LAB_SECONDS = 2.0
KILLED_MS = 50
SETTLED = 4.0  # without anything wrong, after which the guard's pauses start anew
FILES = f"{RUN}/proxy {RUN}/watch {RUN}/keepalived {RUN}/drain"


@pytest.fixture
def guarded(whole: Balancers) -> Iterator[Balancers]:
    """A cluster that is whole, and that the guards have found so for a while."""
    whole.wait(whole.displaced)
    whole.wait(lambda: [node for node in whole.nodes if guard(whole, node)["unfit"]])
    quiet = time.monotonic() + SETTLED
    whole.wait(lambda: ["it is too early"] if time.monotonic() < quiet else [], SETTLED + 1)
    yield whole
    whole.wait_whole()
    whole.wait(whole.displaced)


def guard(cluster: Balancers, node: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster.run(node, f"cat {GUARD}"))
    return found


def acts_since(cluster: Balancers, node: str, before: dict[str, Any]) -> list[str]:
    return [f"{act['cause']}: {act['did']}" for act in guard(cluster, node)["acts"] if act["time"] > before["time"]]


def within(cluster: Balancers, seconds: float, is_right: Callable[[], bool]) -> None:
    cluster.wait(lambda: [] if is_right() else ["it is not right yet"], seconds + LAB_SECONDS)


def other(cluster: Balancers) -> str:
    return next(node for node in cluster.nodes if node != cluster.active())


def same_files(cluster: Balancers, node: str) -> str:
    """Return what is in the directory: names, owners, modes, and what the files say up to the last line's end."""
    texts = 'for each in *; do [ ! -f "$each" ] || echo "$each: $(cat "$each")"; done'
    return cluster.run(node, f"cd {RUN} && stat -c '%n %U:%G %a' * && {texts}", check=False)


@pytest.mark.short
@pytest.mark.parametrize("wiped", [f"{RUN}/*", RUN])
def test_what_was_wiped_is_right_again_and_no_vip_moves(guarded, wiped):
    active = guarded.active()
    before = same_files(guarded, active)
    with guarded.logged() as log:
        guarded.run(active, f"rm -rf {wiped}")
        within(guarded, WIPED_SECONDS, lambda: same_files(guarded, active) == before)
    assert not log.taken()
    assert guarded.active() == active
    # It is heeded, too
    guarded.run(active, f"echo -253 >{RUN}/drain")
    guarded.wait_left(active)
    guarded.run(active, f"echo 0 >{RUN}/drain")


def kept_drain(cluster: Balancers, node: str) -> str:
    return cluster.run(node, f"cat {GUARD_RUN}/kept/drain", check=False).strip()


def test_a_drained_node_stays_drained_when_its_files_are_wiped(guarded):
    node = other(guarded)
    guarded.run(node, f"echo -253 >{RUN}/drain")
    within(guarded, 1.0, lambda: kept_drain(guarded, node) == "-253")
    guarded.run(node, f"rm -rf {RUN}/*")
    within(guarded, WIPED_SECONDS, lambda: guarded.run(node, f"cat {RUN}/drain", check=False).strip() == "-253")
    guarded.run(node, f"echo 0 >{RUN}/drain")


def test_a_keepalived_that_starts_without_its_files_is_fit(guarded):
    """Its unit makes them anew, and says that the proxy does not run."""
    node = other(guarded)
    guarded.run(node, f"rm -rf {RUN}/*; systemctl restart keepalived")
    within(guarded, WIPED_SECONDS, lambda: guarded.run(node, f"cat {FILES}").split() == ["0"] * 4)


def test_a_file_that_is_half_written_is_put_right(guarded):
    node = other(guarded)
    guarded.run(node, f"printf - >{RUN}/drain; : >{RUN}/watch; echo -253 >{RUN}/keepalived; echo -254 >{RUN}/proxy")
    within(guarded, WIPED_SECONDS, lambda: guarded.run(node, f"cat {FILES}").split() == ["0"] * 4)


@pytest.mark.short
def test_a_frozen_keepalived_leaves_one_holder(guarded):
    active = guarded.active()
    before = guard(guarded, active)
    guarded.run(active, "systemctl kill --signal=STOP keepalived")
    within(guarded, FROZEN_SECONDS, lambda: guarded.holders()[guarded.vips[0]] == [other_than(guarded, active)])
    assert any("killed keepalived" in act for act in acts_since(guarded, active, before))


def other_than(cluster: Balancers, node: str) -> str:
    return next(each for each in cluster.nodes if each != node)


@pytest.mark.short
def test_a_killed_vrrp_process_is_the_end_of_keepalived(guarded):
    active = guarded.active()
    with guarded.logged() as log:
        guarded.run(active, "kill -KILL $(cat /run/vrrp.pid)")
        guarded.wait_left(active)
    assert log.count_ms(0) <= KILLED_MS


@pytest.mark.short
@pytest.mark.parametrize("which", ["active", "backup"])
def test_an_interface_that_is_made_again_is_used_again(guarded, which):
    node = guarded.active() if which == "active" else other(guarded)
    before = guard(guarded, node)
    held = guarded.lab.nodes[node]
    switch.plug(guarded.lab.switch, node, held.container, held.addresses)
    within(guarded, REMADE_SECONDS, lambda: hears(guarded, node) or guarded.holders()[guarded.vips[0]] == [node])
    within(guarded, REMADE_SECONDS, lambda: "load its configuration anew" in str(acts_since(guarded, node, before)))
    told = acts_since(guarded, node, before)
    assert not [act for act in told if "restarted keepalived" in act]


def hears(cluster: Balancers, node: str) -> bool:
    """Tell whether a backup's count of adverts grows, by its next two answers."""
    first, second = ([each["stats"]["advert_rcvd"] for each in cluster.instances(node)] for _ in range(2))
    return bool(first) and all(then < now for then, now in zip(first, second, strict=True))


def test_a_vip_on_the_wrong_node_is_removed(guarded):
    node, vip = other(guarded), guarded.vips[0]
    guarded.run(node, f"ip address add {vip}/24 dev eth0")
    within(guarded, 2.0, lambda: guarded.holders()[vip] == [guarded.active()])
    assert guarded.active() != node


@pytest.mark.usefixtures("nftables")
def test_rules_and_settings_come_back(guarded):
    node = other(guarded)
    guarded.run(node, "/usr/local/libexec/ha_lb/prepare-host")
    guarded.run(node, "nft flush ruleset; sysctl --quiet --write net.ipv4.ip_nonlocal_bind=0")
    within(guarded, 3.0, lambda: not guarded.run(node, "/usr/local/libexec/ha_lb/prepare-host check").strip())
    assert guarded.run(node, "sysctl --values net.ipv4.ip_nonlocal_bind").strip() == "1"


@pytest.mark.parametrize("verb", ["", "restart", "reload"])
def test_a_torn_configuration_is_put_back(guarded, verb):
    node = other(guarded)
    restart = f"; systemctl {verb} --no-block keepalived" if verb else ""
    guarded.run(node, f"head -c 500 {STATE}/keepalived.conf >{KEEPALIVED_CONFIG}{restart}", check=False)
    within(
        guarded, 4.0, lambda: guarded.run(node, f"cmp {STATE}/keepalived.conf {KEEPALIVED_CONFIG}", check=False) == ""
    )
    assert guarded.run(node, f"stat -c '%s %a' {STATE}/keepalived.conf.torn").strip() == "500 600"


def test_an_edit_of_people_stays(guarded):
    node = other(guarded)
    before = guard(guarded, node)
    guarded.run(node, f"echo '# by hand' >>{KEEPALIVED_CONFIG}; cp -p {KEEPALIVED_CONFIG} /root/edited")
    later = time.monotonic() + SETTLED
    guarded.wait(lambda: ["it is too early"] if time.monotonic() < later else [], SETTLED + 1)
    assert guarded.run(node, f"cmp {KEEPALIVED_CONFIG} /root/edited").strip() == ""
    assert not acts_since(guarded, node, before)
    guarded.run(node, f"cp {STATE}/keepalived.conf {KEEPALIVED_CONFIG}; rm /root/edited")


def test_a_killed_guard_goes_on_where_it_was(guarded):
    active = guarded.active()
    with guarded.logged() as log:
        guarded.run(active, "systemctl kill --signal=KILL ha_lb-guard")
        guarded.run(active, f"rm -rf {RUN}/drain {RUN}/proxy")
        within(guarded, 3.0, lambda: guarded.run(active, f"cat {FILES}", check=False).split() == ["0"] * 4)
    assert not log.taken()
