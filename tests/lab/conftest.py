# SPDX-License-Identifier: GPL-3.0-or-later
"""A running lab, given by LAB_STATE (default .lab), with the collection's `site` in force on its balancers.

A test that fails while this machine stood still is repeated once, and both results are reported: adverts are late then,
and VIPs move though no node has failed.

`pytest tests/lab -m short` is the selection for a second pair of balancers, such as one of two Debian releases.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from lab import Lab, LabError  # noqa: E402
from lab.access import INVENTORY  # noqa: E402
from lab.balancers import Balancers  # noqa: E402
from lab.standstill import Standstills  # noqa: E402

STATE = Path(os.environ.get("LAB_STATE", ROOT / ".lab"))
# A test without one of these markers is of the first scenario
SCENARIOS = (
    "haproxy_pair",
    "dual_vip",
    "three_nodes",
    "dual_stack",
    "vrid_conflict",
    "split_brain",
    "rolling",
    "lifecycle",
    "people",
    "notify",
    "drill",
    "chaos",
    "source_build",
    "lvs_real_server",
)


MACHINE = pytest.StashKey[Standstills]()
BEGAN = pytest.StashKey[float]()


def pytest_configure(config: pytest.Config) -> None:
    machine = contextlib.ExitStack()
    config.stash[MACHINE] = machine.enter_context(Standstills())
    config.add_cleanup(machine.close)
    config.addinivalue_line("markers", "short: part of the selection for a second pair of balancers")
    config.addinivalue_line("markers", "matrix: too long for `make test`, part of `make test-all`")
    for scenario in SCENARIOS:
        config.addinivalue_line("markers", f"{scenario}: of the scenario of that name")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test its scenario, and leave out the long ones unless MATRIX is set."""
    for item in items:
        item.add_marker(pytest.mark.flaky(reruns=1, condition=functools.partial(_standstills, item)))
        if not any(mark.name in SCENARIOS for mark in item.iter_markers()):
            item.add_marker(SCENARIOS[0])
    if not os.environ.get("MATRIX"):
        long = [item for item in items if item.get_closest_marker("matrix")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the argument `balancer` or `backend` once for every one of them."""
    for fixture, group in (("balancer", "loadbalancers"), ("backend", "backends")):
        if fixture in metafunc.fixturenames:
            names = [name for name, node in _the_lab().nodes.items() if group in node.groups]
            metafunc.parametrize(fixture, names, indirect=True, ids=names)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[BEGAN] = time.time()


def _standstills(item: pytest.Item) -> list[float]:
    return item.config.stash[MACHINE].since(item.stash[BEGAN])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failed test what was measured, the state of the balancers, and whether this machine stood still."""
    report = yield
    if report.failed:
        for seconds in _standstills(item):
            report.sections.append(("this machine", f"it stood still for {seconds:.2f} s"))
        cluster = getattr(item, "funcargs", {}).get("cluster")
        if report.when == "call" and cluster:
            with contextlib.suppress(LabError):
                report.sections.append(("the cluster", cluster.report()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if stood := config.stash[MACHINE].since(0.0):
        terminalreporter.write_line(
            f"this machine, or a CPU of it, stood still {len(stood)} times, for up to {max(stood):.2f} s"
        )


def _the_lab() -> Lab:
    try:
        return Lab.load(STATE)
    except LabError as error:
        pytest.exit(str(error), returncode=2)


@pytest.fixture(scope="session")
def lab() -> Lab:
    return _the_lab()


@pytest.fixture(scope="session")
def cluster(lab: Lab) -> Iterator[Balancers]:
    with Balancers(lab) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def whole(cluster: Balancers) -> Balancers:
    """The cluster, once it is whole."""
    cluster.wait_whole()
    return cluster


@pytest.fixture(scope="module")
def nftables(lab: Lab, cluster: Balancers) -> None:
    """Install nftables, which the lab's nodes lack."""
    for node in (*cluster.nodes, *cluster.backends):
        lab.run(node, "command -v nft || apt-get -q install -y --no-install-recommends nftables")


@pytest.fixture(scope="session")
def hosts(lab: Lab) -> dict[str, Any]:
    """All nodes as testinfra sees them, over SSH as Ansible does it."""
    inventory = yaml.safe_load((lab.state / INVENTORY).read_text(encoding="utf-8"))["all"]["hosts"]
    # Through the connection that Ansible keeps open, where the path of its socket is short enough for one
    return {
        name: testinfra.get_host(
            f"ssh://{host['ansible_user']}@{host['ansible_host']}",
            ssh_identity_file=host["ansible_ssh_private_key_file"],
            ssh_extra_args=" ".join(
                [host["ansible_ssh_common_args"], f"-oControlPath={host.get('ansible_control_path', 'none')}"]
            ),
            controlpersist=0,
        )
        for name, host in inventory.items()
    }


@pytest.fixture
def balancer(request: pytest.FixtureRequest, hosts: dict[str, Any]) -> Any:
    return hosts[request.param]


@pytest.fixture
def backend(request: pytest.FixtureRequest, hosts: dict[str, Any]) -> Any:
    return hosts[request.param]


@pytest.fixture
def client(cluster: Balancers, hosts: dict[str, Any]) -> Any:
    return hosts[cluster.client]


@pytest.fixture
def vip(cluster: Balancers) -> str:
    return cluster.vips[0]
