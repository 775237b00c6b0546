# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib

import pytest
from ansible.errors import AnsibleFilterError

WEB = {"name": "web", "vrid": 51, "family": "ipv4", "addresses": ["192.0.2.10/24"], "sources": ["192.0.2.11"]}
TAKEN = {"address": "192.0.2.10", "interface": "eth0", "macs": ["02:00:00:00:00:99"], "own": False}


@pytest.fixture
def vrid_conflicts(collections):
    module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.filter.vrid_conflicts")
    return module.FilterModule().filters()["vrid_conflicts"]


def test_what_nodes_found_is_judged_together(vrid_conflicts):
    judged = vrid_conflicts({"lb1": [], "lb2": []}, {"lb1": [TAKEN], "lb2": [TAKEN]}, [WEB], taken_vrids=[1])
    assert [each["name"] for each in judged["conflicts"]] == ["address 192.0.2.10"]
    assert judged["free_vrids"][0] == 2
    assert vrid_conflicts({}, {"lb1": [TAKEN]}, [WEB], macs=TAKEN["macs"])["conflicts"] == []


def test_wrong_instances_are_refused(vrid_conflicts):
    with pytest.raises(AnsibleFilterError, match=r"instances\[0\]\.vrid: 0 is not a whole number"):
        vrid_conflicts({}, {}, [{**WEB, "vrid": 0}])
