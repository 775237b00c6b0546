# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module refuses before it opens a socket; tests/wire has what it hears on a real kernel."""

from __future__ import annotations

import importlib
import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from answers import as_documented

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
