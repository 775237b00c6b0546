# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual configuration, for comparison: what tutorials show, with the distribution's own units.

VRRPv2 by multicast with an advertisement each second, MASTER and BACKUP, and a script each second whose weight of -2
outweighs a gap of one between the priorities. haproxy checks its servers each 3 s: 3 failures to fail, 5 successes to
return.
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
    """Put the usual configuration in the place of ours, on all balancers."""
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
    """Stop it, as if nothing had ever run here; `site` does the rest."""
    for node in cluster.nodes:
        cluster.run(node, f"systemctl stop {' '.join(SERVICES)}; rm -f {RUN}/*.loaded")
