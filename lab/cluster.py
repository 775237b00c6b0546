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

from lab import machine, management, ssh, switch
from lab.engine import Completed, LabError, as_root, execute, podman

STATE_FILE = "lab.json"
BOOT_SECONDS = 60
SHUTDOWN_SECONDS = 30
CARRIER_SECONDS = 5
POLL_SECONDS = 0.05
LOOK_SECONDS = 0.5
SSH_PORT = 22


@dataclass(frozen=True)
class Node:
    """One server: where it runs, its address on the management network and those on the service network.

    A machine has a kernel of its own, which is the only process of its container.
    """

    container: str
    image: str
    management: str
    addresses: tuple[str, ...]
    groups: tuple[str, ...]
    machine: bool = False

    @property
    def address(self) -> str:
        """Return the first address on the service network, without its prefix length."""
        return self.addresses[0].partition("/")[0]

    @property
    def files(self) -> str:
        """Return where in its container the files are that only this node has."""
        return machine.FILES if self.machine else "/"


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
        self._set_link(node, up=False)

    def heal(self, node: str) -> None:
        """Put a node's cable back."""
        self._set_link(node, up=True)

    def freeze(self, node: str) -> None:
        """Stop all processes of a node, as a hypervisor does while it moves a virtual machine."""
        podman("pause", self._node(node).container)

    def thaw(self, node: str) -> None:
        """Let a frozen node go on."""
        podman("unpause", self._node(node).container)

    def delete_nic(self, node: str) -> None:
        """Delete a node's NIC on the service network, as a reconfigured bond or VLAN, or a replaced virtual NIC.

        Raises: LabError, if the node is a machine: its NICs are there for as long as it runs.
        """
        if self._node(node).machine:
            raise LabError(f"{node} is a machine with a kernel of its own: its NIC cannot be deleted while it runs")
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
        if self._node(node).machine:
            self.run(node, ["systemctl", "poweroff"], check=False, timeout=SHUTDOWN_SECONDS)
            podman("wait", container, check=False, timeout=SHUTDOWN_SECONDS)
            podman("kill", "--signal", "KILL", container, check=False)
            self.hang_up(node)
            return
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
        plugged = self._node(node)
        if not plugged.machine:
            # As on a server: services get their credentials by mounts, which systemd leaves to a container's manager
            podman("exec", plugged.container, "mount", "--make-rshared", "/")
        # A machine gives itself its addresses
        management.plug(self.prefix, plugged.container, plugged.management, addressed=not plugged.machine)
        switch.plug(self.switch, node, plugged.container, () if plugged.machine else plugged.addresses)

    def running(self) -> set[str]:
        """Return the names of the nodes that are switched on, and of the switch."""
        on = ("--filter", "status=running", "--filter", "status=paused")
        label = f"label=evenkeel.lab={self.prefix}"
        names = podman("ps", "--all", "--filter", label, *on, "--format", "{{.Names}}").stdout.split()
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
            console = podman("logs", "--tail", "5", self._node(node).container, check=False).stdout.strip()
            raise LabError(
                f"{node} did not boot: it says '{state}'; failed units: {units.stdout.strip() or 'unknown'}; "
                f"its console: {console or 'silent'}"
            )
        while not _answers_ssh(self._node(node).management):
            if time.monotonic() > deadline:
                raise LabError(f"{node}: sshd does not answer at {self._node(node).management}")
            time.sleep(POLL_SECONDS)

    def hang_up(self, node: str) -> None:
        """Close the persistent SSH connection to a node, which would hang once the node is gone."""
        ssh.hang_up(self.state, self._name(node))

    def command(self, node: str, command: str | Sequence[str]) -> list[str]:
        """Return the command line that runs a command in a node from this machine."""
        argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        if self._node(node).machine:
            return machine.command(self.state, node, self._node(node).management, argv)
        return as_root("podman", "exec", "--interactive", self._node(node).container, *argv)

    def _set_link(self, node: str, *, up: bool) -> None:
        switch.set_link(self.switch, self._name(node), up=up)
        if self._node(node).machine:
            # The NIC of a machine does not see its carrier
            state = ["ip", "link", "set", switch.NIC, "state", "up" if up else "dormant"]
            self.run(node, state, check=False, timeout=CARRIER_SECONDS)

    def _node(self, name: str) -> Node:
        return self.nodes[self._name(name)]

    def _name(self, name: str) -> str:
        if name not in self.nodes:
            raise LabError(f"{name} is no node of this lab: {', '.join(self.nodes)}")
        return name


def _answers_ssh(address: str) -> bool:
    try:
        with socket.create_connection((address, SSH_PORT), timeout=1) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
