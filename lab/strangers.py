# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts outside the cluster that speak VRRP as well, by keepalived or with arbitrary bytes."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from lab.balancers import Balancers

CONFIGURATION = "/etc/keepalived/keepalived.conf"
GROUP_V4 = "224.0.0.18"
SPEAKER = "ha-lb-lab-speaker"
# Send a packet again and again, to the multicast group or to one host
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
class StrangerInstance:
    """One vrrp_instance of a stranger: VRRPv2 every second or VRRPv3 every 0.5 s; multicast without a peer."""

    vrid: int
    priority: int
    address: str
    version: int = 2
    peer: str = ""

    def text(self, number: int) -> str:
        """Return its block for keepalived.conf."""
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
        """Install keepalived from the packages in the image, and leave it stopped."""
        install = "DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends keepalived"
        self.cluster.run(self.node, f"{install} >/dev/null && systemctl disable --quiet --now keepalived")

    def configure(self, *instances: StrangerInstance) -> None:
        """Run keepalived with these instances."""
        text = "".join(each.text(number) for number, each in enumerate(instances))
        self.cluster.run(self.node, f"printf %s {shlex.quote(text)} >{CONFIGURATION} && systemctl restart keepalived")

    def wait_active(self, *addresses: str) -> None:
        """Wait until it holds these addresses.

        Raises: Unsettled, if it does not in time.
        """

        def lacking() -> list[str]:
            here = self.cluster.run(self.node, "ip -oneline address")
            return [f"{self.node} does not hold {address}" for address in addresses if f" {address}/" not in here]

        self.cluster.wait(lacking)

    def speak(self, payload: bytes, destination: str = GROUP_V4, ttl: int = 255, pause: float = 0.5) -> None:
        """Send these bytes as IP protocol 112 every `pause` seconds, until `silence`."""
        arguments = shlex.join([payload.hex(), destination, str(ttl), str(pause), self.address])
        self.cluster.run(self.node, f"systemd-run --quiet --unit={SPEAKER} python3 -c {shlex.quote(SPEAK)} {arguments}")

    def silence(self) -> None:
        """Stop sending, and stop keepalived."""
        self.cluster.run(self.node, f"systemctl stop {SPEAKER} keepalived", check=False)
