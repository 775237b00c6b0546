# SPDX-License-Identifier: GPL-3.0-or-later
"""What three honest balancers answer: the first one holds the VIP, and nothing is wrong with any of them."""

from __future__ import annotations

import copy
from typing import Any

NODES = {"lb1": "192.0.2.11", "lb2": "192.0.2.12", "lb3": "192.0.2.13"}
CLIENT = "192.0.2.99"
HOSTS = {**NODES, "client": CLIENT}
VIP = "192.0.2.10"
INPUT: dict[str, Any] = {
    "ha_lb_vips": [{"name": "web", "addresses": [f"{VIP}/24"]}],
    "ha_lb_services": [
        {"name": "shop", "vip": "web", "port": 80, "servers": [{"name": "web1", "address": "192.0.2.21", "port": 8080}]}
    ],
}
CONFIG = """vrrp_instance web {
    interface eth0
    state BACKUP
    virtual_router_id 10
    priority %s
    virtual_ipaddress {
        192.0.2.10/24
    }
}
"""
IN_FORCE = dict.fromkeys(("file", "loaded", "running", "enabled", "unit", "program"), False)
DIFFERS = {**IN_FORCE, "file": True, "loaded": True}


def answers(name: str) -> dict[str, Any]:
    """Return what a node answers, by module."""
    active = name == "lb1"
    return {
        "setup": {"ansible_facts": _facts(name)},
        "vrrp_info": {
            "running": True,
            "proxy": "ok",
            "instances": [_instance(active)],
            "drain": {"value": 0, "since": 1.7e9, "survives_reboot": False, "by": ""},
            "units": ["keepalived", "haproxy"],
            "held": [VIP] if active else [],
            **_agents(name),
        },
        "keepalived_config": {"config": _config(name)},
        "keepalived_simultaneous_reload": {"difference": DIFFERS, "waited": False, "late_seconds": 0.01},
        "vrid_conflict": {
            **{key: [] for key in ("heard", "answers", "conflicts", "damaged", "unseen", "vrids")},
            **{"free_vrids": [1], "lost": 0, "listened_seconds": 4.0, "macs": [f"02:00:00:00:00:0{name[-1]}"]},
        },
        "service_state": {
            **{"differs": True, "files": ["/etc/haproxy/haproxy.cfg"], "packages": [], "pending": [], "unit": DIFFERS}
        },
        "service_config": {"difference": DIFFERS, "kept": True, "changed": True},
        "cluster_lock": {"id": "0123abcd"},
        "managed_files": {"paths": [], "said": ""},
        "vip_probe": {"answers": [_answer()], "measured": [_measured()]},
        "vip_watch": {"sights": [{"at": 1.7e9, "held": [VIP] if active else []}], "until": 1.7e9 + 5},
        "vrrp_drain": {"value": 0},
        "uplink_probe": {
            "uplinks": [{"address": "192.0.2.1", "port": None, "reached": True, "why": "", "in_force": True}]
        },
        "vrrp_listeners": {"addresses": []},
        "upgrade_plan": {
            "installed": {"haproxy": "2.6"},
            "changes": [{"package": "haproxy", "before": "2.6", "after": "2.8", "back": True}],
            "says": ["haproxy: 2.6 becomes 2.8"],
            "refused": [],
        },
        "drill_fault": {"broken": 1.7e9, "mended": 1.7e9 + 1, "failed_to_break": False, "lacks": []},
        "notify_test": {
            "results": [{"channel": "mail", "whom": "ops", "done": True, "delivered": True, "problem": ""}],
            "says": ["mail (ops): delivered"],
        },
        "source_prefix": {"there": False, "prefix": "/usr/local/haproxy-2.9.9"},
        "source_package": {"package": "/var/cache/ha_lb/x.tar.gz", "sha256": "0" * 64, "needs": ["libc6"]},
        "host_cleared": {"paths": []},
        "command": {"rc": 0, "stdout": "", "stderr": "", "stdout_lines": [], "cmd": ["true"]},
        "systemd_service": {"name": "haproxy", "state": "started", "status": {"ActiveState": "active"}},
        "stat": {"stat": {"exists": False}},
        "slurp": {"content": "ODQwNQ==", "encoding": "base64", "source": "/run/ha_lb/check_port"},
        "ping": {"ping": "pong"},
        "user": {"name": "root", "state": "present", "append": False},
    }


def _facts(name: str) -> dict[str, Any]:
    eth0 = {"ipv4": {"address": HOSTS[name], "netmask": "255.255.255.0"}, "device": "eth0"}
    return {
        "ansible_os_family": "Debian",
        "ansible_user_id": "root",
        "ansible_effective_user_id": 0,
        "ansible_hostname": name,
        "ansible_interfaces": ["eth0"],
        "ansible_eth0": eth0,
        "ansible_date_time": {"epoch": "1700000000"},
    }


def _instance(active: bool) -> dict[str, Any]:
    return {
        **{"name": "web", "vrid": 10, "interface": "eth0", "state": "MASTER" if active else "BACKUP"},
        **{"priority": 254 if active else 250, "effective_priority": 254 if active else 250, "since": 1.7e9},
        **{"addresses": [f"{VIP}/24"], "held": [VIP] if active else [], "became_active": 1, "released": 0},
        **{"preempt": True, "preempt_delay": 5.0, "calm_seconds": 60.0},
        **{"advert_interval": 0.1, "adverts_received": 0, "adverts_sent": 100},
    }


def _agents(name: str) -> dict[str, Any]:
    """Return what the agents of a node say: they have acted and heard something, which keeps no node from anything."""
    act = {"time": 1.7e9, "age_seconds": 60.0, "cause": "keepalived did not answer", "did": "restarted keepalived"}
    found = {"name": "web", "kind": "stranger", "message": f"{name} hears a stranger", "since": 1.7e9}
    lost = {"address": "192.0.2.1", "port": None, "why": "timed out", "for_seconds": 12.0}
    return {
        "guard": {"installed": True, "age_seconds": 0.2, "unfit": [], "node_unfit": "", "acts": [act]},
        "ear": {
            **{"installed": True, "age_seconds": 0.4, "listened_seconds": 60.0},
            **{"findings": [found], "unreached": [lost]},
        },
        "drift": [{"unit": "haproxy", "path": "/etc/haproxy/haproxy.cfg", "kind": "staged"}],
        "locked": False,
    }


def _config(name: str) -> dict[str, Any]:
    facts = {"hostname": name, "firewall": "", "interfaces": [], "cloud": ""}
    content = CONFIG % (254 if name == "lb1" else 250)
    return {"node": name, "path": "/etc/keepalived/keepalived.conf", "content": content, "included": [], "facts": facts}


def _answer() -> dict[str, Any]:
    place = {"service": "shop", "address": VIP, "port": 80, "mode": "http"}
    return {**place, "ok": True, "what": "HTTP 200", "seconds": 0.01}


def _measured() -> dict[str, Any]:
    spread = {"p50_ms": 1.0, "p99_ms": 2.0, "max_ms": 3.0}
    return {
        **{"service": "shop", "address": VIP, "port": 80, "mode": "http", "began": 1.7e9, "sent": 3, "missed": 0},
        **{"failed": 0, "longest_gap_ms": 0.0, "outages": [], "errors": {}, "answer": spread, "lateness": spread},
        **{"answered_by": {"web1": {"requests": 3, "first_ms": 0.0, "last_ms": 2.0}}},
        "samples": [[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]],
    }


def everybody() -> dict[str, dict[str, Any]]:
    """Return the answers of all nodes, which the caller may change."""
    return {name: copy.deepcopy(answers(name)) for name in HOSTS}
