# SPDX-License-Identifier: GPL-3.0-or-later
"""What the templates of each role are printed for, by a name each."""

from __future__ import annotations

from typing import Any

from samples import API, DUAL, LB1, LB2, LB3, NODES, POOL, SERVER, SHOP, VIPS, WEB, without

SECRET = "t0ps3cret"

CLUSTER = {"ha_lb_nodes": NODES, "ha_lb_vips": VIPS}
KEEPALIVED: dict[str, dict[str, Any]] = {
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
    "uplinks": {
        "ha_lb_nodes": [LB1, LB2, LB3],
        "ha_lb_vips": [WEB, DUAL],
        "ha_lb_uplinks": ["192.0.2.1", {"address": "2001:db8::1", "port": 443, "interval_seconds": 2}],
    },
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
HAPROXY: dict[str, dict[str, Any]] = {
    "nothing": {"ha_lb_vips": VIPS},
    "http": {"ha_lb_vips": VIPS, "ha_lb_services": [SHOP]},
    "tcp": {
        "ha_lb_vips": [DUAL],
        "ha_lb_services": [{**SHOP, "vip": "dual", "mode": "tcp", "port": 25, "check": {"smtp": {}}}],
    },
    "routes": {"ha_lb_vips": VIPS, "ha_lb_services": [ROUTED], "ha_lb_pools": [POOL]},
    "believed": {
        "ha_lb_vips": [DUAL],
        "ha_lb_services": [
            {**SHOP, "vip": "dual", "forwarded": {"trust": ["198.51.100.0/24", "2001:db8:1::/48"]}},
            {**without(SHOP, "servers"), "vip": "dual", "name": "doubted", "port": 81, "pool": "shop"},
        ],
    },
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
UNCHECKED = {**SHOP, "servers": [SERVER, {**SERVER, "name": "web2", "address": "2001:db8::22", "weight": 0}]}
NGINX: dict[str, dict[str, Any]] = {
    **{name: HAPROXY[name] for name in ("nothing", "http", "routes", "routes and a default", "believed")},
    "tcp": {"ha_lb_vips": [DUAL], "ha_lb_services": [{**UNCHECKED, "vip": "dual", "mode": "tcp", "port": 25}]},
    "both": {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [SHOP, {**SHOP, "name": "mail", "port": 25, "mode": "tcp", "algorithm": "leastconn"}],
    },
    "algorithms": {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [SHOP],
        "ha_lb_pools": [
            {**POOL, "name": "a", "algorithm": "source"},
            {**POOL, "name": "b", "algorithm": "uri"},
            {**POOL, "name": "c", "algorithm": "random"},
            {**POOL, "name": "d", "servers": [SERVER, {**SERVER, "name": "web2", "backup": True}]},
        ],
    },
    "limits": {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [SHOP],
        "ha_lb_check_port": 9000,
        "nginx_max_fails": 1,
        "nginx_fail_timeout_seconds": "2",
        "nginx_upstream_keepalive": 0,
        "nginx_timeout_connect_seconds": 0.5,
        "nginx_access_log": "off",
    },
    "status": {
        "ha_lb_vips": VIPS,
        "nginx_status_enabled": True,
        "ha_lb_admin_networks": ["127.0.0.0/8", "192.0.2.0/24"],
    },
    "status in text": {"ha_lb_vips": VIPS, "nginx_status_enabled": "yes", "nginx_status_address": "2001:db8::11"},
    "own language": {
        "ha_lb_vips": VIPS,
        "ha_lb_services": [SHOP, {**SHOP, "name": "mail", "port": 25, "mode": "tcp"}],
        "nginx_extra_main": "worker_priority -5;",
        "nginx_extra_http": "gzip on;\nlarge_client_header_buffers 4 16k;\n",
        "nginx_extra_stream": "tcp_nodelay off;",
        "nginx_extra_servers": {"shop": "keepalive_requests 9;", "mail": "proxy_timeout 9s;"},
        "nginx_extra_upstreams": {"shop": "keepalive_time 9s;", "mail": "random;"},
    },
}
NOTIFY: dict[str, dict[str, Any]] = {
    "pair": {},
    "everybody": {
        "notify_mail": {"to": "ops@example.org", "from": "lb@example.org", "server": "192.0.2.25"},
        "notify_webhooks": [{"name": "chat", "url": "https://hooks.example.org/"}],
        "notify_status_addresses": ["0.0.0.0", "::"],
    },
}
R5_POOL = {
    "name": "web",
    "algorithm": "roundrobin",
    "persistence": {"seconds": 60},
    "check": {"tcp": {}, "interval_seconds": 6, "timeout_seconds": 3, "fall": 4, "retry_seconds": 3},
    "servers": [{**SERVER, "port": 80, "weight": 3}, {**SERVER, "name": "web2", "address": "192.0.2.22", "port": 80}],
}
IPV6 = {**SERVER, "name": "web6", "address": "2001:db8::21"}
LVS: dict[str, dict[str, Any]] = {
    "r5": {
        **{**CLUSTER, "ha_lb_vips": [WEB], "ha_lb_engine": "lvs", "ha_lb_pools": [R5_POOL]},
        "ha_lb_services": [{"name": "www", "vip": "web", "port": 80, "mode": "tcp", "pool": "web"}],
    },
    "everything": {
        **{**CLUSTER, "ha_lb_vips": [WEB, DUAL], "ha_lb_engine": "lvs"},
        "ha_lb_services": [
            {"name": "dns", "vip": "dual", "port": 53, "mode": "udp", "pool": "dns"},
            {"name": "site", "vip": "dual", "ports": [80, 443, "8000-8003"], "mode": "tcp", "pool": "site"},
            {"name": "mail", "vip": "web", "port": 25, "mode": "tcp", "pool": "mail"},
            {"name": "far", "vip": "dual", "port": 81, "mode": "tcp", "pool": "far"},
            {"name": "own", "vip": "web", "port": 82, "mode": "tcp", "pool": "own"},
            {"name": "alive", "vip": "web", "port": 83, "mode": "tcp", "pool": "alive"},
            {"name": "syslog", "vip": "web", "port": 514, "mode": "udp", "servers": [{**SERVER, "port": 514}]},
        ],
        "ha_lb_pools": [
            {
                **{"name": "dns", "algorithm": "sh", "hash": {"port": True}, "one_packet": True},
                "check": {"dns": {"name": "example.org", "type": "SOA"}},
                "servers": [{**SERVER, "port": 53}, {**IPV6, "port": 53}],
            },
            {
                **{"name": "site", "algorithm": "source", "hash": {"fallback": True}, "persistence": {"seconds": 30}},
                "check": {"https": {"path": "/x?y=1", "host": "www.example.org", "digest": "0" * 32}, "port": 443},
                "servers": [without(SERVER, "port"), without(IPV6, "port")],
            },
            {
                **{"name": "mail", "algorithm": "leastconn", "forwarding": "nat", "inhibit_on_failure": True},
                **{"check": {"smtp": {}}, "persistence": {"seconds": 5, "netmask": 24}},
                "servers": [SERVER, {**SERVER, "name": "sorry", "address": "192.0.2.29", "backup": True}],
            },
            {
                **{"name": "far", "forwarding": "tunnel", "tunnel": {"type": "gue", "port": 6080}, "quorum": 2},
                "check": {"http": {"path": "/healthz"}, "port": 8008, "warmup_seconds": 0},
                "servers": [
                    {**SERVER, "address": f"198.51.100.{each}", "name": f"far{each}", "port": 81} for each in (1, 2)
                ],
            },
            {
                **{"name": "own", "algorithm": "mh", "check": {"script": {"command": "/usr/bin/test -d /srv"}}},
                "servers": [
                    {**SERVER, "port": 82, "weight": 0},
                    {**SERVER, "address": "192.0.2.22", "name": "b", "port": 82},
                ],
            },
            {"name": "alive", "check": {"ping": {}, "timeout_seconds": 0.5}, "servers": [{**SERVER, "port": 83}]},
        ],
    },
}
LVS["natted"] = {
    **LVS["r5"],
    "ha_lb_vips": [DUAL],
    "ha_lb_services": [{"name": "www", "vip": "dual", "port": 80, "mode": "tcp", "pool": "web"}],
    "ha_lb_pools": [{**R5_POOL, "forwarding": "nat", "servers": [SERVER, IPV6]}],
}
BY_KEEPALIVED = {f"lvs {name}": given for name, given in LVS.items()}
REAL_SERVER: dict[str, dict[str, Any]] = {
    "direct": {"lvs_real_server_vips": ["192.0.2.10", "2001:db8::10"]},
    "nat": {"lvs_real_server_forwarding": "nat", "lvs_real_server_gateways": ["192.0.2.1"]},
    "gue": {
        "lvs_real_server_vips": ["192.0.2.10"],
        "lvs_real_server_forwarding": "tunnel",
        "lvs_real_server_tunnel": "gue",
    },
}
INPUTS = {
    "keepalived": {**KEEPALIVED, **BY_KEEPALIVED},
    "lvs": LVS,
    "haproxy": HAPROXY,
    "nginx": NGINX,
    "agents": NOTIFY,
    "lvs_real_server": REAL_SERVER,
}
