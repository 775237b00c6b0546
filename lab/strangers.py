# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts outside the cluster that speak VRRP as well, by keepalived or with arbitrary bytes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.balancers import Balancers

CONFIGURATION = "/etc/keepalived/keepalived.conf"
GROUP_V4 = "224.0.0.18"
SPEAKER = "ha-lb-lab-speaker"
WATCHER = "ha-lb-lab-watcher"
CAPTURE = "/run/ha-lb-lab-capture"
SENDER = Path(__file__).with_name("wire_sender.py").read_text(encoding="utf-8")
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

    def send(self, frames: Sequence[bytes], per_second: float, seconds: float, interface: str = "eth0") -> None:
        """Send these frames in turn, and return when the time is up."""
        lines = " ".join(frame.hex() for frame in frames)
        sender = shlex.join(["python3", "-c", SENDER, interface, f"{per_second:g}", f"{seconds:g}"])
        self.cluster.run(self.node, f"echo {lines} | {sender}")

    @contextmanager
    def seen_by(self, node: str, interface: str = "eth0") -> Iterator[list[str]]:
        """Yield a list that after the block has the packets of VRRP that came to a node from this host's MAC."""
        mac = self.cluster.run(self.node, f"cat /sys/class/net/{interface}/address").strip()
        # Before a firewall, as any capture
        capture = (
            f"tcpdump -Z root -n -U -i {interface} -w {CAPTURE} ether src {mac} and '(ip proto 112 or ip6 proto 112)'"
        )
        self.cluster.run(node, f"systemd-run --quiet --unit={WATCHER} --property=Type=exec {capture}")
        self.cluster.run(node, f"until [ -s {CAPTURE} ]; do sleep 0.05; done")
        came: list[str] = []
        try:
            yield came
        finally:
            self.cluster.run(node, f"systemctl stop {WATCHER}")
            came += self.cluster.run(node, f"tcpdump -n -r {CAPTURE} 2>/dev/null; rm -f {CAPTURE}").splitlines()

    def silence(self) -> None:
        """Stop sending, and stop keepalived."""
        self.cluster.run(self.node, f"systemctl stop {SPEAKER} keepalived", check=False)
