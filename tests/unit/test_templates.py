# SPDX-License-Identifier: GPL-3.0-or-later
"""Every template of every role, printed for many inputs: the structure of what comes out, and nothing unsaid in it."""

from __future__ import annotations

import functools
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml
from ansible.plugins.filter import core, mathstuff
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.nativetypes import NativeEnvironment
from module_utils.layout_result import layout_result
from module_utils.traffic.result import services_result
from module_utils.vrrp.host import interfaces_from_facts
from samples import API, DUAL, LB1, LB2, LB3, NODES, POOL, SERVER, SHOP, VIPS, WEB, without

ROLES = Path(__file__).parents[2] / "roles"
TEMPLATES = sorted(path.relative_to(ROLES) for path in ROLES.glob("*/templates/*"))
FACTS = {
    "hostname": "lb1",
    "os_family": "Debian",
    "interfaces": ["eth0"],
    "eth0": {
        "ipv4": {"address": "192.0.2.11", "netmask": "255.255.255.0"},
        "ipv6": [{"address": "2001:db8::11", "prefix": "64", "scope": "global"}],
    },
}
PLAY = {"ansible_managed": "Ansible managed", "ansible_facts": FACTS, "inventory_hostname": "lb1"}
SECRET = "t0ps3cret"
PYTHON = "#!/usr/bin/python3"
UNSAID = r"\b(?:None|True|False|[Uu]ndefined)\b|\{\{|\}\}|\{%"


def environment(kind):
    """Make a Jinja environment with Ansible's own filters, and ours without Ansible around them."""
    made = kind(undefined=StrictUndefined, loader=FileSystemLoader(ROLES), trim_blocks=True, keep_trailing_newline=True)
    made.filters = {
        **core.FilterModule().filters(),
        **mathstuff.FilterModule().filters(),
        **made.filters,  # those of Jinja know its own Undefined
        "evenkeel.ha_lb.vrrp_layout": layout_result,
        "evenkeel.ha_lb.service_layout": services_result,
        "evenkeel.ha_lb.interfaces": interfaces_from_facts,
    }
    return made


VALUES, TEXTS = environment(NativeEnvironment), environment(Environment)


@functools.cache
def declared(role):
    """Return what the role says of its variables: values, and templates of values."""
    files = [yaml.safe_load((ROLES / role / file / "main.yml").read_text()) for file in ("defaults", "vars")]
    pairs = [pair for file in files for pair in file.items() if not pair[0].endswith(("_files", "_scripts"))]
    return {
        name: VALUES.from_string(value) if isinstance(value, str) and "{{" in value else value for name, value in pairs
    }


def variables_of(role, given):
    """Return the variables of a role as its templates see them, but for those that hold printed templates."""
    variables = {**PLAY, **given}
    for name, value in declared(role).items():
        if name not in given:
            variables[name] = value.render(variables) if isinstance(value, Template) else value
    return variables


def render(path, **given):
    return TEXTS.get_template(str(path)).render(variables_of(path.parts[0], given))


def keepalived(**given):
    return render(Path("keepalived/templates/keepalived.conf.j2"), **given)


def haproxy(**given):
    return render(Path("haproxy/templates/haproxy.cfg.j2"), **given)


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


