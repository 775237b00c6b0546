# SPDX-License-Identifier: GPL-3.0-or-later
"""Gratuitous ARPs and unsolicited neighbour advertisements: how neighbours learn where a VIP is."""

from __future__ import annotations

from typing import Iterator, Sequence, Tuple

from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode

GARP_NUMBERS = (
    "garp_master_repeat",
    "vrrp_garp_master_repeat",
    "vrrp_garp_interval",
    "vrrp_gna_interval",
    "garp_interval",
    "gna_interval",
)
NO_MACHINES = (
    "",
    "none",
    "container-other",
    "docker",
    "lxc",
    "lxc-libvirt",
    "openvz",
    "podman",
    "systemd-nspawn",
    "wsl",
)
"""What systemd-detect-virt prints for hardware, and for containers, whose switch is the host's."""
GARP_REFRESHES = ("garp_master_refresh", "vrrp_garp_master_refresh")


def _garp(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            for name in GARP_NUMBERS:
                directive = instance.directive.last(name)
                if directive and _is_zero(directive.arguments):
                    yield _nothing_sent(node, directive.keyword, directive.place)
        for name in GARP_NUMBERS:
            directive = node.setting(name)
            if directive and _is_zero(directive.arguments):
                yield _nothing_sent(node, directive.keyword, directive.place)
        yield from _sent_once(node)


def _is_zero(arguments: Tuple[str, ...]) -> bool:
    return bool(arguments) and arguments[0].strip("0.") == ""


def _nothing_sent(node: ConfiguredNode, keyword: str, place: Tuple[str, int, int]) -> Found:
    interval = keyword.endswith("interval")
    effect = "keepalived refuses it" if interval else "keepalived sends 1, and who misses it keeps the old MAC"
    fix = f"remove {keyword}" if interval else f"give {keyword} 3 or more"
    return Found(node.name, place, f"{node.name} has {keyword} 0", effect=effect, fix=fix)


def _sent_once(node: ConfiguredNode) -> Iterator[Found]:
    virtual = node.facts.get("virtualization", "none") not in NO_MACHINES
    for instance in node.instances:
        if virtual and not instance.has(*GARP_REFRESHES) and node.setting(*GARP_REFRESHES) is None:
            yield Found(
                node.name,
                instance.directive.place,
                f"{instance.name} announces its addresses once, and {node.name} is a virtual machine",
                effect="when its switch misses the announcement, clients keep sending to the old node",
                fix="put vrrp_garp_master_refresh 60 into global_defs",
            )


RULES = (
    Rule(
        id="KA165",
        severity=Severity.WARNING,
        title="neighbours are not told, or only once, where a VIP is",
        why="they send to the old node until their caches forget",
        fix="leave the numbers of gratuitous ARPs as they are, and set vrrp_garp_master_refresh 60",
        evidence="acassen/keepalived #2066; openshift/machine-config-operator #2782",
        check=_garp,
    ),
)
