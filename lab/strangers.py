# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of a lab that are none of ours, and speak VRRP all the same: by keepalived, or whatever bytes are wanted."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from lab.balancers import Balancers

CONFIGURATION = "/etc/keepalived/keepalived.conf"
GROUP_V4 = "224.0.0.18"
SPEAKER = "ha-lb-lab-speaker"
# To the group or to one host, again and again until it is stopped
SPEAK = """
import socket, sys, time
payload, destination, ttl, pause = bytes.fromhex(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[5]))
while True:
    wire.sendto(payload, (destination, 0))
    time.sleep(pause)
"""


@dataclass(frozen=True)
class Instance:
    """One vrrp_instance of a stranger; VRRPv2 each second, VRRPv3 each half of one. Without a peer, to everybody."""

    vrid: int
    priority: int
    address: str
    version: int = 2
    peer: str = ""

    def text(self, number: int) -> str:
        """Return it as keepalived.conf has it."""
        peers = f"unicast_peer {{\n        {self.peer}\n    }}" if self.peer else ""
        return f"""
vrrp_instance stranger{number} {{
    interface eth0
    version {self.version}
    virtual_router_id {self.vrid}
    priority {self.priority}
    advert_int {1 if self.version == 2 else 0.5}
    {peers}
    virtual_ipaddress {{
        {self.address}
    }}
}}
"""


class Stranger:
    """A node of the lab outside the inventory."""

    def __init__(self, cluster: Balancers, node: str) -> None:
        self.cluster, self.node = cluster, node
        self.address = cluster.lab.nodes[node].address

    def install(self) -> None:
        """Install keepalived from what the image has downloaded, and leave it stopped."""
        install = "DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends keepalived"
        self.cluster.run(self.node, f"{install} >/dev/null && systemctl disable --quiet --now keepalived")

    def configure(self, *instances: Instance) -> None:
        """Run keepalived with these instances."""
        text = "".join(each.text(number) for number, each in enumerate(instances))
        self.cluster.run(self.node, f"printf %s {shlex.quote(text)} >{CONFIGURATION} && systemctl restart keepalived")

    def wait_active(self, *addresses: str) -> None:
        """Wait until it holds these addresses.

        Raises: Unsettled.
        """

        def lacking() -> list[str]:
            here = self.cluster.run(self.node, "ip -oneline address")
            return [f"{self.node} does not hold {address}" for address in addresses if f" {address}/" not in here]

        self.cluster.wait(lacking)

    def speak(self, payload: bytes, destination: str = GROUP_V4, ttl: int = 255, pause: float = 0.5) -> None:
        """Send these bytes as protocol 112, until `hush`."""
        arguments = shlex.join([payload.hex(), destination, str(ttl), str(pause), self.address])
        self.cluster.run(self.node, f"systemd-run --quiet --unit={SPEAKER} python3 -c {shlex.quote(SPEAK)} {arguments}")

    def hush(self) -> None:
        """Stop everything that speaks."""
        self.cluster.run(self.node, f"systemctl stop {SPEAKER} keepalived", check=False)
