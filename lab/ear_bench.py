# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the ear costs, in a network namespace with a cable to another one. Needs root.

    python lab/ear_bench.py [--instances 20] [--seconds 20]

This host and its peer advertise every instance ten times a second, each with another identification, as keepalived
does. That is more than happens: one of the two is active.
"""

from __future__ import annotations

import argparse
import compileall
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


from lab.adverts import ethernet, ipv4, vrrp3  # noqa: E402
from lab.engine import LabError  # noqa: E402
from lab.wire_namespace import LISTENER_MAC, SPEAKER_MAC, Host, cable  # noqa: E402
from plugins.module_utils.host.bundle import core_files  # noqa: E402

PROGRAM = "agent.ear.daemon"
PER_SECOND = 10  # adverts of one instance
MOST_BUSY = 0.005  # of one processor
MOST_MEMORY = 13.5 * 2**20
SETTLES = 3.0  # seconds until everything was asked for once
START = 10.0
IDENTITIES = 50  # as many packets of one instance differ in their identification


@dataclass(frozen=True)
class Cost:
    """What hearing so many adverts a second costs: `busy` is the share of one processor, `memory` is in octets."""

    adverts: float
    lost: int
    busy: float
    memory: int


def instances(number: int, interval: float = 1 / PER_SECOND, host: str = "192.0.2.11") -> dict[str, object]:
    """Return what the guard would write of so many instances; the speaker is the only peer."""
    return {
        "node": "lb1",
        "instances": [
            {
                **{"name": f"web{vrid}", "vrid": vrid, "family": "ipv4", "interface": "eth0", "version": 3},
                **{"priority": 254, "interval_seconds": interval, "down_timer_adverts": 3, "preempt": True},
                **{"preempt_delay_seconds": 0, "transport": "unicast", "source": host, "peers": ["192.0.2.99"]},
                "addresses": [f"192.0.2.{100 + vrid}"],
            }
            for vrid in range(1, number + 1)
        ],
    }


def adverts(number: int, ends: tuple[str, str], mac: str, priority: int) -> list[bytes]:
    """Return adverts of every instance, each of another identification."""
    found = []
    for identity in range(IDENTITIES):
        for vrid in range(1, number + 1):
            message = vrrp3(vrid, priority, (f"192.0.2.{100 + vrid}",), 100 // PER_SECOND, pseudo=ends)
            found.append(ethernet(_identified(ipv4(message, ends), identity), mac))
    return found


def _identified(packet: bytes, identity: int) -> bytes:
    """Give an IPv4 packet another identification; the checksum of its header stays wrong, which only routers see."""
    return packet[:4] + identity.to_bytes(2, "big") + packet[6:]


def install(folder: Path) -> None:
    """Put the ear into a folder as the role does on a node: what it imports, compiled, as the package `ha_lb`."""
    for each in core_files([PROGRAM], str(folder / "ha_lb")):
        path = Path(each["path"])
        if "content" in each:
            path.write_text(each["content"])
        else:
            path.mkdir()
    compileall.compile_dir(folder, quiet=1)


@contextmanager
def hearing(host: Host, folder: Path, *before: str, **files: object) -> Iterator[subprocess.Popen[str]]:
    """Run the ear on a host during the block, with these files as JSON; what it heard is in `heard.json`."""
    install(folder)
    for name, data in files.items():
        (folder / f"{name}.json").write_text(json.dumps(data))
    told = {name: folder / f"{name}.json" for name in ("instances", "uplinks", "heard")}
    variables = [f"HA_LB_{name.upper()}={path}" for name, path in {**told, "lock": folder / "lock"}.items()]
    command = ["env", f"PYTHONPATH={folder}", *variables, sys.executable, "-S", "-B", "-m", f"ha_lb.{PROGRAM}"]
    ear = subprocess.Popen(host.command(*before, *command), stdout=subprocess.PIPE, text=True)
    try:
        yield ear
    finally:
        ear.kill()
        ear.wait()


def heard(folder: Path) -> dict[str, object]:
    """Return what the ear has written, once it has.

    Raises: LabError, if it does not.
    """
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if (folder / "heard.json").exists():
            report: dict[str, object] = json.loads((folder / "heard.json").read_text())
            return report
        time.sleep(0.05)
    raise LabError(f"the ear wrote nothing within {START:g} s")


def measure(number: int, seconds: float) -> Cost:
    """Measure the cost of so many instances over some seconds."""
    ours, theirs = ("192.0.2.11", "192.0.2.99"), ("192.0.2.99", "192.0.2.11")
    mine = adverts(number, ours, LISTENER_MAC, 254)
    peers = adverts(number, theirs, SPEAKER_MAC, 200)
    rate = number * PER_SECOND
    with tempfile.TemporaryDirectory() as name, cable() as (listener, speaker):
        folder = Path(name)
        with hearing(listener, folder, instances=instances(number)) as ear:
            heard(folder)
            with listener.speaking(mine, rate, seconds + 30), speaker.speaking(peers, rate, seconds + 30):
                time.sleep(SETTLES)
                counted, used, begin = _counted(folder), _processor(ear.pid), time.monotonic()
                time.sleep(seconds)
                took = time.monotonic() - begin
                used = _processor(ear.pid) - used
                memory = next(line for line in _proc(ear.pid, "status").splitlines() if line.startswith("VmRSS"))
                counted = _counted(folder) - counted
                lost = heard(folder)["lost"]
    assert isinstance(lost, int)
    return Cost(counted / took, lost, used / took, int(memory.split()[1]) * 1024)


def _counted(folder: Path) -> int:
    routers = heard(folder)["routers"]
    assert isinstance(routers, list)
    return sum(each["adverts"] for each in routers)


def _proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def _processor(pid: int) -> float:
    """Return the seconds of a processor that a process has used."""
    return int(_proc(pid, "schedstat").split()[0]) / 1e9


def main() -> int:
    """Measure, print a table, and return 1 if it is more than the ear may cost."""
    parser = argparse.ArgumentParser(description="Measure what the ear costs.")
    parser.add_argument("--instances", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    cost = measure(options.instances, options.seconds)
    print("| instances | adverts/s heard | lost | of one processor | resident memory |\n|---|---|---|---|---|")
    memory = f"{cost.memory / 2**20:.1f} MiB"
    print(f"| {options.instances} | {cost.adverts:.0f} | {cost.lost} | {cost.busy:.2%} | {memory} |", flush=True)
    within = cost.busy <= MOST_BUSY and cost.memory <= MOST_MEMORY and not cost.lost
    return 0 if within and cost.adverts > options.instances * PER_SECOND else 1


if __name__ == "__main__":
    sys.exit(main())
