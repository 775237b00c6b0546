# SPDX-License-Identifier: GPL-3.0-or-later
"""How Ansible reaches a lab: its SSH key, the nodes' host keys, and an inventory with both."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml

from lab.cluster import Lab, control_path
from lab.engine import execute
from lab.spec import Inventory, Spec, Vars

INVENTORY = "inventory.yml"
# The group of the nodes that lab.yml adds to the inventory
LAB_GROUP = "lab"
# ssh appends 17 characters to the name of a socket that it creates; the kernel's limit is 108
LONGEST_SOCKET = 108 - 17 - 1


def make_key(state: Path) -> str:
    """Make the lab's SSH key, and return its public half."""
    directory = state / "ssh"
    directory.mkdir(mode=0o700)
    execute(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "evenkeel lab", "-f", str(directory / "id_ed25519")])
    return (directory / "id_ed25519.pub").read_text(encoding="ascii")


def admit(lab: Lab, node: str, public_key: str) -> str:
    """Authorize the lab's key for root, and return the node's line for known_hosts."""
    script = (
        "umask 077 && mkdir -p /root/.ssh && printf %s {} > /root/.ssh/authorized_keys"
        " && cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub"
    )
    host_key = lab.run(node, script.format(shlex.quote(public_key))).stdout.strip()
    return f"{lab.nodes[node].management} {host_key}\n"


def write_names(lab: Lab, node: str) -> None:
    """Write a node's /etc/hosts: all nodes with their addresses on the service network."""
    names = [f"{address.partition('/')[0]} {name}" for name, other in lab.nodes.items() for address in other.addresses]
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", *names]
    lab.run(node, "printf '%s\\n' " + shlex.join(lines) + " > /etc/hosts")


def write_known_hosts(state: Path, lines: list[str]) -> None:
    """Write known_hosts."""
    (state / "ssh" / "known_hosts").write_text("".join(lines), encoding="ascii")


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
    ssh = {
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "StrictHostKeyChecking": "yes",
        # OpenSSH's default, a post-quantum key exchange, takes most of the time of a login
        "KexAlgorithms": "curve25519-sha256",
        "UserKnownHostsFile": lab.state / "ssh" / "known_hosts",
    }
    reached: Vars = {
        "ansible_host": node.management,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(lab.state / "ssh" / "id_ed25519"),
        # -F none: the user's ssh_config may have settings for these addresses
        "ansible_ssh_common_args": "-F none " + shlex.join(f"-o{key}={value}" for key, value in ssh.items()),
    }
    socket = str(control_path(lab.state, name))
    if len(socket) <= LONGEST_SOCKET:
        reached["ansible_control_path"] = socket
    else:
        reached["ansible_ssh_args"] = "-oControlMaster=no"
    plain = [address.partition("/")[0] for address in node.addresses]
    return {"ha_lb_address": plain if len(plain) > 1 else plain[0], **given, **reached}


def _link_variables(state: Path, inventory: Inventory) -> None:
    for name in ("group_vars", "host_vars"):
        link = state / name
        link.unlink(missing_ok=True)
        link.symlink_to((inventory.directory / name).resolve())
