# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab that is up: run commands in its nodes, pull their cables, cut their power."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from lab import management, switch
from lab.engine import Completed, LabError, as_root, execute, podman

STATE_FILE = "lab.json"
BOOT_SECONDS = 60
SHUTDOWN_SECONDS = 30
POLL_SECONDS = 0.05
LOOK_SECONDS = 0.5
SSH_PORT = 22


@dataclass(frozen=True)
class Node:
    """One server: where it runs, its address on the management network and those on the service network."""

    container: str
    image: str
    management: str
    addresses: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def address(self) -> str:
        """Return the first address on the service network, without its prefix length."""
        return self.addresses[0].partition("/")[0]


@dataclass(frozen=True)
class Lab:
    """The nodes of one lab, and its switch."""

    state: Path
    prefix: str
    switch: str
    definition: str
    nodes: dict[str, Node]

    @classmethod
    def load(cls, state: str | Path = ".lab") -> Lab:
        """Open the lab of a state directory.

        Raises: LabError, if no lab is up there.
        """
        file = Path(state).resolve() / STATE_FILE
        if not file.exists():
            raise LabError(f"no lab is up in {file.parent}: `make lab-up` makes one")
        raw = json.loads(file.read_text(encoding="utf-8"))
        nodes = {
            name: Node(**{**node, "addresses": tuple(node["addresses"]), "groups": tuple(node["groups"])})
            for name, node in raw.pop("nodes").items()
        }
        return cls(state=file.parent, nodes=nodes, **raw)

    def save(self) -> None:
        """Write the state that load() reads."""
        content = {**asdict(self), "state": None}
        del content["state"]
        (self.state / STATE_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def run(
        self, node: str, command: str | Sequence[str], *, check: bool = True, timeout: float | None = None
    ) -> Completed:
        """Run a command, or a line of bash, in a node; with check=False a dead node is a non-zero status."""
        return execute(self.command(node, command), check=check, timeout=timeout)

    def cut(self, node: str) -> None:
        """Pull a node's cable on the service network."""
        switch.set_link(self.switch, self._name(node), up=False)

    def heal(self, node: str) -> None:
        """Put a node's cable back."""
        switch.set_link(self.switch, self._name(node), up=True)

    def delete_nic(self, node: str) -> None:
        """Delete a node's NIC on the service network, as a reconfigured bond or VLAN, or a replaced virtual NIC."""
        switch.delete(self.switch, self._name(node))

    def make_nic(self, node: str) -> None:
        """Make a node's NIC on the service network again: another index, the same MAC and addresses."""
        switch.plug(self.switch, node, self._node(node).container, self._node(node).addresses)

    def kill(self, node: str) -> None:
        """Cut a node's power."""
        podman("kill", "--signal", "KILL", self._node(node).container)
        podman("wait", self._node(node).container)
        self.hang_up(node)

    def stop(self, node: str) -> None:
        """Shut a node down in an orderly way."""
        container = self._node(node).container
        # Processes of `podman exec` are no children of the node's init, which waits 10 s for them without SIGCHLD
        with ThreadPoolExecutor(1) as pool:
            stopping = pool.submit(podman, "stop", "--time", str(SHUTDOWN_SECONDS), container)
            while wait([stopping], LOOK_SECONDS).not_done:
                podman("kill", "--signal", "CHLD", container, check=False)
        stopping.result()
        self.hang_up(node)

    def start(self, node: str) -> None:
        """Switch a node on, its cable plugged, and wait until it has booted and sshd answers."""
        podman("start", self._node(node).container)
        self.plug(node)
        self.wait_booted(node)

    def reboot(self, node: str) -> None:
        """Shut a node down in an orderly way and switch it on again."""
        self.stop(node)
        self.start(node)

    def plug(self, node: str) -> None:
        """Connect a node that has just been switched on to both networks."""
        # As on a server: services get their credentials by mounts, which systemd leaves to the manager of a container
        podman("exec", self._node(node).container, "mount", "--make-rshared", "/")
        management.plug(self.prefix, self._node(node).container, self._node(node).management)
        switch.plug(self.switch, node, self._node(node).container, self._node(node).addresses)

    def running(self) -> set[str]:
        """Return the names of the nodes that are switched on, and of the switch."""
        label = f"label=evenkeel.lab={self.prefix}"
        names = podman("ps", "--filter", label, "--filter", "status=running", "--format", "{{.Names}}").stdout.split()
        return {name.removeprefix(f"{self.prefix}-") for name in names}

    def wait_booted(self, node: str, *, whole: bool = False) -> None:
        """Wait until a node has booted and sshd answers; with `whole`, every unit must have started.

        Raises: LabError, naming the failed units, if it takes too long or a unit has failed.
        """
        deadline = time.monotonic() + BOOT_SECONDS
        accepted = {"running"} if whole else {"running", "degraded"}
        state = ""
        while state not in {"running", "degraded"} and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS if state else 0)
            done = self.run(node, ["systemctl", "is-system-running", "--wait"], check=False, timeout=BOOT_SECONDS)
            state = done.stdout.strip() or done.stderr.strip()
        if state not in accepted:
            units = self.run(node, ["systemctl", "list-units", "--failed", "--plain", "--no-legend"], check=False)
            raise LabError(f"{node} did not boot: it says '{state}'; failed units: {units.stdout.strip() or 'unknown'}")
        while not _answers_ssh(self._node(node).management):
            if time.monotonic() > deadline:
                raise LabError(f"{node}: sshd does not answer at {self._node(node).management}")
            time.sleep(POLL_SECONDS)

    def hang_up(self, node: str) -> None:
        """Close Ansible's persistent SSH connection to a node, which would hang once the node is gone."""
        path = control_path(self.state, node)
        execute(["ssh", "-O", "exit", "-o", f"ControlPath={path}", node], check=False, timeout=BOOT_SECONDS)

    def command(self, node: str, command: str | Sequence[str]) -> list[str]:
        """Return the command line that runs a command in a node from this machine."""
        argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        return as_root("podman", "exec", "--interactive", self._node(node).container, *argv)

    def _node(self, name: str) -> Node:
        return self.nodes[self._name(name)]

    def _name(self, name: str) -> str:
        if name not in self.nodes:
            raise LabError(f"{name} is no node of this lab: {', '.join(self.nodes)}")
        return name


def control_path(state: Path, node: str) -> Path:
    """Return the socket of Ansible's persistent SSH connection to a node."""
    return state / "ssh" / f"{node}.sock"


def _answers_ssh(address: str) -> bool:
    try:
        with socket.create_connection((address, SSH_PORT), timeout=1) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
