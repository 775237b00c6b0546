# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module refuses before it opens a socket; tests/wire has what it hears on a real kernel."""

from __future__ import annotations

import importlib
import json
import os
import time

import pytest
from answers import as_documented
from module_options import patch_module_args

WEB = {"name": "web", "vrid": 51, "family": "ipv4", "addresses": ["192.0.2.10/24"], "sources": ["192.0.2.11"]}
LO = {"ifname": "lo", "ifindex": 1, "flags": ["LOOPBACK", "UP"], "link_type": "loopback"}
ETH0 = {"ifname": "eth0", "ifindex": 2, "flags": ["UP"], "link_type": "ether", "address": "02:00:00:00:00:11"}
SLAVE = {**ETH0, "ifname": "eth1", "master": "bond0", "linkinfo": {"info_slave_kind": "bond"}}
DOWN = {**ETH0, "ifname": "eth2", "flags": []}


@pytest.fixture
def run(collections, capsys, tmp_path, monkeypatch):
    """Run the module on a host with some interfaces, and return its result."""
    (tmp_path / "ip").write_text(f"#!/bin/sh\necho '{json.dumps([LO, ETH0, SLAVE, DOWN])}'\n")
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def run(**options):
        module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.modules.vrid_conflict")
        with patch_module_args({**options, "_ansible_check_mode": True}), pytest.raises(SystemExit) as end:
            module.main()
        answer = as_documented("vrid_conflict", json.loads(capsys.readouterr().out))
        return {**answer, "status": end.value.code}

    return run


@pytest.mark.parametrize(
    ("options", "findings"),
    [
        (
            {"interfaces": ["eth9", "eth1", "eth2", "lo"]},
            [
                "interfaces[0]: this host has no interface eth9 (it has lo, eth0, eth1, eth2)",
                "interfaces[1]: eth1 is a part of the bond bond0; listen on bond0",
                "interfaces[2]: eth2 is down",
                "interfaces[3]: lo is not an Ethernet interface",
            ],
        ),
        (
            {"listen_seconds": 0.1, "addresses": ["lb1"], "taken_vrids": [0], "instances": [{**WEB, "vrid": 256}]},
            [
                "listen_seconds: 0.1 is not a number of seconds from 0.5 to 600",
                "addresses[0]: lb1 is not an address",
                "instances[0].vrid: 256 is not a whole number from 1 to 255",
                "taken_vrids[0]: 0 is not a whole number from 1 to 255",
            ],
        ),
    ],
)
def test_all_findings_are_reported_at_once(run, options, findings):
    answer = run(**options)
    assert (answer["failed"], answer["status"]) == (True, 1)
    assert [f"{each['path']}: {each['message']}" for each in answer["findings"]] == findings
    assert answer["msg"] == "\n".join(findings)


NONSENSE = [5, "text", [5], {"a": 1}, [{"name": 1}], [None]]


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("option", ["listen_seconds", "addresses", "instances", "taken_vrids"])
def test_nonsense_is_no_traceback(run, option, value):
    answer = run(**{"interfaces": ["eth9"], option: value})
    assert answer["failed"]
    assert answer["msg"]
    assert "Traceback" not in answer["msg"]


def cluster(name, first, **variables):
    nodes = [{"name": f"{name}{number}", "address": [f"192.0.2.{number}"]} for number in (first, first + 1)]
    vips = [{"name": name, "addresses": [f"192.0.2.{first + 100}/24"], "vrid": 51}]
    return {"name": name, "nodes": nodes, "variables": {"ha_lb_vips": vips, **variables}}


def test_clusters_of_the_inventory_are_compared_without_a_socket(run, tmp_path):
    (tmp_path / "ip").unlink()
    there = cluster("edge", 31, keepalived_transport="multicast")
    answer = run(listen_seconds=0, clusters=[cluster("lb", 11), there])
    assert [each["name"] for each in answer["conflicts"]] == ["vrid 51 ipv4 edge"]
    assert 51 not in answer["free_vrids"]
    assert answer["unseen"] == ["The wire: nobody listened."]
    assert run(listen_seconds=0, clusters=[cluster("lb", 11), cluster("edge", 31)])["conflicts"] == []


@pytest.mark.parametrize("clusters", [[{"name": "lb"}], [{"name": "lb", "nodes": [], "variables": 5}]])
def test_wrong_clusters_are_refused(run, clusters):
    answer = run(listen_seconds=0, clusters=clusters)
    assert answer["failed"]
    assert "clusters" in answer["msg"]


ROUTER = {
    **{"interface": "eth0", "vrid": 51, "family": "ipv4", "source": "192.0.2.77", "own": False, "protocol": "VRRPv3"},
    **{"priority": 100, "interval_seconds": 1.0, "addresses": ["192.0.2.77"], "mac": "02:00:00:00:00:77", "ttl": 255},
    **{"destination": "224.0.0.18", "checksum": "plain", "first": 1.0, "adverts": 700},
}


@pytest.fixture
def ear(run, tmp_path, monkeypatch):
    """Return a function that writes what an ear would have written, so many seconds after it began."""
    paths = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths")
    monkeypatch.setattr(paths, "HEARD", str(tmp_path / "heard.json"))

    def write(seconds, **more):
        now = time.monotonic()
        routers = [{**ROUTER, "last": now}]
        said = {"monotonic": now, "interfaces": {"eth0": now - seconds}, "routers": routers, "problem": ""}
        (tmp_path / "heard.json").write_text(json.dumps({**said, **more}))

    return write


def test_what_the_ear_has_heard_is_taken(run, ear):
    ear(720)
    answer = run(instances=[WEB], addresses=[])
    assert [each["name"] for each in answer["conflicts"]] == ["vrid 51 ipv4 192.0.2.77"]
    assert 720 <= answer["listened_seconds"] < 730
    assert 51 not in answer["free_vrids"]
    assert not any("less often" in each for each in answer["unseen"])


def test_an_accepted_instance_elsewhere_is_none_by_the_ear_either(run, ear):
    ear(90)
    answer = run(instances=[{**WEB, "interface": "eth1"}], addresses=[])
    assert (answer["conflicts"], len(answer["heard"])) == ([], 1)
    assert any("less often than every 90 s" in each for each in answer["unseen"])


@pytest.mark.parametrize(
    ("seconds", "options", "more"),
    [
        (720, {"listen_seconds": 4}, {}),
        (30, {}, {}),
        (720, {}, {"problem": "Nothing is heard."}),
        (720, {}, {"routers": "x"}),
    ],
)
def test_otherwise_it_listens_itself(run, ear, monkeypatch, seconds, options, more):
    module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.modules.vrid_conflict")
    monkeypatch.setattr(module, "listen", lambda *_given: module.SILENCE._replace(unseen=["It listened."]))
    ear(seconds, **more)
    assert run(addresses=[], **options)["unseen"] == ["It listened."]
