# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the description of a lab: an inventory, and the lab.yml that adapts it to one machine."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.engine import LabError
from lab.images import KINDS

Vars = dict[str, Any]

# A node's name is also the name of its port on the switch, so it must be a valid interface name
NODE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,14}")
SWITCH_NAMES = {"switch", "switch0", "lo"}
SPEC_KEYS = {"inventory", "prefix_length", "nodes"}
NODE_KEYS = {"image", "address", "addresses", "groups", "kernel"}
MODULE = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class NodeSpec:
    """One server: its image, its addresses on the service network with prefix lengths, and its groups."""

    image: str
    addresses: tuple[str, ...]
    groups: tuple[str, ...]
    kernel: tuple[str, ...] = ()
    """The modules that its kernel must have."""


@dataclass
class Inventory:
    """An inventory: hosts with their variables, and groups with their hosts and `vars`."""

    directory: Path
    hosts: dict[str, Vars] = field(default_factory=dict)
    groups: dict[str, Vars] = field(default_factory=dict)

    def groups_of(self, host: str) -> tuple[str, ...]:
        """Return the groups that list a host directly."""
        return tuple(name for name, group in _all_groups(self.groups) if host in group.get("hosts", {}))


@dataclass(frozen=True)
class Spec:
    """The description of a lab."""

    inventory: Inventory
    nodes: dict[str, NodeSpec]
    added: dict[str, tuple[str, ...]]
    """Nodes that lab.yml adds to the inventory, with their groups."""


def read_spec(lab_yml: Path) -> Spec:
    """Read a lab.yml and its inventory.

    Raises: LabError, with the file and the key.
    """
    raw = _read_yaml(lab_yml)
    _refuse_unknown(raw, SPEC_KEYS, f"{lab_yml}")
    inventory = read_inventory(lab_yml.parent / raw.get("inventory", "inventory"))
    listed: dict[str, Vars] = {name: settings or {} for name, settings in (raw.get("nodes") or {}).items()}
    nodes = {}
    for name in [*inventory.hosts, *(name for name in listed if name not in inventory.hosts)]:
        settings = listed.get(name, {})
        _refuse_unknown(settings, NODE_KEYS, f"{lab_yml}: nodes.{name}")
        address = settings.get("address", inventory.hosts.get(name, {}).get("ansible_host", ""))
        first = f"{address}/{raw.get('prefix_length', 24)}"
        groups = inventory.groups_of(name) or tuple(settings.get("groups", ()))
        nodes[name] = _node(f"{lab_yml}: nodes.{name}", name, settings, first, groups)
    added = {name: node.groups for name, node in nodes.items() if name not in inventory.hosts}
    return Spec(inventory, nodes, added)


def _node(where: str, name: str, settings: Vars, first: str, groups: tuple[str, ...]) -> NodeSpec:
    if name in SWITCH_NAMES:
        raise LabError(f"{where}: the switch has that name")
    if not NODE_NAME.fullmatch(name):
        raise LabError(f"{where}: a node's name is at most 15 of a-z, 0-9, - and _, a letter first")
    image = settings.get("image", "debian12")
    if image not in KINDS:
        raise LabError(f"{where}.image: {image} is none of {', '.join(KINDS)}")
    addresses = (first, *settings.get("addresses", ()))
    for address in addresses:
        try:
            ipaddress.ip_interface(address)
        except ValueError:
            hint = "the first is `address` here, or the inventory's ansible_host"
            raise LabError(f"{where}: {address} is no address with a prefix length; {hint}") from None
    kernel = settings.get("kernel", [])
    if not (isinstance(kernel, list) and all(isinstance(name, str) and MODULE.fullmatch(name) for name in kernel)):
        raise LabError(f"{where}.kernel: {kernel!r} is no list of kernel modules, such as [ip_vs]")
    return NodeSpec(image, addresses, groups, tuple(kernel))


def read_inventory(path: Path) -> Inventory:
    """Read an inventory in YAML: a file, or a directory of files.

    Raises: LabError, if it has no hosts.
    """
    files = sorted([*path.glob("*.yml"), *path.glob("*.yaml")]) if path.is_dir() else [path]
    inventory = Inventory(path if path.is_dir() else path.parent)
    for file in files:
        top = _read_yaml(file)
        implicit = top.pop("all", None) or {}
        for host, variables in (implicit.get("hosts") or {}).items():
            inventory.hosts.setdefault(host, {}).update(variables or {})
        _merge(inventory, inventory.groups, {**top, **(implicit.get("children") or {})})
    if not inventory.hosts:
        raise LabError(f"{path}: no inventory in YAML with hosts is there")
    return inventory


def _merge(inventory: Inventory, into: dict[str, Vars], groups: dict[str, Vars | None]) -> None:
    for name, content in groups.items():
        group = into.setdefault(name, {})
        for host, variables in ((content or {}).get("hosts") or {}).items():
            inventory.hosts.setdefault(host, {}).update(variables or {})
            group.setdefault("hosts", {})[host] = {}
        if variables := (content or {}).get("vars"):
            group.setdefault("vars", {}).update(variables)
        if children := (content or {}).get("children"):
            _merge(inventory, group.setdefault("children", {}), children)


def _all_groups(groups: dict[str, Vars]) -> Iterator[tuple[str, Vars]]:
    for name, group in groups.items():
        yield name, group
        yield from _all_groups(group.get("children", {}))


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise LabError(f"{file}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise LabError(f"{file}: {error}") from None
    if not isinstance(content, dict):
        raise LabError(f"{file}: not a mapping")
    return content


def _refuse_unknown(settings: Vars, known: set[str], where: str) -> None:
    if unknown := sorted(set(settings) - known):
        raise LabError(f"{where}: unknown key {unknown[0]} (known: {', '.join(sorted(known))})")
