# SPDX-License-Identifier: GPL-3.0-or-later
"""Options with side effects that their names do not tell: vrrp_strict, use_vmac, long address lists, IPv6."""

from __future__ import annotations

import ipaddress
from typing import Iterator, Sequence

from ....basics.wording import listed
from ....lint.finding import Found, Rule, Severity
from ...config.model import OWNER, TAKES_ANY_LIST, Address, ConfiguredInstance, ConfiguredNode

MOST = {"ipv4": 255, "ipv6": 89}
"""Addresses in one advert: IPvX Addr Count has one byte (RFC 9568 §5.2.5), a frame 1500."""
MANY = 20  # addresses, from which on a change node by node is worth a hint
HYPERVISORS = {"vmware": "VMware", "oracle": "VirtualBox", "microsoft": "Hyper-V"}
"""By systemd-detect-virt: hypervisors whose switches drop frames from a MAC that they did not assign."""


def _closed(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            if instance.has("accept") or instance.priority == OWNER or not instance.addresses:
                continue
            strict = node.setting("vrrp_strict") or instance.directive.last("strict_mode")
            own = instance.directive.last("no_accept")
            cause = own or (strict if is_strict(node, instance) else None)
            if cause:
                yield Found(
                    node.name,
                    cause.place,
                    f"{instance.name} has {cause.keyword} and no accept",
                    effect=f"the firewall drops what is sent to {instance.addresses[0].ip}, so nothing answers there",
                )


def is_strict(node: ConfiguredNode, instance: ConfiguredInstance) -> bool:
    """Tell whether strict_mode or vrrp_strict applies to the instance."""
    own = instance.directive.last("strict_mode")
    if own:
        return own.arguments[:1] not in (("off",), ("no",), ("false",))
    return node.setting("vrrp_strict") is not None


def _virtual_macs(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            place = instance.at("use_vmac")
            if not instance.has("use_vmac"):
                continue
            if instance.peers is not None and not instance.has("vmac_xmit_base"):
                yield Found(
                    node.name,
                    place,
                    f"{instance.name} has use_vmac and unicast_peer, and no vmac_xmit_base",
                    effect="adverts leave through an interface without an address of the node, and no peer hears them",
                    fix="add vmac_xmit_base",
                )
            hypervisor = HYPERVISORS.get(node.facts.get("virtualization", ""))
            if hypervisor:
                yield Found(
                    node.name,
                    place,
                    f"{instance.name} has use_vmac, and {node.name} is a machine of {hypervisor}",
                    effect="its switch drops frames with a MAC that it did not give out, so nobody reaches the VIPs",
                    fix=f"allow forged transmits and MAC changes in {hypervisor}, or leave use_vmac out",
                )


def _too_many(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            most, count = MOST[instance.family], len(instance.addresses)
            if count > most:
                yield Found(
                    node.name,
                    instance.addresses[most].place,
                    f"{instance.name} has {count} addresses, and an advert holds {most}",
                    effect=f"keepalived treats the last {count - most} as virtual_ipaddress_excluded",
                )


def _changes_badly(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        old = node.version is None or node.version < TAKES_ANY_LIST
        for instance in node.instances:
            skips = node.setting("vrrp_skip_check_adv_addr") or instance.has("skip_check_adv_addr")
            if old and not skips and len(instance.addresses) > MANY:
                yield Found(
                    node.name,
                    instance.at("virtual_ipaddress"),
                    f"{instance.name} has {len(instance.addresses)} addresses, and no skip_check_adv_addr",
                )


def _families(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node in nodes:
        for instance in node.instances:
            yield from _wrong_family(node, instance)
            if instance.family == "ipv6":
                yield from _six(node, instance)


def _wrong_family(node: ConfiguredNode, instance: ConfiguredInstance) -> Iterator[Found]:
    wrong = [each for each in instance.addresses if (":" in each.ip) != (instance.family == "ipv6")]
    if wrong:
        yield Found(
            node.name,
            wrong[0].place,
            f"{instance.name} begins with {instance.addresses[0].ip} and has {wrong[0].ip} too",
            effect=f"keepalived ignores {listed(each.ip for each in wrong)}, so no node ever has it",
            fix="give the other family an instance of its own, and put both into a sync group",
            severity=Severity.ERROR,
        )


def _six(node: ConfiguredNode, instance: ConfiguredInstance) -> Iterator[Found]:
    authentication = instance.directive.last("authentication")
    if authentication:
        yield Found(
            node.name,
            authentication.place,
            f"{instance.name} has IPv6 addresses and authentication, which version 3 of VRRP has not",
            effect="keepalived ignores it, and nothing is authenticated",
            fix="remove it, and use unicast_peer with min_ttl 255 and max_ttl 255",
        )
    if instance.addresses and not _is_link_local(instance.addresses[0]):
        strict = is_strict(node, instance)
        yield Found(
            node.name,
            instance.addresses[0].place,
            f"{instance.name} has {instance.addresses[0].ip} first, which is not a link-local address",
            effect="keepalived refuses the instance, as vrrp_strict is set"
            if strict
            else "routers that hold to the RFC may not take its adverts for valid",
            fix="put an address of fe80::/10 first, the same on all nodes",
            severity=Severity.ERROR if strict else Severity.INFO,
        )


def _is_link_local(address: Address) -> bool:
    try:
        return ipaddress.ip_address(address.ip).is_link_local
    except ValueError:
        return False


RULES = (
    Rule(
        id="KA146",
        severity=Severity.ERROR,
        title="the firewall is told to drop what is sent to the VIP",
        why="no service on the VIP answers, not even to ping",
        fix="remove vrrp_strict, or add accept to the instance",
        evidence="acassen/keepalived #474, #602, #1373, #2046 and #2319; RFC 9568 §6.1, Accept_Mode",
        check=_closed,
    ),
    Rule(
        id="KA158",
        severity=Severity.WARNING,
        title="a virtual MAC that frames do not get through with",
        why="adverts or answers are lost on the way, and two nodes hold the VIPs or nobody reaches them",
        fix="add vmac_xmit_base, and allow foreign MACs in the hypervisor's switch",
        evidence="keepalived.conf(5), use_vmac",
        check=_virtual_macs,
    ),
    Rule(
        id="KA159",
        severity=Severity.WARNING,
        title="more addresses than an advert holds",
        why="the rest of them is in no advert, so a peer with another list is not noticed",
        fix="divide them between instances, or put all but one into virtual_ipaddress_excluded, on all nodes alike",
        evidence="vrrp_complete_instance; RFC 9568 §5.2.5",
        check=_too_many,
    ),
    Rule(
        id="KA160",
        severity=Severity.INFO,
        title="a long list of addresses that cannot be changed node by node",
        why="before keepalived 2.3.3, nodes with different lists are all active until the last has the new one",
        fix="set vrrp_skip_check_adv_addr, or put addresses that change into virtual_ipaddress_excluded",
        evidence="acassen/keepalived commit af103930; measured",
        check=_changes_badly,
    ),
    Rule(
        id="KA162",
        severity=Severity.WARNING,
        title="IPv6 that an instance cannot have so",
        why="keepalived leaves out what does not fit the first address",
        fix="give each family an instance of its own, IPv6 with a link-local address first and without authentication",
        evidence="RFC 9568 §5.2.9; measured",
        check=_families,
    ),
)
