# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf, printed for many inputs: its structure."""

from __future__ import annotations

import pytest
from inputs import CLUSTER, KEEPALIVED
from module_utils.keepalived.lint.result import lint_result
from rendering import FACTS, render


def keepalived(**given):
    return render("keepalived", "keepalived.conf.j2", **given)


def blocks(text):
    """Parse keepalived.conf into {block: lines}, where a block inside a block is `outer/inner`."""
    found: dict[str, list[str]] = {}
    path: list[str] = []
    for line in (each.strip() for each in text.splitlines()):
        if line.endswith("{"):
            path.append(line[:-1].strip())
            assert "/".join(path) not in found, f"{path} is there twice"
            found["/".join(path)] = []
        elif line == "}":
            path.pop()
        elif line and not line.startswith("!"):
            found["/".join(path)].append(line)
    assert path == [], f"{path} is never closed"
    return found


@pytest.mark.parametrize("given", KEEPALIVED.values(), ids=KEEPALIVED)
def test_keepalived_has_each_instance_once_and_whole(given):
    found = blocks(keepalived(**given))
    instances = [name.split()[1] for name in found if name.startswith("vrrp_instance") and "/" not in name]
    wanted = [vip["name"] for vip in given["ha_lb_vips"]]
    assert instances == [each for name in wanted for each in ([name] if name != "dual" else ["dual_ipv4", "dual_ipv6"])]
    for name in instances:
        lines = found[f"vrrp_instance {name}"]
        keywords = [line.split()[0] for line in lines]
        assert len(set(keywords)) == len(keywords)
        assert {"state", "interface", "virtual_router_id", "priority", "advert_int"} <= set(keywords)
        assert "interface eth0" in lines
        assert all(len(line.split()) == 2 for line in lines if line not in ("nopreempt", "use_vmac", "vmac_xmit_base"))
        assert found[f"vrrp_instance {name}/virtual_ipaddress"]


@pytest.mark.parametrize("given", KEEPALIVED.values(), ids=KEEPALIVED)
def test_every_instance_is_tracked_once_by_itself_or_in_its_group(given):
    found = blocks(keepalived(**given))
    groups = {name for name in found if name.startswith("vrrp_sync_group") and "/" not in name}
    grouped = {member for name in groups for member in found[f"{name}/group"]}
    alone = {name.split()[1] for name in found if name.startswith("vrrp_instance") and "/" not in name} - grouped
    tracked = {name.split("/")[0] for name in found if name.endswith("/track_file")}
    assert tracked == groups | {f"vrrp_instance {name}" for name in alone}
    files = {name.split()[1] for name in found if name.startswith("track_file ") or name.startswith("vrrp_track_file ")}
    for name in tracked:
        assert set(found[f"{name}/track_file"]) == files
        assert found[f"{name}/track_script"] == ["proxy"]


@pytest.mark.parametrize("given", KEEPALIVED.values(), ids=KEEPALIVED)
def test_uplinks_are_tracked_where_there_are_any_and_nowhere_else(given):
    wanted = "ha_lb_uplinks" in given
    assert ("track_file uplink" in blocks(keepalived(**given))) is wanted
    for name in ("tmpfiles.conf.j2", "prepare-host.j2"):
        assert ("uplink" in render("keepalived", name, **given)) is wanted


def linted(given):
    """Return what the linter finds in the configurations of all nodes."""
    configs = []
    for node in given["ha_lb_nodes"]:
        ipv4, ipv6 = node["address"]
        addresses = {
            "ipv4": {"address": ipv4, "netmask": "255.255.255.0"},
            "ipv6": [{"address": ipv6, "prefix": "64", "scope": "global"}],
        }
        facts = {**FACTS, "hostname": node["name"], "eth0": addresses}
        text = keepalived(**given, inventory_hostname=node["name"], ansible_facts=facts)
        configs.append({"node": node["name"], "content": text})
    found = lint_result(configs, severity="I", raises=False)["findings"]
    return [(each["rule"], each["node"], each["message"]) for each in found]


def test_the_linter_says_nothing_of_uplinks():
    given = KEEPALIVED["uplinks"]
    assert linted(given) == linted({name: value for name, value in given.items() if name != "ha_lb_uplinks"})


@pytest.mark.parametrize(
    ("name", "instance", "present", "absent"),
    [
        (
            "pair",
            "web",
            ["priority 254", "unicast_src_ip 192.0.2.11", "advert_int 0.1", "preempt_delay 5.0"],
            ["nopreempt", "use_vmac"],
        ),
        ("pair", "api", ["priority 250"], ["preempt_delay 5.0"]),  # an heir does not wait
        ("version 2", "web", ["advert_int 1.0"], []),
        ("version 2 in text", "web", ["advert_int 1.0"], []),
        ("multicast", "web", [], ["unicast_src_ip 192.0.2.11"]),
        ("alone", "web", [], ["unicast_src_ip 192.0.2.11"]),
        ("stays", "web", ["nopreempt"], ["preempt_delay 5.0"]),
        ("returns at once", "web", [], ["preempt_delay 0"]),
        ("vmac", "web", ["use_vmac", "vmac_xmit_base"], []),
        ("by name", "web", ["virtual_router_id 7", "priority 9"], []),
        ("dual stack", "dual_ipv6", ["unicast_src_ip 2001:db8::11", "virtual_router_id 30"], []),
    ],
)
def test_what_an_instance_says(name, instance, present, absent):
    lines = blocks(keepalived(**KEEPALIVED[name]))[f"vrrp_instance {instance}"]
    assert set(present) <= set(lines)
    assert not set(absent) & set(lines)


def test_the_password_of_version_2():
    found = blocks(keepalived(**KEEPALIVED["version 2"]))
    assert found["vrrp_instance web/authentication"] == ["auth_type PASS", 'auth_pass "secret"']
    assert "auth" not in keepalived(**CLUSTER)


def test_peers_only_count_from_the_same_segment():
    found = blocks(keepalived(**KEEPALIVED["three"]))
    assert found["vrrp_instance web/unicast_peer"] == [
        "192.0.2.12 min_ttl 255 max_ttl 255",
        "192.0.2.13 min_ttl 255 max_ttl 255",
    ]


def test_keepalived_is_the_same_file_while_the_node_holds_its_vip():
    holding = {
        **FACTS,
        "eth0": {**FACTS["eth0"], "ipv4_secondaries": [{"address": "192.0.2.10", "netmask": "255.255.255.0"}]},
    }
    assert keepalived(**CLUSTER) == keepalived(**CLUSTER, ansible_facts=holding)
