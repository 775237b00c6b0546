# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that run but report the wrong thing."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from functools import lru_cache
from typing import Dict, Iterator, Mapping, Sequence, Set, Tuple

from ....basics.schema import is_address
from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.commands import CHECKS, ScriptCommand, commands
from ...config.matching import logical_instances
from ...config.model import ConfiguredInstance, ConfiguredNode

ONLY_LISTS = {
    "killall": ("-0",),
    "pkill": ("-0",),
    "kill": ("-0",),
    "pidof": (),
    "pgrep": (),
    "systemctl": ("is-active",),
}
"""Programs with the arguments that make them only look for a process."""
URL = re.compile(r"[a-z]+://(?:[^/@]*@)?(\[[^\]]+\]|[^/:]+)")
PROBES = ("curl", "wget", "nc", "ncat", "netcat", "ping", "ping6", "fping", "arping", "dig", "telnet", "mysqladmin")
STARTS = re.compile(
    r"\b(?:systemctl|rc-service|service|/etc/init\.d/)\W*.*\b(start|stop|restart|kill)\b"
    r"|\bkill(?:all)?\b|/etc/init\.d/\S+ (start|stop)"
)
SERVICES = ("haproxy", "nginx", "envoy", "traefik", "apache2", "httpd", "varnish")


@lru_cache(maxsize=256)
def scripts(node: ConfiguredNode) -> Mapping[str, ScriptCommand]:
    """Return the command of every vrrp_script, by its name."""
    return {
        command.owner.split(" ", 1)[1]: command
        for command in commands(node)
        if command.keyword in CHECKS and command.owner.startswith("vrrp_script ")
    }


def only_lists(command: ScriptCommand) -> bool:
    """Tell whether a check only looks for a process."""
    argument = ONLY_LISTS.get(posixpath.basename(command.program))
    return argument is not None and all(each in command.argv for each in argument)


def _looks_for_process_only(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        known = scripts(node)
        reported: Set[str] = set()
        for instance in node.instances:
            names = [track.name for track in node.tracks_of(instance) if track.kind == "script" and track.name in known]
            if names and all(only_lists(known[name]) for name in names) and names[0] not in reported:
                reported.add(names[0])
                yield Found(
                    node.name,
                    known[names[0]].place,
                    f"{instance.name} is checked by `{known[names[0]].text}` alone, which looks for a process",
                )


def _shared_dependency(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    own = own_addresses(nodes)
    known = {node.name: node for node in nodes}
    reported: Set[Tuple[str, ...]] = set()
    for logical in logical_instances(nodes):
        asked = [_asked(known[name], instance, own) for name, instance in logical.members.items()]
        everybody = sorted(set(asked[0]).intersection(*asked[1:])) if len(asked) > 1 else ()
        for target in everybody:
            alike = (target, *logical.members)
            if alike not in reported:
                reported.add(alike)
                command = asked[0][target]
                first, *_others = logical.members
                yield Found(
                    first,
                    command.place,
                    f"{listed(logical.members)} all go to FAULT when `{command.text}` fails, and all ask {target}",
                    effect=f"when {target} does not answer, no node is active for {logical.what}",
                )


def _asked(node: ConfiguredNode, instance: ConfiguredInstance, own: Set[str]) -> Dict[str, ScriptCommand]:
    """Return {host: command} of the hosts that checks with weight 0 (FAULT) ask, without the nodes themselves."""
    known = scripts(node)
    faults = [track.name for track in node.tracks_of(instance) if track.kind == "script" and not track.weight]
    return {target: known[name] for name in faults if name in known for target in targets(known[name]) - own}


def targets(command: ScriptCommand) -> Set[str]:
    """Return the hosts that a check asks: those of URLs and all addresses, without loopback."""
    found = {match.group(1).strip("[]") for word in command.argv for match in URL.finditer(word)}
    found |= {word for word in command.argv[1:] if is_address(word)}
    return {each for each in found if each != "localhost" and not (is_address(each) and _is_loopback(each))}


def _is_loopback(word: str) -> bool:
    address = ipaddress.ip_address(word)
    return address.is_loopback or address.is_unspecified


def own_addresses(nodes: Sequence[ConfiguredNode]) -> Set[str]:
    """Return the known addresses of the nodes: source addresses of adverts, and those of the fact `interfaces`."""
    sources = {instance.source for node in nodes for instance in node.instances}
    facts = [entry for node in nodes for entry in node.facts.get("interfaces", ())]
    return sources | {address.partition("/")[0] for entry in facts for address in entry.get("addresses", ())}


def flaps(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    """Yield the network checks with fall 1: a single lost packet makes them fail."""
    for node in nodes:
        for tracker in node.trackers:
            command = scripts(node).get(tracker.name) if tracker.kind == "script" else None
            fall = tracker.directive.last("fall")
            once = fall is None or fall.arguments[:1] == ("1",)
            if command and once and posixpath.basename(command.program) in PROBES:
                yield Found(
                    node.name,
                    fall.place if fall else command.place,
                    f"{tracker.name} fails at the first time that `{command.text}` does",
                )


def _starts_what_it_checks(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        followed = {track.name for instance in node.instances for track in node.tracks_of(instance)}
        checks = [
            " ".join(
                (
                    tracker.directive.arguments[0],
                    *(line.arguments[0] for line in tracker.directive.all("script", "process") if line.arguments),
                )
            )
            for tracker in node.trackers
            if tracker.name in followed
        ]
        for command in commands(node):
            if command.checks or not STARTS.search(command.text):
                continue
            service = next(
                (each for each in SERVICES if each in command.text and any(each in one for one in checks)), ""
            )
            if service:
                yield Found(
                    node.name,
                    command.place,
                    f"{command.owner} has `{command.text}` run at a change of state, and {service} is what it checks",
                    effect=f"a backup without {service} fails its check, so it cannot become active and start it",
                )


RULES = (
    Rule(
        id="KA139",
        severity=Severity.WARNING,
        title="the only check is whether a process is there",
        why="a proxy that hangs, is stopped or failed to reload has a process too, so its node stays active",
        fix="ask the proxy for an answer, such as a monitor-uri on loopback, and use track_process beside it",
        evidence="acassen/keepalived #2599; HAProxy Configuration Manual, monitor-uri",
        check=_looks_for_process_only,
    ),
    Rule(
        id="KA140",
        severity=Severity.ERROR,
        title="all nodes go to FAULT for one and the same reason",
        why="when what they all ask does not answer, no node is active",
        fix="give the script a negative weight, the same on all nodes, so that somebody stays active",
        evidence="keepalived.conf(5), vrrp_script: a weight of 0 is FAULT",
        check=_shared_dependency,
    ),
    Rule(
        id="KA142",
        severity=Severity.WARNING,
        title="a notification starts or stops what a check looks for",
        why="a backup whose proxy is stopped fails its check, so it cannot take over",
        fix="let the proxy run on all nodes at all times, and have keepalived move the VIPs only",
        evidence="acassen/keepalived #2485",
        check=_starts_what_it_checks,
    ),
)
