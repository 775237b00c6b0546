# SPDX-License-Identifier: GPL-3.0-or-later
"""`make recordings`: run sequences of faults with real keepalived; write what it did to tests/fixtures/recordings."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from lab.balancers import Balancers, Unsettled, fresh  # noqa: E402
from lab.engine import LabError  # noqa: E402
from lab.faults import site  # noqa: E402
from lab.recorder import Recorder  # noqa: E402
from lab.sequences import VARIANTS, Sequences  # noqa: E402
from lab.spec import read_inventory  # noqa: E402

STATE = ROOT / ".ansible" / "labs" / "recordings"
FIXTURES = ROOT / "tests" / "fixtures" / "recordings"
INVENTORY = ROOT / "lab" / "recorded" / "inventory.yml"
DISTRIBUTIONS = {"debian12": "before 2.3.3", "debian13": "since 2.3.3"}


def record(cluster: Balancers, distribution: str, variant: str, names: str) -> None:
    """Record the sequences of one variant, and write them."""
    variables, sequences = VARIANTS[variant]
    site(variables)(cluster, "")
    version = re.search(r"v(\d+\.\d+\.\d+)", cluster.run(cluster.nodes[0], "keepalived --version"))
    assert version is not None
    recorder = Recorder(cluster, "keepalived_preempt" not in variables)
    recordings = []
    for name, steps in sequences.items():
        if re.search(names, name):
            try:
                recordings.append(recorder.record(name, steps))
                print(f"  {name}: {len(recordings[-1]['seen'])} changes", flush=True)
            except Unsettled as error:
                print(f"  {name}: {error}", flush=True)
    addresses = {node: [each.partition("/")[0] for each in cluster.lab.nodes[node].addresses] for node in cluster.nodes}
    path = FIXTURES / f"{distribution}-{variant}.json"
    fixture = {
        "keepalived": version[1],
        "generation": DISTRIBUTIONS[distribution],
        "nodes": [{"name": node, "address": each} for node, each in addresses.items()],
        "vips": read_inventory(INVENTORY).groups["loadbalancers"]["vars"]["ha_lb_vips"],
        "preempt": recorder.preempts,
        "preempt_delay": variables.get("keepalived_preempt_delay_seconds", 0),
        # Instances with a preempt_delay
        "waiting": {
            node: [name for name, block in cluster.configured(node).items() if "preempt_delay" in block]
            for node in cluster.nodes
        },
        "recordings": _merged(path, recordings, sequences),
    }
    FIXTURES.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fixture, indent=1) + "\n", encoding="utf-8")


def _merged(path: Path, recordings: list[dict[str, Any]], sequences: Sequences) -> list[dict[str, Any]]:
    """Return the new recordings and those of the file that were not made anew, in the order of the sequences."""
    kept = json.loads(path.read_text(encoding="utf-8"))["recordings"] if path.exists() else []
    by_name = {each["name"]: each for each in [*kept, *recordings]}
    return [by_name[name] for name in sequences if name in by_name]


def main() -> int:
    """Record every variant on every distribution."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--distributions", nargs="+", choices=list(DISTRIBUTIONS), default=list(DISTRIBUTIONS))
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--names", default="", help="a regular expression: only these sequences")
    options = parser.parse_args()
    begin = time.monotonic()
    try:
        for distribution in options.distributions:
            with fresh(ROOT / "lab" / "recorded" / f"{distribution}.yml", STATE) as cluster:
                # `site` verifies that every service answers
                cluster.run(cluster.client, "systemd-run --unit=web python3 -m http.server 8080")
                for variant in options.variants:
                    print(f"{distribution}, {variant}:", flush=True)
                    record(cluster, distribution, variant, options.names)
    except LabError as error:
        print(f"recordings: {error}", file=sys.stderr)
        return 1
    print(f"recorded in {time.monotonic() - begin:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