def sections(text):
    """Parse haproxy.cfg into {section: lines}."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("    "):
            found[name].append(line.strip())
        elif line and not line.startswith("#"):
            name = line
            assert name not in found, f"{name} is there twice"
            found[name] = []
    return found


CLUSTER = {"ha_lb_nodes": NODES, "ha_lb_vips": VIPS}
KEEPALIVED = {
    "pair": CLUSTER,
    "alone": {**CLUSTER, "ha_lb_nodes": [LB1]},
    "three": {"ha_lb_nodes": [LB1, LB2, LB3], "ha_lb_vips": [WEB, API, DUAL]},
    "dual stack": {**CLUSTER, "ha_lb_vips": [DUAL]},
    "version 2": {**CLUSTER, "keepalived_vrrp_version": 2, "keepalived_auth_pass": "secret"},
    "version 2 in text": {**CLUSTER, "keepalived_vrrp_version": "2"},
    "multicast": {**CLUSTER, "keepalived_transport": "multicast"},
    "stays": {**CLUSTER, "keepalived_preempt": False},
    "returns at once": {**CLUSTER, "keepalived_preempt_delay_seconds": 0},
    "vmac": {**CLUSTER, "keepalived_vmac": True},
    "quiet": {**CLUSTER, "keepalived_garp_refresh_seconds": 0, "keepalived_realtime_priority": 0},
    "no firewall": {**CLUSTER, "keepalived_firewall_enabled": False},
    "by name": {**CLUSTER, "ha_lb_vips": [{**WEB, "interface": "eth0", "vrid": 7, "priorities": {"lb1": 9, "lb2": 8}}]},
    "group": {
        "ha_lb_nodes": NODES,
        "ha_lb_vips": [{**WEB, "prefer": "lb2"}, {**API, "prefer": "lb2"}],
        "keepalived_sync_groups": [{"name": "both", "vips": ["web", "api"]}],
    },
}
ROUTED = {
    "name": "site",
    "vips": ["web", "api"],
    "port": 443,
    "routes": [
        {"pool": "pool", "host": ["A.example.org", "b.example.org"], "path_prefix": ["/v1", "/v2"]},
        {
            "pool": "pool",
            "path": "/x",
            "method": ["GET", "PUT"],
            "header": {"name": "X-A", "value": ["1", 'say "b c"']},
        },
    ],
}
STATISTICS = {"haproxy_stats_enabled": True, "haproxy_stats_user": "admin", "haproxy_stats_password": SECRET}
HAPROXY = {
    "nothing": {"ha_lb_vips": VIPS},
    "http": {"ha_lb_vips": VIPS, "ha_lb_services": [SHOP]},
    "tcp": {
        "ha_lb_vips": [DUAL],
        "ha_lb_services": [{**SHOP, "vip": "dual", "mode": "tcp", "port": 25, "check": {"smtp": {}}}],
    },
    "routes": {"ha_lb_vips": VIPS, "ha_lb_services": [ROUTED], "ha_lb_pools": [POOL]},
    "routes and a default": {"ha_lb_vips": VIPS, "ha_lb_services": [{**ROUTED, "pool": "pool"}], "ha_lb_pools": [POOL]},
    "checks": {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [SHOP],
        "ha_lb_pools": [
            {
                **POOL,
                "name": "a",
                "check": {"http": {"path": "/healthz", "host": "example.org"}, "interval_seconds": 0.5},
            },
            {**POOL, "name": "b", "check": {"mysql": {"user": "haproxy"}}},
            {**POOL, "name": "c", "servers": [{**SERVER, "backup": True, "weight": 0, "address": "2001:db8::21"}]},
        ],
    },
    "statistics": {"ha_lb_vips": VIPS, "ha_lb_services": [SHOP], **STATISTICS},
    "statistics in text": {"ha_lb_vips": VIPS, "ha_lb_services": [SHOP], **STATISTICS, "haproxy_stats_enabled": "yes"},
    "own language": {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [SHOP],
        "haproxy_extra_global": "nbthread 2\ntune.ssl.default-dh-param 2048\n",
        "haproxy_extra_defaults": "option contstats",
        "haproxy_extra_frontends": {"shop": "maxconn 10"},
        "haproxy_extra_backends": {"shop": "fullconn 10\ncookie A insert"},
        "haproxy_extra_sections": "peers balancers\n    peer lb1 192.0.2.11:1024\n",
    },
}
INPUTS = [
    pytest.param(path, given, id=f"{path.name}-{name}")
    for path in TEMPLATES
    for name, given in {"keepalived": KEEPALIVED, "haproxy": HAPROXY}[path.parts[0]].items()
]


@pytest.mark.parametrize(("path", "given"), INPUTS)
def test_nothing_is_left_unsaid(path, given):
    text = render(path, **given)
    assert text.endswith("\n")
    assert re.findall(UNSAID if not text.startswith(PYTHON) else "Undefined", text) == []
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert Counter(text)["{"] == Counter(text)["}"]


@pytest.mark.parametrize(("path", "given"), [each for each in INPUTS if "firewall" in each.id or "pair" in each.id])
def test_scripts_are_right_in_their_language(path, given):
    text = render(path, **given)
    if text.startswith(PYTHON):
        compile(text, path.name, "exec")
    elif text.startswith("#!/"):
        shell = text[2:].split("\n", 1)[0].split()
        checked = subprocess.run([*shell, "-n"], input=text, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


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


@pytest.mark.parametrize(
    ("name", "instance", "present", "absent"),
    [
        (
            "pair",
            "web",
            ["priority 254", "unicast_src_ip 192.0.2.11", "advert_int 0.1", "preempt_delay 5.0"],
            ["nopreempt", "use_vmac"],
        ),
        ("pair", "api", ["priority 250"], ["preempt_delay 5.0"]),  # the last choice does not wait
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


@pytest.mark.parametrize("given", HAPROXY.values(), ids=HAPROXY)
def test_haproxy_has_each_section_once_and_names_only_what_is_there(given):
    found = sections(haproxy(**given))
    services = [each["name"] for each in given.get("ha_lb_services", [])]
    pools = [each["name"] for each in given.get("ha_lb_pools", [])] + [n for n in services if n == "shop"]
    assert {name for name in found if name.startswith("frontend") and "ha_lb_" not in name} == {
        f"frontend {n}" for n in services
    }
    assert {name for name in found if name.startswith("backend")} == {f"backend {name}" for name in pools}
    lines = [line for section in found.values() for line in section]
    used = [line.split()[1] for line in lines if line.startswith(("use_backend", "default_backend"))]
    assert set(used) <= set(pools)
    assert all(line.count("{") == line.count("}") for line in lines)
    assert all(len(line.split()) > 1 or line in ("forwardfor",) for line in lines)


@pytest.mark.parametrize("given", HAPROXY.values(), ids=HAPROXY)
def test_no_secret_is_in_what_haproxy_prints(given):
    for path in TEMPLATES:
        if path.parts[0] == "haproxy":
            assert SECRET not in render(path, **given)


@pytest.mark.parametrize(
    ("name", "section", "line"),
    [
        ("http", "frontend shop", "bind 192.0.2.10:80"),
        ("http", "backend shop", "server web1 192.0.2.21:8080 weight 1 check inter 2000ms fall 3 rise 2"),
        ("tcp", "frontend shop", "bind 2001:db8::30:25"),
        ("tcp", "backend shop", "option smtpchk HELO lb1"),
        (
            "routes",
            "frontend site",
            "use_backend pool if { req.hdr(host),field(1,:),lower -m str a.example.org b.example.org }"
            " { path -m beg /v1 /v2 }",
        ),
        ("checks", "backend a", "http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host example.org"),
        ("checks", "backend b", "option mysql-check user haproxy"),
        ("checks", "backend c", "server web1 2001:db8::21:8080 weight 0 check inter 2000ms fall 3 rise 2 backup"),
        ("statistics", "frontend ha_lb_stats", "bind 127.0.0.1:8404"),
        ("statistics in text", "frontend ha_lb_stats", "bind 127.0.0.1:8404"),
        ("own language", "global", "nbthread 2"),
        ("own language", "defaults", "option contstats"),
        ("own language", "frontend shop", "maxconn 10"),
        ("own language", "backend shop", "cookie A insert"),
        ("own language", "peers balancers", "peer lb1 192.0.2.11:1024"),
    ],
)
def test_what_a_section_says(name, section, line):
    assert line in sections(haproxy(**HAPROXY[name]))[section]


def test_routes_and_a_default():
    lines = sections(haproxy(**HAPROXY["routes and a default"]))["frontend site"]
    assert [line.split()[0] for line in lines[-3:]] == ["use_backend", "use_backend", "default_backend"]
    assert "default_backend pool" not in sections(haproxy(**HAPROXY["routes"]))["frontend site"]


def test_a_service_without_servers_of_its_own_has_no_backend_of_its_own():
    given = {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [{**without(SHOP, "servers"), "pool": "pool"}],
        "ha_lb_pools": [POOL],
    }
    assert [name for name in sections(haproxy(**given)) if name.startswith("backend")] == ["backend pool"]
