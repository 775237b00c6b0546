# SPDX-License-Identifier: GPL-3.0-or-later
"""Have nftables drop VRRP from everybody but the peers, before keepalived sees it. Says what it opened and closed.

keepalived.conf has the senders in a comment, a line for every address family, so that they always are those of the
configuration that runs, also after it was restored. A family is closed if it has a line there and in ALLOWED, which
describes the newest configuration. Whoever is named in one of both is let in, so that a node that joins is heard as
soon as it speaks; and, as long as a run has the lock, who is named in the configuration before, to which the nodes may
go back together.

--close lets everybody in, and --check only says what it would do. Without nft, or where the kernel refuses, all stays
open, and that is said on stderr.

The table is ours alone. It comes before other chains, only drops, and opens nothing that another one closes. The role
keepalived copies this file to a node, where it runs alone: it imports nothing of the core.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Sequence, Set

ALLOWED = Path("/etc/ha_lb/vrrp-senders")
CONFIG = Path("/etc/keepalived/keepalived.conf")
BEFORE = Path("/var/lib/ha_lb/keepalived.conf.before")
LOCK = Path("/run/ha_lb/lock")
TABLE = "ha_lb_vrrp"
LINE = re.compile(r"^!? *VRRP over (ipv4|ipv6) comes from these alone:(.*)$", re.MULTILINE)
FIELDS = {"ipv4": ("ip saddr", "ip ttl"), "ipv6": ("ip6 saddr", "ip6 hoplimit")}
HOOK = "type filter hook input priority -20; policy accept;"

Senders = Dict[str, Set[str]]


def main(
    arguments: Sequence[str], allowed: Path = ALLOWED, config: Path = CONFIG, before: Path = BEFORE, lock: Path = LOCK
) -> None:
    """Load the table, or take it away."""
    wanted: Senders = {}
    if "--close" not in arguments:
        earlier = read_senders(before) if lock.exists() else {}
        wanted = let_in(read_senders(config), read_senders(allowed), earlier)
    nft = shutil.which("nft")
    if not nft:
        if wanted and "--check" not in arguments:
            _complain("there is no nft")
        return
    rules = rules_of(wanted)
    if notes_of(nft) == [_note(rule) for rule in rules]:
        return
    check = ["--check"] if "--check" in arguments else []
    done = _ask(nft, *check, "--file", "-", text=table_of(rules))
    if done.returncode:
        _complain(" ".join(done.stderr.split()))
        return
    for family, senders in sorted(wanted.items()):
        sys.stdout.write(f"closed VRRP over {family} to all but {', '.join(sorted(senders)) or 'nobody'}\n")
    if not wanted:
        sys.stdout.write("opened VRRP to everybody\n")


def read_senders(file: Path) -> Senders:
    """Return the addresses in the lines of a file, by family; of one with a wrong address in it, none."""
    try:
        lines = LINE.findall(file.read_text(errors="replace"))
    except FileNotFoundError:
        return {}
    found = {family: {each for each in re.split(r"[ ,]+", senders) if each} for family, senders in lines}
    return {family: senders for family, senders in found.items() if all(_is_of(family, each) for each in senders)}


def let_in(now: Senders, newest: Senders, before: Senders) -> Senders:
    """Return the families that both `now` and `newest` close, and in them whoever one of the three names."""
    return {family: now[family] | newest[family] | before.get(family, set()) for family in now.keys() & newest.keys()}


def rules_of(wanted: Senders) -> List[str]:
    """Return the rules of the chain. Each has a note by which it is recognised: its own checksum."""
    rules = []
    for family, senders in sorted(wanted.items()):
        source, hops = FIELDS[family]
        which = f" {source} != {{ {', '.join(sorted(senders))} }}" if senders else ""
        rules.append(f"meta nfproto {family} meta l4proto 112{which} drop")
        rules.append(f"meta nfproto {family} meta l4proto 112 {hops} != 255 drop")
    return rules


def table_of(rules: Sequence[str]) -> str:
    """Return what nft replaces the table by in one step; without rules, there is none."""
    fresh = f"table inet {TABLE}\ndelete table inet {TABLE}\n"
    if not rules:
        return fresh
    lines = "".join(f'    {rule} comment "{_note(rule)}"\n' for rule in rules)
    return f"{fresh}table inet {TABLE} {{\n  chain strangers {{\n    {HOOK}\n{lines}  }}\n}}\n"


def notes_of(nft: str) -> List[str]:
    """Return the notes of the rules that the kernel has."""
    listed = _ask(nft, "--json", "list", "table", "inet", TABLE)
    if listed.returncode:
        return []
    rules = [each["rule"] for each in json.loads(listed.stdout)["nftables"] if "rule" in each]
    return [rule.get("comment", "") for rule in rules]


def _note(rule: str) -> str:
    return f"ha_lb drops strangers {hashlib.sha256(rule.encode()).hexdigest()[:12]}"


def _is_of(family: str, address: str) -> bool:
    try:
        return f"ipv{ipaddress.ip_address(address).version}" == family
    except ValueError:
        return False


def _complain(why: str) -> None:
    sys.stderr.write(f"strangers' VRRP is not dropped: {why}\n")


def _ask(*command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main(sys.argv[1:])
