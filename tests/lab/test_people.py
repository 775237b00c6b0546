# SPDX-License-Identifier: GPL-3.0-or-later
"""A pair as people run it, in order: a login that becomes root by sudo or su, no pipelining, and the oldest Ansible.

The collection is installed from its archive. The login's PATH has no sbin, and its umask hides what it writes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.membership import describe, listing, measured
from lab.people import Folder, OwnRun, add_login

pytestmark = pytest.mark.people

BECOME = {"lb1": "sudo", "lb3": "su"}
NODES = tuple(BECOME)
WITH_A_PASSWORD = ("-b", "--become-password-file", "password")
REMEDY = "log in as root, or become root by sudo or su (-b, and -K for the password)"
# A request that is under way when a VIP moves may be reset, and adverts cross
FAILED, GAP_MS, TWO_HOLDERS_MS = 20, 300.0, 300.0
Play = Callable[..., OwnRun]
Listings = dict[str, list[str]]


@pytest.fixture(scope="module")
def folder(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("own"))
    folder.write_inventory(lab, BECOME)
    return folder


@pytest.fixture(scope="module", autouse=True)
def fresh(cluster: Balancers) -> Listings:
    """What is on every node before the first site."""
    describe(cluster, *NODES)
    with ThreadPoolExecutor() as pool:
        list(pool.map(add_login, [cluster.lab] * len(BECOME), BECOME, BECOME.values()))
    return {node: listing(cluster, node) for node in NODES}


@pytest.fixture
def play(folder: Folder) -> Play:
    """Return a function that runs playbooks, which must succeed."""

    def play(*playbooks: str, **variables: Any) -> OwnRun:
        done = OwnRun(folder.path, playbooks, {"ha_lb_listen_seconds": 1, **variables}, *WITH_A_PASSWORD).finish()
        assert done.process.returncode == 0, done.output
        return done

    return play


@contextlib.contextmanager
def seamless(cluster: Balancers) -> Iterator[None]:
    """Assert that a client hardly notices what is done, and that a VIP has one holder except while it moves."""
    with measured(cluster, NODES) as cost:
        yield
    print(cost)
    assert cost.failed <= FAILED, str(cost)
    assert cost.log.count_ms(2) <= TWO_HOLDERS_MS, str(cost)
    assert cost.log.count_ms(0) <= GAP_MS, str(cost)


@pytest.mark.parametrize(
    ("playbook", "options", "sentence"),
    [
        ("site", (), f"ops on lb1 is not root: {REMEDY}"),
        ("preflight", (), f"ops on lb3 is not root: {REMEDY}"),
        ("site", ("-b",), "Missing sudo password"),
        ("site", ("-b", "--become-password-file", "wrong"), "Incorrect sudo password"),
        ("status", (*WITH_A_PASSWORD, "-e", "ansible_become_method=sudo"), "lb3: no module runs there"),
    ],
)
def test_who_cannot_become_root_is_told_so_first(
    folder: Folder, cluster: Balancers, fresh: Listings, playbook: str, options: tuple[str, ...], sentence: str
) -> None:
    (folder.path / "wrong").write_text("close sesame\n")
    run = OwnRun(folder.path, [playbook], {}, *options).finish()
    assert run.process.returncode != 0
    assert any(sentence in failure for failure in run.failures), run.output
    assert "Traceback" not in run.output
    assert {node: listing(cluster, node) for node in NODES} == fresh


def test_site_brings_the_pair_up(cluster: Balancers, play: Play) -> None:
    play("site")
    cluster.wait_whole()
    assert set(re.findall(r" changed=(\d+)", play("site").output)) == {"0"}


def test_a_drained_node_is_restored(cluster: Balancers, play: Play) -> None:
    holder = cluster.active()
    with seamless(cluster):
        assert "drained" in play("drain", "status", ha_lb_node=holder).output
        cluster.wait_left(holder)
        play("restore", "verify", ha_lb_node=holder)
        cluster.wait_whole()


def test_a_change_is_rolled(lab: Lab, folder: Folder, cluster: Balancers, play: Play) -> None:
    folder.write_inventory(lab, BECOME, ha_lb_check_port=8407)
    with seamless(cluster):
        play("site")
        cluster.wait_whole()
    for node in NODES:
        assert "check-proxy 8407" in cluster.run(node, "cat /etc/keepalived/keepalived.conf")


def test_remove_leaves_nothing_behind(cluster: Balancers, play: Play, fresh: Listings) -> None:
    play("remove", ha_lb_remove_all="loadbalancers", ha_lb_remove_packages=True)
    for node in NODES:
        assert sorted(set(listing(cluster, node)) ^ set(fresh[node])) == []
