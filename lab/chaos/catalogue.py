# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of chaos: how each is caused, how it ends where it does not end by itself, how long it may last."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chaos.acts import (
    Act,
    Killed,
    KilledUpgrade,
    add_vip,
    at_all,
    cut,
    heal,
    make,
    power,
    power_on,
    shell,
    silence,
    speak,
    unmake,
)
from plugins.module_utils.host.paths import LOGS, NOTIFY_STATE, RUN

# Where: any balancer, the first choice for a VIP, one that is not, a backend, all balancers together
BALANCER, HOLDER, OTHER, BACKEND, ALL = "balancer", "holder", "other", "backend", "all"

# Seconds after its end in which a fault is mended, before VIPs move back
# What a node's own agents promise: tracked files, settings of the host, a frozen keepalived
BY_AGENT = 2.0
# An interface that is made again
BY_AGENT_LINK = 3.0
# A configuration is put back, and the unit restarted
BY_AGENT_FILE = 2 * BY_AGENT
# systemd restarts a unit after 0.1 or 0.5 s; a keepalived that was killed first waits until peers have taken over
BY_SYSTEMD = 2.0
# A server that was taken for dead is asked every second, and answers twice
BY_CHECKS = 2.5
# Its boot is over: the script's first answer
BOOTED = 2.0
NOW = 0.0

MOMENT = (0.0, 0.0)
SHORT = (0.2, 2.5)


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    name: str
    title: str
    """`{proxy}` stands for haproxy or nginx."""
    begin: Act
    end: Act | None = None
    """None: whatever the fault has broken is to be mended by the cluster itself."""
    seconds: tuple[float, float] = MOMENT
    """The shortest and the longest time between beginning and end."""
    mends: float = BY_AGENT
    """Seconds after the end in which the node is as before, by its units and agents."""
    where: str = BALANCER
    slow: bool = False
    """Whether a round with it takes much longer than others."""


_SIGNAL = "systemctl kill --signal={} {}"
_HALF = 'size=$(stat -c %s {0}); half=$(head -c $((size / 2)) {0}; echo x); printf %s "${{half%x}}" >{0}'
_ADDRESSES = 'for each in $addresses; do ip address replace "$each" dev $nic broadcast +; done'
_DROP = (
    "nft -f - <<< 'table inet chaos {{ chain {chain} {{ type filter hook {chain} priority -400; {match} drop; }}; }}'"
)
_UNDROP = "nft delete table inet chaos 2>/dev/null || true"
# No larger than what is in it; the kernel allows no less
_FULL = "mount -o remount,size=$(( $(df --output=used -k {0} | tail -n 1) + 4 ))k {0}"
_ROOM = "mount -o remount,size=50% {0}"
_LOGS = f"{LOGS} {NOTIFY_STATE}"


def _service(name: str, unit: str, title: str) -> tuple[Fault, ...]:
    """Return what may happen to any service; `{proxy}` in its title stays."""
    return (
        Fault(f"{name}_killed", f"{title} killed (SIGKILL)", shell(_SIGNAL.format("KILL", unit)), mends=BY_SYSTEMD),
        Fault(
            f"{name}_frozen",
            f"{title} frozen (SIGSTOP)",
            shell(_SIGNAL.format("STOP", unit)),
            # It may have been killed meanwhile, and then there is nothing to thaw
            shell(f"{_SIGNAL.format('CONT', unit)} || true"),
            (0.5, 3.5),
        ),
        Fault(
            f"{name}_stopped",
            f"{title} stopped by systemd",
            shell(f"systemctl stop --no-block {unit}"),
            shell(f"systemctl start --no-block {unit}"),
            (0.5, 2.5),
            mends=BY_SYSTEMD,
        ),
        Fault(
            f"{name}_restarted", f"{title} restarted", shell(f"systemctl restart --no-block {unit}"), mends=BY_SYSTEMD
        ),
        Fault(f"{name}_reloaded", f"{title} reloaded", shell(f"systemctl reload --no-block {unit}"), mends=NOW),
    )


