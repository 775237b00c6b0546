# SPDX-License-Identifier: GPL-3.0-or-later
"""How Ansible reaches a lab: what every node must know of it, and an inventory."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml

from lab import ssh
from lab.cluster import Lab
from lab.engine import podman
from lab.spec import Inventory, Spec, Vars

INVENTORY = "inventory.yml"
# The group of the nodes that lab.yml adds to the inventory
LAB_GROUP = "lab"
ADMIT = """
mkdir -p "$1/etc/ssh"
ssh-keygen -A -f "$1" >/dev/null
umask 077
mkdir -p "$1/root/.ssh"
cat >"$1/root/.ssh/authorized_keys"
cut -d ' ' -f 1,2 "$1/etc/ssh/ssh_host_ed25519_key.pub"
"""


def admit(lab: Lab, node: str, public_key: str) -> None:
    """Give a node the lab's key for root, and a host key if it has none yet, which the lab trusts from now on."""
    given = lab.nodes[node]
    script = ["bash", "-e", "-c", ADMIT, "bash", given.files]
    host_key = podman("exec", "--interactive", given.container, *script, stdin=public_key).stdout.strip()
    ssh.trust(lab.state, given.management, host_key)


def write_names(lab: Lab, node: str) -> None:
    """Write a node's /etc/hosts: all nodes with their addresses on the service network."""
    names = [f"{address.partition('/')[0]} {name}" for name, other in lab.nodes.items() for address in other.addresses]
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", *names]
    lab.run(node, "printf '%s\\n' " + shlex.join(lines) + " > /etc/hosts")


def write_inventory(lab: Lab, spec: Spec) -> None:
    """Write the lab's inventory: the given one with management addresses, and the nodes that lab.yml adds."""
    hosts = {name: _host(lab, name, spec.inventory.hosts.get(name, {})) for name in lab.nodes}
    children = {**spec.inventory.groups}
    for name, groups in spec.added.items():
        for group in (*groups, LAB_GROUP):
            children[group] = {**children.get(group, {})}
            children[group]["hosts"] = {**children[group].get("hosts", {}), name: {}}
    text = yaml.safe_dump({"all": {"hosts": hosts, "children": children}}, sort_keys=False)
    (lab.state / INVENTORY).write_text("# Written by the lab\n" + text, encoding="utf-8")
    _link_variables(lab.state, spec.inventory)


def _host(lab: Lab, name: str, given: Vars) -> Vars:
    node = lab.nodes[name]
    reached: Vars = {
        "ansible_host": node.management,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(ssh.key_path(lab.state)),
        "ansible_ssh_common_args": shlex.join(ssh.options(lab.state)),
    }
    if socket := ssh.control_path(lab.state, name):
        reached["ansible_control_path"] = str(socket)
    else:
        reached["ansible_ssh_args"] = "-oControlMaster=no"
    plain = [address.partition("/")[0] for address in node.addresses]
    return {"ha_lb_address": plain if len(plain) > 1 else plain[0], **given, **reached}


def _link_variables(state: Path, inventory: Inventory) -> None:
    for name in ("group_vars", "host_vars"):
        link = state / name
        link.unlink(missing_ok=True)
        link.symlink_to((inventory.directory / name).resolve())
