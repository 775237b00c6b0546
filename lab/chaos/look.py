# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is like beside its VIPs: files, firewall, settings, addresses, mounts and units, to be compared."""

from __future__ import annotations

from collections.abc import Sequence

from lab.balancers import Balancers
from plugins.module_utils.host.paths import CONFIG, LIBEXEC, RUN, STATE

FOLDERS = " ".join(
    [
        *("/etc/keepalived", "/etc/haproxy", "/etc/nginx", CONFIG, "/etc/sysctl.d", "/etc/tmpfiles.d"),
        *("/etc/systemd/system", "/usr/local/lib", LIBEXEC, STATE),
    ]
)
# After an upgrade, versions are others, and known to be ours; a configuration that was torn is kept for people to see
BUT = "-not -name '*.pyc' -not -name versions.json -not -name belongings -not -name '*.torn'"
# keepalived's tracked files are read as numbers: "0" with and without an end of line is the same
LOOK = r"""
find {folders} {run} -xdev {but} -not -name __pycache__ -printf 'file %p %M %U %G %l\n' 2>/dev/null | sort
find {folders} -xdev {but} -type f -print0 2>/dev/null | sort -z | xargs -0 sha256sum | sed 's/^/sum /'
for each in {run}/*; do
    [ -f "$each" ] && printf 'content %s %s\n' "$each" "$(head -c 400 "$each" | tr '\n' ' ' | sed 's/ *$//')"
done
sysctl net.ipv4.ip_nonlocal_bind net.ipv6.ip_nonlocal_bind net.ipv4.conf.{{all,default}}.promote_secondaries \
    | sed 's/^/sysctl /'
nft list ruleset 2>/dev/null | sed 's/counter packets [0-9]* bytes [0-9]*/counter/; s/^/nft /'
ip -oneline address show scope global | awk '{{print "address", $2, $4}}' | sort
ip -brief link | awk '{{print "link", $1, $3, $NF}}' | sed 's/@[^ ]*//'
findmnt --list --noheadings --output TARGET,FSTYPE,OPTIONS --types tmpfs,overlay,ext4 | grep -v credentials \
    | sed 's/lowerdir=.*//; s/,size=[0-9]*k//; s/  */ /g; s/^/mount /' | sort
df --output=target,avail --block-size=1M /run /var/log/journal | awk 'NR > 1 {{print "room", $1, ($2 > 0)}}'
systemctl list-units --plain --no-legend --state=failed | awk '{{print "failed", $1}}'
systemctl list-units --plain --no-legend --type=service,socket --state=running,listening \
    | awk '{{print "unit", $1, $4}}' | grep -vE '{passing}'
""".format(but=BUT, folders=FOLDERS, run=RUN, passing=r"user@|session-|systemd-(logind|hostnamed|localed|timedated)")
MOST = 6


def look(cluster: Balancers, node: str) -> list[str]:
    """Return what the node is like, a line each; its VIPs are left out."""
    lines = cluster.run(node, LOOK, check=False).splitlines()
    units = {line.split()[1] for line in lines if line.startswith("unit ")}
    # What a socket starts may run or not
    passing = {f"unit {unit.removesuffix('.socket')}.service" for unit in units if unit.endswith(".socket")}
    return sorted(line for line in lines if not _of_vip(line, cluster.vips) and not line.startswith(tuple(passing)))


def _of_vip(line: str, vips: Sequence[str]) -> bool:
    return line.startswith("address ") and line.split()[2].partition("/")[0] in vips


def differences(node: str, before: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return sentences about what there was and is not, and what is new; at most a few of each."""
    gone = sorted(set(before) - set(now))
    new = sorted(set(now) - set(before))
    return [
        *(f"{node}: there is no more '{_short(line)}'" for line in gone[:MOST]),
        *(f"{node}: there is now '{_short(line)}'" for line in new[:MOST]),
        *([f"{node}: and {len(gone) + len(new)} differences in all"] if max(len(gone), len(new)) > MOST else []),
    ]


def _short(line: str, most: int = 140) -> str:
    return line if len(line) <= most else line[:most] + "…"
