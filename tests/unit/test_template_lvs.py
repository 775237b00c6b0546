# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived and the kernel are given where keepalived serves."""

from __future__ import annotations

import importlib

import pytest
from inputs import CLUSTER, LVS, R5_POOL
from module_utils.keepalived.lint.result import lint_result
from rendering import FACTS, render
from samples import DUAL, NODES, WEB

R5 = """\

! www
virtual_server 192.0.2.10 80 {
    # Nobody answers before a check has passed.
    alpha
    lvs_sched wrr
    lvs_method DR
    protocol TCP
    persistence_timeout 60
    delay_loop 6

    real_server 192.0.2.21 80 {
        weight 3
        TCP_CHECK {
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }
    }

    real_server 192.0.2.22 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }
    }
}
"""


def keepalived(node=NODES[0], **given):
    ipv4, ipv6 = node["address"]
    eth0 = {
        "ipv4": {"address": ipv4, "netmask": "255.255.255.0"},
        "ipv6": [{"address": ipv6, "prefix": "64", "scope": "global"}],
    }
    facts = {**FACTS, "hostname": node["name"], "eth0": eth0}
    return render("keepalived", "keepalived.conf.j2", **given, inventory_hostname=node["name"], ansible_facts=facts)


def values(text):
    """Return the settings of a file of sysctl.d."""
    return dict(line.split(" = ") for line in text.splitlines() if line and not line.startswith("#"))


def test_the_reference_deployment_to_the_letter():
    text = keepalived(**LVS["r5"])
    assert text.rstrip().endswith(R5.rstrip())
    assert {"    lvs_sync_daemon eth0 id 10", "    lvs_flush"} <= {*text.splitlines()}
    assert "    preempt_delay 20.0\n" in text


@pytest.mark.parametrize("given", LVS.values(), ids=LVS)
def test_nothing_depends_on_a_proxy(given):
    for name in ("keepalived.conf.j2", "unit.conf.j2", "tmpfiles.conf.j2", "prepare-host.j2"):
        text = render("keepalived", name, **given)
        assert "check-proxy" not in text
        assert "ha_lb-watch" not in text
        assert "/proxy" not in text
    assert "track_script" not in keepalived(**given)


@pytest.mark.parametrize("given", LVS.values(), ids=LVS)
def test_the_linter_is_content(given):
    configs = [{"node": node["name"], "content": keepalived(node, **given)} for node in NODES]
    found = lint_result(configs, severity="I", raises=False)["findings"]
    # Of an IPv6 VIP, whoever serves
    assert [each["message"] for each in found if each["rule"] != "KA162"] == []


def test_a_proxy_has_no_virtual_servers():
    text = keepalived(**{**LVS["r5"], "ha_lb_engine": "nginx"})
    assert "virtual_server" not in text
    assert "lvs_sync_daemon" not in text
    assert "preempt_delay 5.0" in text


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("virtual_server group site_ipv6_2001_db8__30 {", "everything"),
        ("virtual_server_group site_ipv4_192.0.2.30 {", "everything"),
        ("    192.0.2.30 8003", "everything"),
        ("    nftables_ipvs", "everything"),
        ("    lvs_method TUN type gue port 6080", "everything"),
        ("    sorry_server 192.0.2.29 8080", "everything"),
        ("    persistence_granularity 255.255.255.0", "everything"),
        ("    mh-fallback", "everything"),
        ("    real_server 192.0.2.21 {", "everything"),
        ("            connect_port 443", "everything"),
        ("            enable_sni", "everything"),
        ('            misc_path "/usr/bin/test -d /srv"', "everything"),
        ("                digest 00000000000000000000000000000000", "everything"),
        ("    lvs_method NAT", "natted"),
        ("    real_server 2001:db8::21 8080 {", "natted"),
    ],
)
def test_what_is_said_is_printed(line, name):
    assert line in keepalived(**LVS[name]).splitlines()


def test_without_a_service_of_several_ports_no_packet_is_marked():
    assert "nftables_ipvs" not in keepalived(**LVS["r5"])
    assert [
        ("try-restart" in render("keepalived", "nftables.conf.j2", **LVS[name])) for name in ("r5", "everything")
    ] == [
        *(False, True),
    ]


def test_connections_are_told_over_ipv6_where_there_is_no_ipv4():
    only = {"ha_lb_vips": [{**DUAL, "addresses": DUAL["addresses"][1:]}], "ha_lb_nodes": NODES}
    service = {**LVS["r5"]["ha_lb_services"][0], "vip": "dual"}
    servers = [{**R5_POOL["servers"][0], "address": "2001:db8::21"}]
    given = {**LVS["r5"], **only, "ha_lb_services": [service], "ha_lb_pools": [{**R5_POOL, "servers": servers}]}
    assert "lvs_sync_daemon eth0 id 48 group ff02::51\n" in keepalived(**given)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("r5", {"net.ipv4.vs.expire_nodest_conn": "1", "net.ipv4.vs.sync_refresh_period": "10"}),
        ("r5", {"net.ipv4.ip_forward": None, "net.ipv4.ping_group_range": None, "net.ipv4.vs.sloppy_tcp": None}),
        ("everything", {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": None}),
        ("everything", {"net.ipv4.ping_group_range": "0 2147483647", "net.ipv4.vs.sloppy_tcp": "1"}),
        ("natted", {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}),
    ],
)
def test_the_kernel_is_set_up_for_what_is_served(name, wanted):
    found = values(render("lvs", "sysctl.conf.j2", **LVS[name]))
    assert {key: found.get(key) for key in wanted} == wanted


def test_the_modules_of_all_schedulers_are_loaded_at_boot():
    lines = render("lvs", "modules.conf.j2", **LVS["everything"]).splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        *("ip_vs", "ip_vs_sh", "ip_vs_mh", "ip_vs_wlc", "ip_vs_wrr"),
    ]


def test_a_node_without_services_is_a_node_all_the_same():
    given = {**CLUSTER, "ha_lb_vips": [WEB], "ha_lb_engine": "lvs"}
    assert "lvs_sync_daemon" not in keepalived(**given)
    assert render("lvs", "modules.conf.j2", **given).split()[-1] == "ip_vs"


def test_whom_no_engine_is_named_nothing_is_refused_for_what_one_cannot_do(collections):
    filters = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.filter.service_layout")
    given = LVS["everything"]
    laid_out = filters.service_layout(given["ha_lb_services"], given["ha_lb_vips"], given["ha_lb_pools"])
    assert [each["name"] for each in laid_out["services"]] == [each["name"] for each in given["ha_lb_services"]]
