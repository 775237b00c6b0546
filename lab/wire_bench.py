# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how many adverts per second `vrid_conflict` can hear, on a veth pair of two network namespaces. Needs root.

    python lab/wire_bench.py [--rates 1000 10000 20000] [--seconds 3]

At every rate, four routers send adverts for 255 VRIDs in both families. Every advert must be heard.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from lab.adverts import ethernet, ipv4, ipv6, vrrp2, vrrp3  # noqa: E402
from lab.engine import LabError, execute  # noqa: E402
from lab.wire_namespace import Host, cable  # noqa: E402

MODULE = "ansible_collections.evenkeel.ha_lb.plugins.modules.vrid_conflict"
ROUTERS = range(101, 105)
VRIDS = range(1, 256)
MARGIN = 2.0  # seconds for which it listens longer than the flood lasts
START = 30.0


@dataclass(frozen=True)
class RateResult:
    """Adverts sent and heard at one rate; `busy` is the listener's share of one processor."""

    rate: int
    sent: int
    heard: int
    lost: int
    vrids: int
    busy: float

    @property
    def is_complete(self) -> bool:
        """Tell whether every advert was heard."""
        return self.heard == self.sent and self.lost == 0 and self.vrids == len(VRIDS)


def flood() -> list[bytes]:
    """Return one advert of every router for every VRID and family; VRRPv2 and VRRPv3."""
    frames = []
    for vrid in VRIDS:
        for router in ROUTERS:
            four, six = (f"192.0.2.{router}", "224.0.0.18"), (f"fe80::{router}", "ff02::12")
            mac = f"02:00:00:00:01:{router:02x}"
            message = vrrp2(vrid) if router % 2 else vrrp3(vrid, pseudo=four)
            frames.append(ethernet(ipv4(message, four), mac))
            frames.append(
                ethernet(ipv6(vrrp3(vrid, addresses=("fe80::1",), pseudo=six), six), mac, to="33:33:00:00:00:12")
            )
    return frames


def measure(listener: Host, speaker: Host, rate: int, seconds: float) -> RateResult:
    """Run the module on one host while the other sends.

    Raises: LabError, if the module does not start to listen.
    """
    with tempfile.TemporaryDirectory() as folder:
        arguments, answer = Path(folder, "arguments.json"), Path(folder, "answer.json")
        options = {"listen_seconds": seconds + MARGIN, "interfaces": ["eth0"]}
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
        path = f"PYTHONPATH={ROOT / '.ansible/collections'}"
        with answer.open("w") as out:
            command = listener.command("env", path, sys.executable, "-m", MODULE, str(arguments))
            module = subprocess.Popen(command, stdout=out)
        _wait_until_it_listens(listener)
        with speaker.speaking(flood(), rate, seconds) as sender:
            assert sender.stdout
            sent = int(sender.stdout.read())
        usage = os.wait4(module.pid, 0)[2]
        module.returncode = 0
        result = json.loads(answer.read_text())
    heard = [each for each in result["heard"] if each["mac"].startswith("02:00:00:00:01")]
    counted = [int(each.split()[0]) for each in result["unseen"] if "adverts more" in each]
    return RateResult(
        rate=rate,
        sent=sent,
        heard=sum(each["adverts"] for each in heard) + sum(counted),
        lost=result["lost"],
        vrids=len(result["vrids"]),
        busy=(usage.ru_utime + usage.ru_stime) / (seconds + MARGIN),
    )


def _wait_until_it_listens(listener: Host) -> None:
    """Wait for a packet socket in the namespace; the first line of /proc/net/packet is a header."""
    deadline = time.monotonic() + START
    while len(execute(listener.command("cat", "/proc/net/packet")).stdout.splitlines()) < 2:
        if time.monotonic() > deadline:
            raise LabError(f"the module did not listen within {START:g} s")
        time.sleep(0.05)


def main() -> int:
    """Measure every rate and print a table; return 1 if an advert was missed."""
    parser = argparse.ArgumentParser(description="Measure how fast vrid_conflict hears.")
    parser.add_argument("--rates", type=int, nargs="+", default=[1000, 10_000, 20_000])
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    print("| adverts/s | sent | heard | lost | VRIDs of 255 | of one processor |\n|---|---|---|---|---|---|")
    complete = True
    with cable() as (listener, speaker):
        for rate in options.rates:
            each = measure(listener, speaker, rate, options.seconds)
            complete = complete and each.is_complete
            print(f"| {rate} | {each.sent} | {each.heard} | {each.lost} | {each.vrids} | {each.busy:.0%} |", flush=True)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
