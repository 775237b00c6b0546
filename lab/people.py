# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as people use it: installed from its archive into a folder of theirs, by a login that is not root."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from lab.access import INVENTORY
from lab.balancers import GROUP
from lab.cluster import Lab
from lab.playbook import Run

ROOT = Path(__file__).parents[1]
# Where `make oldest` puts the oldest ansible-core that is allowed
TOOLS = ROOT / ".ansible/oldest/bin"
LOGIN = "ops"
PASSWORD = "open sesame"
# As sshd starts it: a PATH without sbin, and files that nobody else reads. Nothing of it is better after sudo or su
SHELL = r"""
useradd --create-home --shell /bin/bash ops
printf 'PATH=/usr/local/bin:/usr/bin:/bin\numask 077\n' >/home/ops/.bashrc
install --directory --owner=ops --mode=0700 /home/ops/.ssh
install --owner=ops --mode=0600 /root/.ssh/authorized_keys /home/ops/.ssh/
"""
# As before the first site, but for what packages leave behind
WITHOUT_PACKAGES = r"""
export DEBIAN_FRONTEND=noninteractive
apt-get install --yes --quiet=2 --no-install-recommends keepalived haproxy >/dev/null
apt-get purge --yes --quiet=2 keepalived 'haproxy*' 'nginx*' >/dev/null
"""
BECOME = {
    "sudo": r"""
apt-get install --yes --quiet=2 --no-install-recommends sudo >/dev/null
printf 'ops ALL=(ALL) ALL\nDefaults:ops requiretty, !secure_path, lecture=never\n' >/etc/sudoers.d/ops
chmod 0440 /etc/sudoers.d/ops
echo 'ops:open sesame' | chpasswd
""",
    "su": "echo 'root:open sesame' | chpasswd",
}


def add_login(lab: Lab, node: str, become: str) -> None:
    """Give a node a user who becomes root with a password, by `sudo` or by `su`, and take the packages away."""
    lab.run(node, f"set -e\n{WITHOUT_PACKAGES}\n{SHELL}\n{BECOME[become]}")


class OwnRun(Run):
    """Playbooks of an installed collection, from somebody's folder, with nothing of this checkout but its Ansible."""

    def __init__(self, folder: Path, playbooks: Sequence[str], variables: Mapping[str, object], *options: str) -> None:
        """Start these playbooks one after another."""
        names = [f"evenkeel.ha_lb.{playbook}" for playbook in playbooks]
        command = [str(TOOLS / "ansible-playbook"), "-i", "inventory", *names, *options, "-e", json.dumps(variables)]
        self.start(command, _environment(folder), cwd=folder)


class Folder:
    """Somebody's folder: the collection, an inventory of files, and a file with the password in the place of -K."""

    def __init__(self, path: Path) -> None:
        """Build the collection and install it there."""
        self.path = path
        (path / "ansible.cfg").write_text("[defaults]\ncollections_path = collections\n", encoding="utf-8")
        self._tool("ansible-galaxy", "collection", "build", str(ROOT))
        (archive,) = path.glob("*.tar.gz")
        self._tool("ansible-galaxy", "collection", "install", "--collections-path", "collections", archive.name)
        (path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
        (path / "password").chmod(0o600)

    def write_inventory(self, lab: Lab, nodes: Mapping[str, str], **variables: object) -> None:
        """Write hosts.yml with these nodes and how the login becomes root, and group_vars with the lab's variables."""
        reached = yaml.safe_load((lab.state / INVENTORY).read_text(encoding="utf-8"))["all"]["hosts"]
        hosts = {node: _host(reached[node], become) for node, become in nodes.items()}
        own = self.path / "inventory"
        (own / "group_vars").mkdir(parents=True, exist_ok=True)
        (own / "hosts.yml").write_text(yaml.safe_dump({GROUP: {"hosts": hosts}}), encoding="utf-8")
        file = Path("group_vars") / f"{GROUP}.yml"
        given = yaml.safe_load((lab.state / file).read_text(encoding="utf-8"))
        (own / file).write_text(yaml.safe_dump({**given, **variables}), encoding="utf-8")

    def _tool(self, tool: str, *arguments: str) -> None:
        subprocess.run([TOOLS / tool, *arguments], cwd=self.path, env=_environment(self.path), check=True)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of somebody who has never heard of this checkout."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {**own, "ANSIBLE_HOME": str(folder / "home"), "PWD": str(folder)}


def _host(reached: Mapping[str, Any], become: str) -> dict[str, Any]:
    """Return how a node is reached: as in the lab's inventory, but by another login."""
    known = {name: value for name, value in reached.items() if name != "ansible_control_path"}
    return {**known, "ansible_user": LOGIN, "ansible_become_method": become}
