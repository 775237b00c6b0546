# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab whose inventory changes: nodes join and leave, VIPs come and go; and what is on a node."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from lab.access import INVENTORY
from lab.balancers import GROUP, Balancers
from lab.measure import Traffic, VipLog

# Names, kinds, rights, owners and, of what people write, contents; and what else a role may leave behind
LISTING = r"""
cd /
find etc usr/local var/lib run -xdev \( {ignored} \) -prune -o -printf '%p %M %U %G %l\n' | sort
find etc usr/local -xdev \( {ignored} \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
sysctl --all 2>/dev/null | grep -E 'nonlocal|promote_secondaries|forwarding|rp_filter|arp_'
ls -d var/cache/ha_lb* var/log/ha_lb* 2>/dev/null
getent passwd; getent group
systemctl list-unit-files --no-legend --no-pager | awk '{print $1, $2}' | grep -vE '^(keepalived|haproxy|nginx)\.s'
nft list ruleset
"""
# What the machine writes, and keepalived 2.3 (a name for its routes' protocol), and the links of enabled units, because
# what was stopped stays disabled
IGNORED = (
    *(
        "run/motd*",
        "run/systemd",
        "run/log",
        "run/lock",
        "run/user",
        "run/udev",
        "run/sshd*",
        "run/utmp",
        "run/dbus",
        "run/ansible*",
    ),
    *(
        "run/haproxy*",
        "run/nginx*",
        "etc/iproute2",
        "etc/*-",
        "var/lib/systemd",
        "var/lib/apt",
        "var/lib/dpkg",
        "var/lib/private",
    ),
    *("*/multi-user.target.wants/haproxy.service", "*/multi-user.target.wants/keepalived.service"),
)


@dataclass
class Cost:
    """What a change cost: what a client saw through one VIP, and how its VIPs moved."""

    traffic: Traffic
    log: VipLog

    @property
    def failed(self) -> int:
        """Return how many requests failed."""
        return int(self.traffic.result["failed"])

    def __str__(self) -> str:
        seen = self.traffic.result
        return (
            f"{seen['sent']} requests, {seen['failed']} failed, longest gap {seen['longest_gap_ms']:g} ms, "
            f"{len(self.log.taken())} hand-overs, two holders for {self.log.count_ms(2):.0f} ms"
        )


def describe(cluster: Balancers, *nodes: str, **variables: object) -> None:
    """Let the inventory have these nodes as balancers, with these variables besides; see the cluster that way.

    A host that is none of them has none of the variables, or it would be a cluster of its own.
    """
    file = cluster.lab.state / INVENTORY
    inventory = yaml.safe_load(file.read_text(encoding="utf-8"))
    group = inventory["all"]["children"][GROUP]
    (given, *_) = group["hosts"].values()
    group["hosts"] = {node: {**(given or {}), **variables} for node in nodes}
    file.write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")
    cluster.be(nodes)


@contextlib.contextmanager
def measured(cluster: Balancers, nodes: tuple[str, ...], vip: str = "") -> Iterator[Cost]:
    """Measure what a client of a VIP sees at 200 requests/s, while these nodes write down whether they hold it."""
    vip = vip or cluster.vips[0]
    with VipLog(cluster.lab, nodes, [vip]) as log, cluster.traffic(vip) as traffic:
        yield Cost(traffic, log)


def listing(cluster: Balancers, node: str) -> list[str]:
    """Return what is on a node, line by line, but for what the machine itself writes."""
    ignored = " -o ".join(f"-path '{each}'" for each in IGNORED)
    return cluster.run(node, LISTING.replace("{ignored}", ignored), check=False).splitlines()
