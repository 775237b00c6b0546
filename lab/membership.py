# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the inventory of a lab (nodes join and leave, VIPs come and go), and list what is left on a node."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from lab.access import INVENTORY
from lab.balancers import GROUP, Balancers
from lab.measure import Traffic, VipLog

# Names, modes and owners of files, checksums below /etc and /usr/local, and whatever else a role may leave behind
LISTING = r"""
cd /
find etc usr/local var/lib run -xdev \( {ignored} \) -prune -o -printf '%p %M %U %G %l\n' | sort
find etc usr/local -xdev \( {ignored} \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
sysctl --all 2>/dev/null | grep -E 'nonlocal|promote_secondaries|forwarding|rp_filter|arp_'
ls -d var/cache/ha_lb* var/log/ha_lb* 2>/dev/null
getent passwd; getent group
systemctl list-unit-files --no-legend --no-pager | awk '{print $1, $2}' | grep -vE '^(keepalived|haproxy|nginx)\.s'
nft list ruleset 2>/dev/null
"""
# Written by the system, by keepalived 2.3 (etc/iproute2: the name of its route protocol), and links of enabled units:
# a removed node's units stay disabled
IGNORED = (
    *(
        "run/motd*",
        "run/systemd",
        "run/log",
        "run/lock",
        "run/user",
        "run/udev",
        "run/sshd*",
        "run/sudo*",
        "run/utmp",
        "run/dbus",
        "run/ansible*",
    ),
    *(
        "run/haproxy*",
        "run/nginx*",
        "etc/iproute2",
        "etc/*-",
        "etc/.updated",  # by the first login: systemd-update-done(8)
        "var/lib/systemd",
        "var/lib/apt",
        "var/lib/dpkg",
        "var/lib/private",
    ),
    *("*/multi-user.target.wants/haproxy.service", "*/multi-user.target.wants/keepalived.service"),
)


@dataclass
class ChangeCost:
    """What a change cost: the requests of a client to one VIP, and the moves of the VIP."""

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
    """Make these nodes the balancers of the inventory, with these variables, and of `cluster`.

    Other hosts do not get the variables: with them, they would be a cluster of their own.
    """
    file = cluster.lab.state / INVENTORY
    inventory = yaml.safe_load(file.read_text(encoding="utf-8"))
    group = inventory["all"]["children"][GROUP]
    (given, *_) = group["hosts"].values()
    group["hosts"] = {node: {**(given or {}), **variables} for node in nodes}
    file.write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")
    cluster.use_nodes(nodes)


@contextlib.contextmanager
def measured(cluster: Balancers, nodes: tuple[str, ...], vip: str = "") -> Iterator[ChangeCost]:
    """Measure 200 requests/s to a VIP, and record which of these nodes holds it."""
    vip = vip or cluster.vips[0]
    with VipLog(cluster.lab, nodes, [vip]) as log, cluster.traffic(vip) as traffic:
        yield ChangeCost(traffic, log)


def listing(cluster: Balancers, node: str) -> list[str]:
    """Return the files, users, units and rules of a node, one a line, without those that the system writes."""
    ignored = " -o ".join(f"-path '{each}'" for each in IGNORED)
    return cluster.run(node, LISTING.replace("{ignored}", ignored), check=False).splitlines()
