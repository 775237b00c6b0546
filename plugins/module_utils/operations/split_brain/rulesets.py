# SPDX-License-Identifier: GPL-3.0-or-later
"""The chains of a firewall, as `nft list ruleset` or `iptables-save` prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, NamedTuple, Tuple

TABLE = re.compile(r"table (\w+) (\S+) \{")
CHAIN = re.compile(r"chain (\S+) \{")
HOOK = re.compile(r"type \w+ hook (\w+)")
BUILT_IN = re.compile(r":(\S+) (\S+)")
"""A chain of iptables and its policy; the one of a user's chain is a dash."""
MATCHES = {"-p": "ip protocol", "-s": "ip saddr", "-d": "ip daddr", "-i": "iifname", "-o": "oifname"}
JUMPS = {"-j": "jump", "-g": "goto"}
TARGETS = ("ACCEPT", "DROP", "REJECT", "RETURN", "QUEUE")


class Rule(NamedTuple):
    """A rule as it is written, and in the words of nft."""

    text: str
    meaning: str


@dataclass(frozen=True)
class Chain:
    """A chain; `table` has its family first, and `hook` is empty when others jump to it."""

    table: str
    name: str
    hook: str
    drops_the_rest: bool
    rules: Tuple[Rule, ...]

    @property
    def title(self) -> str:
        """Say where it is."""
        return f"chain {self.name} of table {self.table}"


def read_ruleset(text: str) -> List[Chain]:
    """Return all chains; what is neither nft's nor that of iptables has none."""
    return [*_chains_of_nft(text), *_chains_of_iptables(text)]


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
                table, name, hook[1] if hook else "", "policy drop" in head, tuple(Rule(each, each) for each in rules)
            )
            name = ""
        else:
            lines.append(line)


def _chains_of_iptables(text: str) -> Iterator[Chain]:
    table = ""
    policies: Dict[str, str] = {}
    rules: Dict[str, List[Rule]] = {}
    for line in (each.strip() for each in text.splitlines()):
        found = BUILT_IN.match(line)
        if line.startswith("*"):
            table, policies, rules = f"ip {line[1:]}", {}, {}
        elif found:
            policies[found[1]] = found[2]
        elif line.startswith("-A ") and line.count(" ") > 1:
            chain, rule = line.split(" ", 2)[1:]
            rules.setdefault(chain, []).append(Rule(line, _in_words_of_nft(rule)))
        elif line == "COMMIT":
            for name, policy in policies.items():
                hook = "" if policy == "-" else name.lower()
                yield Chain(table, name, hook, policy == "DROP", tuple(rules.get(name, ())))


def _in_words_of_nft(rule: str) -> str:
    """Translate the part of a rule that can concern an advert; what is left out stays a word that says nothing."""
    words = rule.split()
    said = []
    negated = ""
    for word, value in zip(words, [*words[1:], ""]):
        if word in MATCHES:
            said.append(f"{MATCHES[word]} {negated}{value}")
        elif word in JUMPS:
            said.append(value.lower() if value in TARGETS else f"{JUMPS[word]} {value}")
        elif word.startswith("--") and word != "--comment":
            said.append("unknown")
        negated = "!= " if word == "!" else ""
    return " ".join(said)
