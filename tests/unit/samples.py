# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that is right in every respect, for tests that change one thing, and shorthands to make others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from module_utils.basics.errors import Refused
from module_utils.cluster.record import node_records
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Layout, Settings
from module_utils.vrrp.read import read_cluster

LB1 = {"name": "lb1", "address": ["192.0.2.11", "2001:db8::11"]}
LB2 = {"name": "lb2", "address": ["192.0.2.12", "2001:db8::12"]}
LB3 = {"name": "lb3", "address": ["192.0.2.13", "2001:db8::13"]}
NODES = (LB1, LB2)
WEB = {"name": "web", "addresses": ["192.0.2.10/24"]}
API = {"name": "api", "addresses": ["192.0.2.20/24"]}
DUAL = {"name": "dual", "addresses": ["192.0.2.30/24", "2001:db8::30/64"]}
VIPS = (WEB, API)
SERVER = {"name": "web1", "address": "192.0.2.21", "port": 8080}
SHOP = {"name": "shop", "vip": "web", "port": 80, "servers": [SERVER]}
POOL = {"name": "pool", "servers": [SERVER]}
VERSION_2 = Settings(version=2, advert_interval=1.0)
MULTICAST = Settings(transport="multicast")
PRIORITY_RULE = "is not a whole number from 1 to 254"
VRID_RULE = "is not a whole number from 1 to 255"
STRANGER = "192.0.2.99"
SURPRISES = [None, True, 0, -1, 2.5, "", " ", "a b", "\n", "ä", [], [[]], [None], {}, {"a": {"b": []}}, [[[{"a": 1}]]]]


def many_nodes(count: int) -> list[dict[str, Any]]:
    return [{"name": f"lb{index}", "address": [f"10.0.1.{index}", f"fd00::1:{index}"]} for index in range(1, count + 1)]


def many_vips(count: int) -> list[dict[str, Any]]:
    return [{"name": f"vip{index}", "addresses": [f"10.0.0.{index}/16"]} for index in range(1, count + 1)]


def web(**changes: Any) -> list[dict[str, Any]]:
    return [{**WEB, **changes}]


def laid_out(nodes: Any = NODES, vips: Any = VIPS, **options: Any) -> Layout:
    return lay_out(read_cluster(nodes, vips, **options))


def refused(function: Callable[..., object], *args: Any, **options: Any) -> list[tuple[str, str]]:
    """Return what `function` finds wrong, as (path, message): nothing when it accepts."""
    try:
        function(*args, **options)
    except Refused as error:
        assert str(error).count("\n") == len(error.told) - 1, f"a finding is more than one line: {error}"
        assert " object at 0x" not in str(error)
        return [(each.path, each.message) for each in error.findings]
    return []


def without(original: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in original.items() if name != key}


def heard(**changes: Any) -> dict[str, Any]:
    """Return what is heard of a stranger who speaks VRRPv2 with the VRID of WEB."""
    return {
        "interface": "eth0",
        "vlan": None,
        "family": "ipv4",
        "vrid": 10,
        "source": STRANGER,
        "mac": "02:00:00:00:00:99",
        "macs": ["02:00:00:00:00:99"],
        "protocol": "vrrp2",
        "destination": "224.0.0.18",
        "priority": 200,
        "interval_seconds": 1.0,
        "addresses": ["198.51.100.1"],
        "ttl": 255,
        "adverts": 4,
        "first": 100.0,
        "last": 103.0,
        "own": False,
        "goodbye": False,
        **changes,
    }


KEYS = (
    "before",
    "earlier",
    "now",
    "answers",
    "wire",
    "uplinks",
    "config",
    "lock",
    "compared",
    "outcome",
    "plan",
    "versions",
)


def record_of(nodes, vips=()):
    """Return the record of a run that knows this of every node, by the keys of the record."""
    hostvars = {name: {**known, "run": "this"} for name, known in nodes.items()}
    return node_records(nodes, hostvars, "this", {key: key for key in (*KEYS, "run")}, vips)