# fmt: off
FAULTS: tuple[Fault, ...] = (
    *_service("proxy", "$proxy", "{proxy}"),
    Fault("proxy_worker_killed", "a worker of {proxy} killed",
          shell("kill -KILL $(pgrep --newest --parent $(systemctl show --property=MainPID --value $proxy))"),
          mends=BY_SYSTEMD),
    Fault("proxy_torn", "configuration of {proxy} torn, and reloaded",
          shell(f"{_HALF.format('$proxy_conf')}; systemctl reload --no-block $proxy"), mends=BY_AGENT_FILE),
    *_service("keepalived", "keepalived", "keepalived"),
    Fault("keepalived_parent_killed", "keepalived's parent process killed",
          shell("kill -KILL $(cat /run/keepalived.pid)"), mends=BY_SYSTEMD),
    Fault("vrrp_child_killed", "keepalived's VRRP process killed", shell("kill -KILL $(cat /run/vrrp.pid)"),
          mends=BY_SYSTEMD),
    Fault("keepalived_torn", "configuration of keepalived torn, and reloaded",
          shell(f"{_HALF.format('$keepalived_conf')}; systemctl reload --no-block keepalived"), mends=BY_AGENT_FILE),
    Fault("interface_made_again", "interface deleted and made again", unmake, make, (0.0, 2.0), BY_AGENT_LINK),
    Fault("link_down", "interface set down and up", shell("ip link set $nic down"), shell("ip link set $nic up"),
          SHORT, BY_CHECKS),
    Fault("cable_pulled", "cable pulled", cut, heal, SHORT, BY_CHECKS),
    Fault("network_restarted", "network service restarted (addresses flushed, link down and up)",
          shell("ip address flush dev $nic; ip link set $nic down"),
          shell(f"ip link set $nic up; {_ADDRESSES}"), (0.1, 1.0), BY_AGENT_LINK),
    Fault("addresses_flushed", "all addresses of the interface flushed", shell("ip address flush dev $nic"),
          shell(_ADDRESSES), SHORT, BY_CHECKS),
    Fault("vip_deleted", "VIPs deleted by hand where they are held",
          shell('for each in $vips; do ip address delete "$each" dev $nic 2>/dev/null || true; done'), where=HOLDER),
    Fault("vip_added", "VIP added by hand on the wrong node", add_vip, where=OTHER),
    Fault("deaf", "all frames to a node lost", shell(_DROP.format(chain="input", match='iifname "eth0"')),
          shell(_UNDROP), SHORT, BY_CHECKS),
    Fault("mute", "all frames from a node lost", shell(_DROP.format(chain="output", match='oifname "eth0"')),
          shell(_UNDROP), SHORT, BY_CHECKS),
    Fault("vrrp_unheard", "VRRP to a node lost", shell(_DROP.format(chain="input", match="meta l4proto 112")),
          shell(_UNDROP), SHORT, NOW),
    Fault("vrrp_unsaid", "VRRP from a node lost", shell(_DROP.format(chain="output", match="meta l4proto 112")),
          shell(_UNDROP), SHORT, NOW),
    Fault("run_wiped", f"{RUN}/* removed", shell("rm -rf $run/*")),
    Fault("run_removed", f"{RUN} removed", shell("rm -rf $run")),
    Fault("tracked_torn", "tracked files half-written",
          shell('for each in proxy watch keepalived drain; do printf - >"$run/$each"; done')),
    Fault("run_full", "/run full for a while", shell(_FULL.format("/run")), shell(_ROOM.format("/run")), (0.5, 3.0)),
    Fault("var_full", "logs and state of the agents on a full file system for a while",
          shell(f"for each in {_LOGS}; do mount -t tmpfs -o size=4k,mode=0777 chaos $each; echo >$each/x; done; "
                + _FULL.format("/var/log/journal")),
          shell(f"for each in {_LOGS}; do umount --lazy $each || true; done; " + _ROOM.format("/var/log/journal")),
          (0.5, 3.0)),
    Fault("sysctl_changed", "settings of the kernel changed",
          shell("sysctl --quiet net.ipv4.ip_nonlocal_bind=0 net.ipv4.conf.all.promote_secondaries=0")),
    Fault("nftables_flushed", "nftables flushed", shell("nft flush ruleset")),
    Fault("agents_killed", "all agents killed", shell("systemctl kill --signal=KILL 'ha_lb-*.service'"),
          mends=BY_SYSTEMD),
    Fault("backend_killed", "web server of a backend killed", shell("systemctl kill --signal=KILL nginx"),
          shell("systemctl start nginx"), SHORT, BY_CHECKS, BACKEND),
    Fault("cpu_busy", "all processors busy for a while",
          shell("systemd-run --quiet --collect --unit=chaos-busy bash -c "
                "'for each in $(seq $(nproc)); do while :; do :; done & done; wait'"),
          shell("systemctl stop chaos-busy"), (0.5, 3.0), BY_CHECKS),
    Fault("memory_taken", "384 MB of memory taken and freed, again and again",
          shell("systemd-run --quiet --collect --unit=chaos-memory bash -c "
                "'ulimit -v 800000; exec python3 -c \"while True: b\\\"x\\\" * 384000000\"'"),
          shell("systemctl stop chaos-memory"), (0.5, 3.0), BY_CHECKS),
    Fault("stranger_vrid", "a stranger with our VRID and priority 255", speak, silence, SHORT, NOW, BACKEND),
    Fault("stranger_address", "a stranger with our address",
          shell('set -- $vips; ip address add "$1" dev $nic; for _ in 1 2 3; do '
                'arping -q -U -c 1 -I $nic "${1%/*}"; sleep .1; done &'),
          shell('set -- $vips; ip address delete "$1" dev $nic'), SHORT, BY_AGENT, BACKEND),
    Fault("power_cut", "power cut", power("kill"), power_on, (0.0, 1.0), BOOTED, slow=True),
    Fault("shut_down", "shut down and started", power("stop"), power_on, (0.0, 1.0), BOOTED, slow=True),
    Fault("all_cut", "power of all nodes cut together", at_all(power("kill")), at_all(power_on), (0.0, 0.5), BOOTED,
          ALL, slow=True),
    Fault("all_shut_down", "all nodes shut down together", at_all(power("stop")), at_all(power_on), (0.0, 0.5), BOOTED,
          ALL, slow=True),
)
_SITE = Killed("site", "site", PROXY_timeout_server_seconds=41, keepalived_garp_repeat=6)
_UPGRADE = KilledUpgrade()
_DRAIN = Killed("drain", "restore", one_node=True)
FAULTS += (
    Fault("site_killed", "`site` killed at a random moment, then run again", _SITE.begin, _SITE.end, (2.0, 22.0),
          BY_SYSTEMD, slow=True),
    Fault("upgrade_killed", "`upgrade` of keepalived killed at a random moment, then run again", _UPGRADE.begin,
          _UPGRADE.end, (2.0, 25.0), BY_SYSTEMD, slow=True),
    Fault("drain_killed", "`drain` killed at a random moment, then `restore`", _DRAIN.begin, _DRAIN.end, (2.0, 8.0),
          BY_SYSTEMD, slow=True),
)
# fmt: on
BY_NAME = {fault.name: fault for fault in FAULTS}
