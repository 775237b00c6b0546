# SPDX-License-Identifier: GPL-3.0-or-later
"""Let VRRP in from the peers, where a firewall would not, and from nobody else. Says what it opened and closed.

With --close, from nobody; with --check, it changes nothing and says what it would. The role keepalived copies this file
to a node, where it runs alone: it imports nothing of the core, and says its paths itself.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple, Sequence

PEERS = Path("/etc/ha_lb/vrrp-peers")  # an address a line
# firewalld and iptables keep no note of ours: what was opened there, a line each
OPENED = Path("/var/lib/ha_lb/opened")
NOTE = "ha_lb VRRP"
STRANGERS = "ha_lb_vrrp"  # our own table, in which the peers are let in already


class RuleChange(NamedTuple):
    """One change of a firewall; `note` is for the record of what was opened, where a rule has no comment."""

    says: str
    commands: Sequence[Sequence[str]]
    note: str = ""


def main(arguments: Sequence[str], peers_file: Path = PEERS, record: Path = OPENED) -> None:
    """Do it for the firewall that is active. Raises OSError, and CalledProcessError when a firewall refuses."""
    peers = [] if "--close" in arguments else peers_file.read_text().split()
    for change in changes(peers, record):
        if "--check" not in arguments:
            _remember(change.note, record)
            for command in change.commands:
                _run(*command)
        sys.stdout.write(change.says + "\n")


def changes(peers: Sequence[str], record: Path) -> Iterator[RuleChange]:
    """Yield what the firewall that is active needs; each is carried out before the next is asked for."""
    if shutil.which("firewall-cmd") and _active("firewalld"):
        yield from firewalld(peers, record)
    elif shutil.which("ufw") and "Status: active" in _ask("ufw", "status").stdout:
        yield from ufw(peers)
    else:
        if shutil.which("nft"):
            yield from nftables(peers)
        yield from iptables(peers, record)


def firewalld(peers: Sequence[str], record: Path) -> Iterator[RuleChange]:
    """Add or remove a rich rule for every peer, now and for good."""
    for peer in {*peers, *_opened("firewalld", record)}:
        rule = f'rule family="{_family(peer)}" source address="{peer}" protocol value="vrrp" accept'
        there = _ask("firewall-cmd", f"--query-rich-rule={rule}").returncode == 0
        if there != (peer in peers):
            change = f"--{'remove' if there else 'add'}-rich-rule={rule}"
            commands = [["firewall-cmd", change], ["firewall-cmd", "--permanent", change]]
            yield RuleChange(f"{'closed' if there else 'opened'} firewalld for {peer}", commands, f"firewalld {peer}")


def ufw(peers: Sequence[str]) -> Iterator[RuleChange]:
    """Allow or forget every peer; our rules have a comment."""
    added = _run("ufw", "show", "added").replace("'", "")
    here = set(re.findall(rf"from (\S+) comment {NOTE}", added))
    for peer in sorted({*peers} ^ here):
        if peer in here:
            yield RuleChange(f"closed ufw for {peer}", [["ufw", "delete", "allow", "proto", "vrrp", "from", peer]])
        else:
            allow = ["ufw", "allow", "proto", "vrrp", "from", peer, "comment", NOTE]
            yield RuleChange(f"opened ufw for {peer}", [allow])


def nftables(peers: Sequence[str]) -> Iterator[RuleChange]:
    """Put an accept first into every input chain; a verdict in a table of our own could not overrule a drop there."""
    listed = _ask("nft", "--json", "list", "ruleset")
    if listed.returncode:
        return
    objects = json.loads(listed.stdout)["nftables"]
    rules = [each["rule"] for each in objects if each.get("rule", {}).get("comment", "").startswith(NOTE)]
    for rule in rules:
        if rule["comment"][len(NOTE) + 1 :] not in peers:
            place = [rule["family"], rule["table"], rule["chain"]]
            delete = ["nft", "delete", "rule", *place, "handle", str(rule["handle"])]
            yield RuleChange(f"closed {' '.join(place)}: {rule['comment']}", [delete])
    done = {(each["family"], each["table"], each["chain"], each["comment"]) for each in rules}
    chains = [each["chain"] for each in objects if each.get("chain", {}).get("hook") == "input"]
    for chain in (each for each in chains if each.get("type") == "filter" and each["table"] != STRANGERS):
        place = [chain["family"], chain["table"], chain["name"]]
        for peer in peers:
            protocol = "ip6" if _family(peer) == "ipv6" else "ip"
            if chain["family"] in ("inet", protocol) and (*place, f"{NOTE} {peer}") not in done:
                match = [protocol, "saddr", peer, "meta", "l4proto", "112", "accept"]
                insert = ["nft", "insert", "rule", *place, *match, "comment", f'"{NOTE} {peer}"']
                yield RuleChange(f"opened {' '.join(place)} for {peer}", [insert])


def iptables(peers: Sequence[str], record: Path) -> Iterator[RuleChange]:
    """Insert or delete a rule for every peer, where the older iptables filters."""
    for peer in {*peers, *_opened("iptables", record)}:
        tool = "ip6tables-legacy" if _family(peer) == "ipv6" else "iptables-legacy"
        rule = ["INPUT", "-s", peer, "-p", "112", "-j", "ACCEPT"]
        if shutil.which(tool) and "-A INPUT" in _ask(tool, "-S").stdout:
            there = _ask(tool, "-C", *rule).returncode == 0
            if there != (peer in peers):
                command = [tool, "-D" if there else "-I", *rule]
                yield RuleChange(f"{'closed' if there else 'opened'} {tool} for {peer}", [command], f"iptables {peer}")


def _ask(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _active(unit: str) -> bool:
    return _ask("systemctl", "is-active", "--quiet", unit).returncode == 0


def _family(peer: str) -> str:
    return "ipv6" if ":" in peer else "ipv4"


def _opened(tool: str, record: Path) -> list[str]:
    lines = record.read_text().splitlines() if record.exists() else []
    return [line.split()[1] for line in lines if line.startswith(f"{tool} ")]


def _remember(note: str, record: Path) -> None:
    if note and note.split()[1] not in _opened(note.split()[0], record):
        with record.open("a") as file:
            file.write(f"{note}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
