# SPDX-License-Identifier: GPL-3.0-or-later
"""The chains of a firewall, as `nft list ruleset` or `iptables-save` prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Dict, Iterator, List, NamedTuple, Tuple

TABLE = re.compile(r"table (\w+) (\S+) \{")
CHAIN = re.compile(r"chain (\S+) \{")
HOOK = re.compile(r"type \w+ hook (\w+)")
BUILT_IN = re.compile(r":(\S+) (\S+)")
"""A chain of iptables and its policy; a user's chain has a dash for it."""
MATCHES = {"-p": "ip protocol", "-s": "ip saddr", "-d": "ip daddr", "-i": "iifname", "-o": "oifname"}
MOST_RULES = 20_000
JUMPS = {"-j": "jump", "-g": "goto"}
TARGETS = ("ACCEPT", "DROP", "REJECT", "RETURN", "QUEUE")


class FirewallRule(NamedTuple):
    """A rule as it is printed, and translated into nft's syntax (`meaning`)."""

    text: str
    meaning: str


@dataclass(frozen=True)
class Chain:
    """A chain; `table` is its family and name, and `hook` is empty if other chains jump to it."""

    table: str
    name: str
    hook: str
    drops_the_rest: bool
    rules: Tuple[FirewallRule, ...]

    @property
    def title(self) -> str:
        """Return its name and table, for people."""
        return f"chain {self.name} of table {self.table}"


@lru_cache(maxsize=16)
def read_ruleset(text: str) -> Tuple[Chain, ...]:
    """Return all chains of a text by `nft list ruleset` or `iptables-save`; of any other text, or a huge one, none."""
    found = tuple(each for each in (*_chains_of_nft(text), *_chains_of_iptables(text)) if each.table)
    return found if sum(len(each.rules) for each in found) <= MOST_RULES else ()


def _chains_of_nft(text: str) -> Iterator[Chain]:
    table, name = "", ""
    lines: List[str] = []
    for line in (each.strip() for each in text.splitlines()):
        found = TABLE.match(line)
        if found:
            table = f"{found[1]} {found[2]}"
        elif CHAIN.match(line):
            name, lines = line.split()[1], []
        elif line == "}" and name:
            head = next((each for each in lines if HOOK.match(each)), "")
            hook = HOOK.match(head)
            rules = [each.partition(" # handle ")[0] for each in lines if each and each != head]
            yield Chain(
                table,
                name,
                hook[1] if hook else "",
                "policy drop" in head,
                tuple(FirewallRule(each, each) for each in rules),
            )
            name = ""
        else:
            lines.append(line)


def _chains_of_iptables(text: str) -> Iterator[Chain]:
    table = ""
    policies: Dict[str, str] = {}
    rules: Dict[str, List[FirewallRule]] = {}
    for line in (each.strip() for each in text.splitlines()):
        found = BUILT_IN.match(line)
        if line.startswith("*"):
            table, policies, rules = f"ip {line[1:]}", {}, {}
        elif found:
            policies[found[1]] = found[2]
        elif line.startswith("-A ") and line.count(" ") > 1:
            chain, rule = line.split(" ", 2)[1:]
            rules.setdefault(chain, []).append(FirewallRule(line, _as_nft(rule)))
        elif line == "COMMIT":
            for name, policy in policies.items():
                hook = "" if policy == "-" else name.lower()
                yield Chain(table, name, hook, policy == "DROP", tuple(rules.get(name, ())))
            policies, rules = {}, {}


def _as_nft(rule: str) -> str:
    """Translate what can match an advert into nft's syntax; any other match becomes `unknown`."""
    words = rule.split()
    translated = []
    negated = ""
    for word, value in zip(words, [*words[1:], ""]):
        if word in MATCHES:
            translated.append(f"{MATCHES[word]} {negated}{value}")
        elif word in JUMPS:
            translated.append(value.lower() if value in TARGETS else f"{JUMPS[word]} {value}")
        elif word.startswith("--") and word != "--comment":
            translated.append("unknown")
        negated = "!= " if word == "!" else ""
    return " ".join(translated)
