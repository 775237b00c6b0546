# SPDX-License-Identifier: GPL-3.0-or-later
"""The drills: what is broken on the node that holds the first VIP, how it is mended, and what it may cost.

`fault` and `mend` are shell, with $proxy, $drain (the value that drains a node), $interfaces (those with VRRP),
$uplinks (each as address,port, without a port for ICMP) and, for a backend, $port.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from ...host.paths import DRAIN

TABLE = "ha_lb_drill"


@dataclass(frozen=True)
class Drill:
    """One fault of a node, or of a server behind it."""

    name: str
    title: str
    """For people; {proxy} stands for the engine's name."""
    does: str
    """What is done to the node, as the predicate of a sentence."""
    fault: str
    mend: str
    part: Optional[str] = None
    """The part whose failure in the layout's proof predicts the outage; None: no outage is allowed."""
    leaves: bool = True
    """Whether another node must take the VIPs over."""
    splits: bool = False
    """Whether the node keeps its VIPs while the others do not hear it: two holders are shown, and not judged."""
    hangs: bool = False
    """Whether only keepalived's check script detects it, after failed checks."""
    cuts_off: bool = False
    """Whether the node must notice that it reaches none of its uplinks."""
    needs: Tuple[str, ...] = ()
    """Commands that the host must have."""
    backend: bool = False
    """Whether it breaks a server behind the nodes, and no node."""
    word: str = ""
    """The variable that must be true besides the consent."""
    reboots: bool = False
    """Whether the node is away for a while, and the connection to it with it."""
    returns: bool = False
    """Whether only the return of the VIPs is judged."""

    @property
    def of_proxy(self) -> bool:
        """Tell whether only a proxy can have this fault."""
        return self.name.startswith("proxy_")


VRRP_CUT = f"""\
nft add table inet {TABLE}
for way in input output; do
    nft "add chain inet {TABLE} $way {{ type filter hook $way priority -300; }}"
    nft add rule inet {TABLE} $way meta l4proto 112 drop
done"""
# A server whose process has died answers with a reset too
REFUSING = f"""\
nft add table inet {TABLE}
nft "add chain inet {TABLE} input {{ type filter hook input priority -300; }}"
nft add rule inet {TABLE} input tcp dport $port reject with tcp reset"""
# The hooks of table inet do not see ARP, nor what keepalived sends by packet sockets; those of table netdev do
NETWORK_CUT = f"""\
nft add table netdev {TABLE}
number=0
for interface in $interfaces; do
    number=$((number + 1))
    for way in ingress egress; do
        hook="hook $way device \\"$interface\\" priority -500"
        nft "add chain netdev {TABLE} $way$number {{ type filter $hook; policy drop; }}"
    done
done"""

# Only the probes: a router may be an uplink, and what goes through it is not the drill's
UPLINKS_LOST = f"""\
nft add table inet {TABLE}
nft "add chain inet {TABLE} output {{ type filter hook output priority -300; }}"
for uplink in $uplinks; do
    address=${{uplink%,*}}
    port=${{uplink#*,}}
    case $address,$port in
    *:*,) nft add rule inet {TABLE} output ip6 daddr "$address" icmpv6 type echo-request drop ;;
    *:*) nft add rule inet {TABLE} output ip6 daddr "$address" tcp dport "$port" drop ;;
    *,) nft add rule inet {TABLE} output ip daddr "$address" icmp type echo-request drop ;;
    *) nft add rule inet {TABLE} output ip daddr "$address" tcp dport "$port" drop ;;
    esac
done"""

# fmt: off
DRILLS = (
    Drill("proxy_killed", "{proxy} killed (SIGKILL)", "kill {proxy}",
          "systemctl kill --signal=KILL $proxy", "systemctl start $proxy", part="proxy"),
    Drill("proxy_stopped", "{proxy} stopped by systemd", "stop {proxy}",
          "systemctl stop $proxy", "systemctl start $proxy"),
    Drill("proxy_frozen", "{proxy} frozen (SIGSTOP)", "freeze {proxy}",
          "systemctl kill --signal=STOP $proxy", "systemctl kill --signal=CONT $proxy", part="proxy", hangs=True),
    Drill("keepalived_stopped", "keepalived stopped", "stop keepalived",
          "systemctl stop keepalived", "systemctl start keepalived"),
    Drill("keepalived_killed", "keepalived killed (SIGKILL)", "kill keepalived",
          "systemctl kill --signal=KILL keepalived", "systemctl start keepalived", part="keepalived"),
    Drill("keepalived_frozen", "keepalived frozen (SIGSTOP)", "freeze keepalived, so that two nodes hold the VIPs",
          "systemctl kill --signal=STOP keepalived", "systemctl kill --signal=CONT keepalived", splits=True),
    Drill("drained", "drained", "drain it",
          f"echo $drain >{DRAIN}", f"echo 0 >{DRAIN}"),
    Drill("fail_back", "fail-back", "stop keepalived, and look at its return",
          "systemctl stop keepalived", "systemctl start keepalived", returns=True),
    Drill("reloaded", "{proxy} and keepalived reloaded", "reload {proxy} and keepalived",
          "systemctl reload $proxy keepalived", "true", leaves=False),
    Drill("vrrp_cut", "VRRP cut off", "drop VRRP, so that two nodes hold the VIPs",
          VRRP_CUT, f"nft delete table inet {TABLE}", splits=True, needs=("nft",)),
    Drill("network_cut", "network cut off", "cut it off from the network of the VIPs",
          NETWORK_CUT, f"nft delete table netdev {TABLE}", part="link", splits=True, needs=("nft",)),
    Drill("uplinks_lost", "uplinks lost", "keep it from its uplinks",
          UPLINKS_LOST, f"nft delete table inet {TABLE}", cuts_off=True, needs=("nft",)),
    Drill("backend_killed", "a backend refuses connections", "let one of several backends refuse connections",
          REFUSING, f"nft delete table inet {TABLE}", leaves=False, backend=True, needs=("nft",)),
    Drill("node_rebooted", "node rebooted", "reboot it",
          "systemctl reboot", "true", word="ha_lb_drill_reboot", reboots=True),
)
# fmt: on
BY_NAME = {drill.name: drill for drill in DRILLS}
