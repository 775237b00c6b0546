# SPDX-License-Identifier: GPL-3.0-or-later
"""A pair as people run it, in order: a login that becomes root by sudo or su, without pipelining, by the oldest Ansible.

The collection is installed from its archive. The login's PATH has no sbin, and its umask hides what it writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
# Two changes of keepalived's state may overlap for a few adverts; a request that is under way may be reset
OVERLAP_MS, GAP_MS, FAILED = 300.0, 300.0, 20
# As before the first site, with the packages that the scenario before has left
WITHOUT_PACKAGES = "apt-get purge --yes --quiet=2 keepalived 'haproxy*' 'nginx*' >/dev/null; rm -rf /var/lib/haproxy"
Play = Callable[..., OwnRun]


@pytest.fixture(scope="module")
def folder(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("own"))
    folder.write_inventory(lab, BECOME)
    return folder


@pytest.fixture(scope="module", autouse=True)
def fresh(cluster: Balancers) -> dict[str, list[str]]:
    """What is on every node before the first site."""
    describe(cluster, *NODES)
    for node, become in BECOME.items():
        cluster.run(node, WITHOUT_PACKAGES)
        add_login(cluster.lab, node, become)
    return {node: listing(cluster, node) for node in NODES}


@pytest.fixture
def play(folder: Folder) -> Play:
    """Return a function that runs playbooks, which must succeed."""

    def play(*playbooks: str, **variables: Any) -> OwnRun:
        done = OwnRun(folder.path, playbooks, {"ha_lb_listen_seconds": 1, **variables}, *WITH_A_PASSWORD).finish()
        assert done.process.returncode == 0, done.output
        return done

    return play


def changed(run: OwnRun) -> set[str]:
    return set(re.findall(r" changed=(\d+)", run.output))


@pytest.fixture
def seamless(cluster: Balancers) -> Iterator[None]:
    """Assert that the client hardly noticed what a test does, and that a VIP had one holder except while it moved."""
    cluster.wait_whole()
    with measured(cluster, NODES) as cost:
        yield
    print(cost)
    assert cost.failed <= FAILED, str(cost)
    assert cost.log.count_ms(2) <= OVERLAP_MS, str(cost)
    assert cost.log.count_ms(0) <= GAP_MS, str(cost)


@pytest.mark.parametrize(
    ("playbook", "options", "sentence"),
    [
        (
            "site",
            (),
            "ops on lb1 is not root: log in as root, or become root by sudo or su (-b, and -K for the password)",
        ),
        (
            "status",
            (),
            "ops on lb3 is not root: log in as root, or become root by sudo or su (-b, and -K for the password)",
        ),
        ("site", ("-b",), "Missing sudo password"),
        ("site", ("-b", "--become-password-file", "wrong"), "Incorrect sudo password"),
        ("site", (*WITH_A_PASSWORD, "-l", "lb3", "-e", "ansible_become_method=sudo"), "sudo: not found"),
    ],
)
def test_who_cannot_become_root_is_told_so_first(
    folder: Folder,
    cluster: Balancers,
    fresh: dict[str, list[str]],
    playbook: str,
    options: tuple[str, ...],
    sentence: str,
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
    assert play("site").output.count("changed=0") == len(NODES) + 1


@pytest.mark.usefixtures("seamless")
def test_a_drained_node_is_restored(cluster: Balancers, play: Play) -> None:
    holder = cluster.active()
    run = play("drain", "status", ha_lb_node=holder)
    assert "drained" in run.output
    cluster.wait_left(holder)
    play("restore", "verify", ha_lb_node=holder)
    cluster.wait_whole()


@pytest.mark.usefixtures("seamless")
def test_a_change_is_rolled(lab: Lab, folder: Folder, cluster: Balancers, play: Play) -> None:
    folder.write_inventory(lab, BECOME, ha_lb_check_port=8407, keepalived_preempt_delay_seconds=1)
    assert "0" not in changed(play("site")) - {"0"}
    cluster.wait_whole()
    for node in NODES:
        assert "check-proxy 8407" in cluster.run(node, "cat /etc/keepalived/keepalived.conf")


def test_remove_leaves_nothing_behind(cluster: Balancers, play: Play, fresh: dict[str, list[str]]) -> None:
    play("remove", ha_lb_remove_all="loadbalancers", ha_lb_remove_packages=True)
    for node in NODES:
        assert sorted(set(listing(cluster, node)) ^ set(fresh[node])) == []
