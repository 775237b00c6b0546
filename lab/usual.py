# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual configuration for comparison, as tutorials show it, with the distribution's own units.

VRRPv2 by multicast with an advert every second, MASTER and BACKUP, and a script every second whose weight of -2 is more
than the difference of one between the priorities. haproxy checks its servers every 3 s: it marks one as down after 3
failures, as up after 5 successes.
"""

from __future__ import annotations

from lab.balancers import Balancers
from plugins.module_utils.host.paths import RUN

PROXY = "haproxy"
SERVICES = ("keepalived", PROXY)
PRIORITIES = range(100, 0, -1)
DROP_INS = " ".join(f"/etc/systemd/system/{unit}.service.d/ha_lb.conf" for unit in SERVICES)

KEEPALIVED = """
vrrp_script chk_haproxy {{
    script "/usr/bin/pgrep -x haproxy"
    interval 1
    weight -2
}}
vrrp_instance VI_1 {{
    state {state}
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass 1111
    }}
    virtual_ipaddress {{
        {vip}/24
    }}
    track_script {{
        chk_haproxy
    }}
}}
"""

HAPROXY = """
global
    log /dev/log local0
    user haproxy
    group haproxy
    daemon
defaults
    mode http
    log global
    option httplog
    option dontlognull
    retries 3
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend www
    bind *:80
    default_backend web
backend web
    balance roundrobin
{servers}
"""


def put(cluster: Balancers) -> None:
    """Replace our configuration by the usual one on all balancers."""
    servers = "\n".join(
        f"    server {node} {cluster.lab.nodes[node].address}:80 check inter 3s fall 3 rise 5"
        for node in cluster.backends
    )
    for node, priority in zip(cluster.nodes, PRIORITIES, strict=False):
        state = "MASTER" if node == cluster.nodes[0] else "BACKUP"
        keepalived = KEEPALIVED.format(state=state, priority=priority, vip=cluster.vips[0])
        cluster.run(node, f"systemctl stop {' '.join(SERVICES)} && rm -f {DROP_INS} && systemctl daemon-reload")
        cluster.run(node, f"cat >/etc/keepalived/keepalived.conf <<'END'\n{keepalived}END")
        cluster.run(node, f"cat >/etc/haproxy/haproxy.cfg <<'END'\n{HAPROXY.format(servers=servers)}END")
        cluster.run(node, f"systemctl start {' '.join(SERVICES)}")
    cluster.wait_whole()


def take_away(cluster: Balancers) -> None:
    """Stop the usual configuration and forget what was loaded, so that `site` sets up ours again."""
    for node in cluster.nodes:
        cluster.run(node, f"systemctl stop {' '.join(SERVICES)}; rm -f {RUN}/*.loaded")
