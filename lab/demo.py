# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: set up the cluster, show its status, and show what a client sees while the active node is broken."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from lab.access import INVENTORY  # noqa: E402
from lab.balancers import Balancers  # noqa: E402
from lab.cluster import Lab  # noqa: E402
from lab.engine import LabError  # noqa: E402
from lab.trials import BY_NAME, TrialResult, run  # noqa: E402

SHOWN = ("proxy_killed", "network_cut", "drained")
LAST_LINES = 30
GOODBYE = """
The lab stays. With .venv/bin in PATH, from here:
  ansible-playbook -i {inventory} evenkeel.ha_lb.status
  ansible-playbook -i {inventory} evenkeel.ha_lb.site --check --diff -e {proxy}_timeout_client_seconds=20
  .venv/bin/python lab/lab.py{state} cut lb1     # pull its cable; heal lb1 puts it back
  .venv/bin/python lab/lab.py{state} run lb1 systemctl stop {proxy}
The inventory is {example}/inventory; `make lab-down` removes the lab."""


def playbook(lab: Lab, name: str, what: str, *arguments: str) -> None:
    """Run a playbook of the collection, its output in the lab's directory.

    Raises: LabError, with the end of the output, if it fails.
    """
    print(f"{what} ... ", end="", flush=True)
    begin = time.monotonic()
    log = lab.state / f"{name}.log"
    command = ["ansible-playbook", "-i", str(lab.state / INVENTORY), f"evenkeel.ha_lb.{name}", *arguments]
    with log.open("w", encoding="utf-8") as output:
        code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False, cwd=ROOT).returncode
    if code:
        end = "\n".join(log.read_text(encoding="utf-8").splitlines()[-LAST_LINES:])
        raise LabError(f"{name} failed; the end of {log}:\n{end}")
    print(f"{time.monotonic() - begin:.0f} s")


def prove(lab: Lab) -> None:
    """Run `preflight`, and print a summary of its proof."""
    page, data = lab.state / "preflight.html", lab.state / "preflight.json"
    files = json.dumps({"ha_lb_preflight_page": str(page), "ha_lb_preflight_file": str(data)})
    playbook(lab, "preflight", "preflight: lay out, and simulate every failure and every pair", "-e", files)
    failures = json.loads(data.read_text(encoding="utf-8"))["proof"]["failures"]
    longest = max(failures, key=lambda each: each["outage_seconds"])
    worst = f"{longest['outage_seconds'] * 1000:.0f} ms ({longest['title']})"
    print(f"  {len(failures)} failures, each with one holder where one can be; longest outage {worst}; drawn in {page}")


def show(result: TrialResult, title: str) -> None:
    """Print what the client saw of a trial."""
    worst = f"longest gap {result.gap_ms:.0f} ms" if result.failed else "no gap"
    print(f"  {title}: {result.failed} of {result.sent:,} requests failed, {worst}")


def main() -> int:
    """Run the demo on a lab that is up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", default=".lab", help="the lab's state directory")
    parser.add_argument("--example", default="examples/r1-haproxy-pair")
    options = parser.parse_args()
    try:
        lab = Lab.load(options.state)
        prove(lab)
        playbook(lab, "site", "site: check the whole inventory, stage, put in force node by node, verify")
        with Balancers(lab) as cluster:
            cluster.wait_whole()  # the last node that `site` changed takes its VIPs back only after a delay
        data = lab.state / "status.json"
        playbook(lab, "status", "status: who holds what", "-e", f"ha_lb_status_file={data}")
        print("\n  " + "\n  ".join(json.loads(data.read_text(encoding="utf-8"))["table"].splitlines()) + "\n")
        print("Now the active node is broken, while a client sends a request each 5 ms on a connection of its own:")
        with Balancers(lab) as cluster:
            for name in SHOWN:
                show(run(cluster, BY_NAME[name], through_heal=True), BY_NAME[name].titled(cluster.proxy))
    except LabError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    state = "" if options.state == ".lab" else f" --state {options.state}"
    inventory = f"{options.state}/{INVENTORY}"
    print(GOODBYE.format(inventory=inventory, state=state, proxy=cluster.proxy, example=options.example))
    return 0


if __name__ == "__main__":
    sys.exit(main())
