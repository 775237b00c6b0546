# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a lab up, and down again."""

from __future__ import annotations

import hashlib
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import access, images, machine, management, ssh, switch
from lab.cluster import STATE_FILE, Lab, Node
from lab.engine import LabError, limit_options, podman, podman_making
from lab.spec import Spec, read_spec

LABEL = "evenkeel.lab"
# take_down empties a directory only if this file is in it
MARKER = "evenkeel-lab"
SWITCH = "switch"
SWITCH_IMAGE = "debian12"
# systemd needs SYS_ADMIN for the mount namespaces of its services, keepalived needs the others
CAPABILITIES = "SYS_ADMIN,NET_ADMIN,NET_RAW,NET_BROADCAST,SYS_NICE"


def bring_up(lab_yml: Path, state: Path) -> None:
    """Create the lab that a lab.yml describes; of one that exists, start the nodes that are off.

    Raises: LabError, after removing everything.
    """
    begin = time.monotonic()
    spec = read_spec(lab_yml)
    if (state / STATE_FILE).exists():
        _bring_back(Lab.load(state), spec)
        return
    if state.is_dir() and any(state.iterdir()) and not (state / MARKER).exists():
        raise LabError(f"{state} has other things in it than a lab: choose another state directory")
    machines = {name for name, node in spec.nodes.items() if machine.missing(node.kernel)}
    for kind in sorted({SWITCH_IMAGE, *(_image(spec, name, machines) for name in spec.nodes)}):
        images.ensure(kind)
    take_down(state, quietly=True)
    try:
        _make(spec, state, machines)
    except BaseException:
        take_down(state, quietly=True)
        raise
    print(f"lab: up in {time.monotonic() - begin:.1f} s: {', '.join(spec.nodes)}", flush=True)


def take_down(state: Path, *, quietly: bool = False) -> None:
    """Remove the lab of a state directory: containers, network and files."""
    prefix = prefix_of(state)
    containers = podman("ps", "--all", "--quiet", "--filter", f"label={LABEL}={prefix}").stdout.split()
    ssh.hang_up(state)
    if containers:
        podman("rm", "--force", "--time", "0", "--volumes", *containers)
    management.remove(prefix)
    if (state / MARKER).exists():
        for entry in state.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    if not quietly:
        print("lab: taken down" if containers else "lab: is down")


def prefix_of(state: Path) -> str:
    """Return the prefix of all container names of a lab, which depends on its state directory."""
    return f"evenkeel-{hashlib.sha256(str(state).encode()).hexdigest()[:8]}"


def _bring_back(lab: Lab, spec: Spec) -> None:
    if lab.definition != _definition(spec):
        raise LabError(
            f"{lab.state} holds another lab, or this one before its lab.yml was changed: `make lab-down` first"
        )
    running = lab.running()
    if SWITCH not in running:
        raise LabError(f"the lab in {lab.state} has lost its switch (a reboot of this machine?): `make lab-down` first")
    access.write_inventory(lab, spec)
    missing = [node for node in lab.nodes if node not in running]
    for node in missing:
        lab.start(node)
    print(f"lab: started {', '.join(missing)}" if missing else "lab: is up already")


def _image(spec: Spec, name: str, machines: set[str]) -> str:
    return spec.nodes[name].image + (images.MACHINE if name in machines else "")


def _make(spec: Spec, state: Path, machines: set[str]) -> None:
    prefix = prefix_of(state)
    state.mkdir(parents=True, exist_ok=True)
    (state / MARKER).touch()
    public_key = ssh.make_key(state)
    _start_switch(prefix)
    nodes = {
        name: Node(
            f"{prefix}-{name}", _image(spec, name, machines), reached, node.addresses, node.groups, name in machines
        )
        for (name, node), reached in zip(spec.nodes.items(), management.build(prefix, len(spec.nodes)), strict=True)
    }
    lab = Lab(state, prefix, f"{prefix}-{SWITCH}", _definition(spec), nodes)

    def start(name: str) -> None:
        _create(lab, name)
        if lab.nodes[name].machine:  # once it has booted, there is no way in but by the key
            access.admit(lab, name, public_key)
        lab.plug(name)
        lab.wait_booted(name, whole=True)
        access.write_names(lab, name)
        if not lab.nodes[name].machine:
            access.admit(lab, name, public_key)

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(start, nodes))
    access.write_inventory(lab, spec)
    lab.save()


def _start_switch(prefix: str) -> None:
    container = f"{prefix}-{SWITCH}"
    podman_making(
        *("run", "--detach", "--name", container, "--label", f"{LABEL}={prefix}", "--network", "none"),
        *(*limit_options(), images.tag(SWITCH_IMAGE), "sleep", "infinity"),
    )
    switch.build(container)


def _create(lab: Lab, name: str) -> None:
    node = lab.nodes[name]
    options, arguments = ["--systemd=always", f"--cap-add={CAPABILITIES}"], []
    if node.machine:
        reached = f"{node.management}/{management.PREFIX_LENGTH}"
        options, arguments = machine.options(), machine.arguments(reached, map(switch.address_options, node.addresses))
    podman_making(
        *("run", "--detach", "--name", node.container, "--hostname", name, "--label", f"{LABEL}={lab.prefix}"),
        *("--network", "none", "--no-hosts", *options, *limit_options(), images.tag(node.image), *arguments),
    )


def _definition(spec: Spec) -> str:
    return hashlib.sha256(repr(sorted(spec.nodes.items())).encode()).hexdigest()
