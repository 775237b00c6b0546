# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes hold the VIP, for several reasons: status and verify name the cause; mended, there is one holder again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.playbook import Run

pytestmark = [pytest.mark.split_brain, pytest.mark.usefixtures("nftables", "whole")]

FIRST, SECOND = "lb1", "lb2"
CONFIG = "/etc/keepalived/keepalived.conf"
SAVED = "/root/keepalived.conf"
LISTENING = "TASK [Listen to VRRP"
PASSWORD = {"keepalived_vrrp_version": 2, "keepalived_auth_pass": "secret12"}


@dataclass(frozen=True)
class Fault:
    """A fault made by hand on one node: how it is made and undone, and the cause that status must name."""

    node: str
    make: str
    mend: str
    kind: str
    words: tuple[str, ...]


def dropped(node: str, hook: str, kind: str, *words: str) -> Fault:
    """Return the fault of a firewall that drops protocol 112."""
    chain = f"add chain inet cut {hook} {{ type filter hook {hook} priority 0; }}"
    return Fault(
        node,
        f"nft add table inet cut && nft '{chain}' && nft add rule inet cut {hook} ip protocol 112 drop",
        "nft delete table inet cut",
        kind,
        (*words, f"drop` in chain {hook} of table inet cut"),
    )


def edited(node: str, script: str, kind: str, *words: str) -> Fault:
    """Return the fault of a configuration that was changed by hand, and loaded although its unit would refuse it."""
    change = f"cp -p {CONFIG} {SAVED} && sed -i '{script}' {CONFIG} && ! cmp -s {CONFIG} {SAVED}"
    load = "kill -HUP $(cat /run/keepalived.pid)"
    return Fault(node, f"{change} && {load}", f"mv {SAVED} {CONFIG} && systemctl reload keepalived", kind, words)


FAULTS = {
    "dropped before it leaves": dropped(FIRST, "output", "not_sent", "the adverts of lb1", "do not leave it"),
    "dropped where it comes": dropped(SECOND, "input", "not_taken", "the adverts of lb1", "come to lb2"),
    "no peer": edited(
        *(
            SECOND,
            "/min_ttl 255/d",
            "transport",
            "lb1 has unicast peers",
            "lb2 has the multicast group",
            "keepalived.conf:",
        )
    ),
    "another peer": edited(
        *(SECOND, "s/[0-9.]* min_ttl 255/192.168.1.99 min_ttl 255/", "peers", "lb2 does not have 192.168.1.192 of lb1")
    ),
}
VRID = edited(SECOND, "s/virtual_router_id .*/virtual_router_id 99/", "vrid", "lb2 has virtual_router_id 99 (", CONFIG)
AUTH = edited(SECOND, "s/secret12/geheim34/", "auth", "the auth_pass of lb1 and that of lb2 differ", CONFIG)


@pytest.fixture
def torn(cluster: Balancers, lab: Any, tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Make a fault, wait for two holders, and return the data of status; undo the fault in any case.

    The guards are stopped meanwhile: one would let VRRP in again.
    """
    undone = []
    for node in (FIRST, SECOND):
        cluster.run(node, "systemctl stop ha_lb-guard")

    def make(fault: Fault, variables: dict[str, object] | None = None) -> dict[str, Any]:
        undone.append(fault)
        cluster.run(fault.node, fault.make)
        cluster.wait(lambda: _held_otherwise(cluster, [FIRST, SECOND]))
        return _status(lab, tmp_path, variables or {})

    yield make
    for fault in undone:
        cluster.run(fault.node, fault.mend, check=False)
    for node in (FIRST, SECOND):
        cluster.run(node, "systemctl start ha_lb-guard")
    cluster.wait_whole()


@pytest.fixture
def password(cluster: Balancers, lab: Any) -> None:
    if "secret12" not in cluster.run(SECOND, f"cat {CONFIG}"):
        assert Run(lab, "site", PASSWORD).finish().process.returncode == 0


def _held_otherwise(cluster: Balancers, nodes: list[str]) -> list[str]:
    return [f"{vip} is on {held}" for vip, held in cluster.holders().items() if held != nodes]


def _status(lab: Any, directory: Path, variables: dict[str, object]) -> dict[str, Any]:
    """Return the data of status, and its output."""
    file = directory / "status.json"
    run = Run(lab, "status", {**variables, "ha_lb_status_file": str(file)}).finish()
    assert run.process.returncode == 0, run.output
    return {**json.loads(file.read_text()), "output": run.output, "text": file.read_text()}


def _explained(status: dict[str, Any], fault: Fault, vip: str) -> None:
    """Assert that status names the holders, the MACs that answer, and only this cause."""
    (shared,) = status["split_brain"]["vips"]
    assert (shared["address"], shared["nodes"]) == (vip, [FIRST, SECOND])
    assert [each["node"] for each in shared["answers"]] == [FIRST, SECOND]
    assert all(re.fullmatch("([0-9a-f]{2}:){5}[0-9a-f]{2}", each["mac"]) for each in shared["answers"])
    (cause,) = status["split_brain"]["causes"]
    assert cause["kind"] == fault.kind, cause
    for words in fault.words:
        assert words in cause["message"]
    assert cause["message"] in status["output"].replace("\\\\", "\\")


def _nothing_to_explain(status: dict[str, Any]) -> None:
    assert status["split_brain"] == {"vips": [], "causes": [], "says": []}
    assert LISTENING not in status["output"]


def test_nothing_is_captured_in_a_healthy_cluster(lab: Any, tmp_path: Path) -> None:
    _nothing_to_explain(_status(lab, tmp_path, {}))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_that_is_undone_by_hand(
    torn: Any, cluster: Balancers, lab: Any, tmp_path: Path, vip: str, fault: Fault
) -> None:
    _explained(torn(fault), fault, vip)
    cluster.run(fault.node, fault.mend)
    cluster.wait_whole()
    _nothing_to_explain(_status(lab, tmp_path, {}))


def test_another_vrid_is_named_by_verify_and_mended_by_site(torn: Any, cluster: Balancers, lab: Any, vip: str) -> None:
    (vrid,) = {each["vrid"] for each in cluster.instances(FIRST)}
    _explained(torn(VRID), VRID, vip)
    verify = Run(lab, "verify", {}).finish()
    assert verify.process.returncode != 0
    (failure,) = verify.failures
    assert failure.count(f"VIP web: lb1 and lb2 hold {vip} at the same time; ") == 1
    assert failure.count("at the same time") == 1
    assert "Why: " in failure
    assert "virtual_router_id 99" in failure
    # With a password from now on, because the next test wants one and a run takes its time
    site = Run(lab, "site", PASSWORD).finish()
    assert site.process.returncode == 0, site.output
    cluster.run(SECOND, f"rm {SAVED}")
    cluster.wait_whole()
    assert {each["vrid"] for node in (FIRST, SECOND) for each in cluster.instances(node)} == {vrid}


@pytest.mark.usefixtures("password")
def test_passwords_that_differ_are_named_and_not_shown(torn: Any, vip: str) -> None:
    status = torn(AUTH, PASSWORD)
    _explained(status, AUTH, vip)
    assert not re.search("secret12|geheim34", status["text"] + status["output"])
