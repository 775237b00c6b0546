# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: measure every trial several times, at a request every 5 ms, for both engines and for a usual setup."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from lab import usual  # noqa: E402
from lab.access import INVENTORY  # noqa: E402
from lab.balancers import Balancers, fresh  # noqa: E402
from lab.cluster import Lab  # noqa: E402
from lab.engine import LabError  # noqa: E402
from lab.faults import site  # noqa: E402
from lab.playbook import preflight  # noqa: E402
from lab.report import markdown, table  # noqa: E402
from lab.trials import BY_NAME, TRIALS, TrialResult, run  # noqa: E402

JSON_FILE = ROOT / "docs" / "benchmarks.json"
MARKDOWN_FILE = ROOT / "docs" / "benchmarks.md"
EXAMPLES = {"haproxy": "r1-haproxy-pair", "nginx": "r2-nginx-pair"}
VERSIONS = {"haproxy": "haproxy -v", "nginx": "nginx -v 2>&1"}
# The trials that preflight's proof predicts, by its kind of failure
SINGLE_FAILURES = {
    "proxy_killed": "proxy",
    "keepalived_killed": "keepalived",
    "network_cut": "link",
    "node_killed": "node",
}
KEPT = ("lateness", "missed", "answer", "errors")
LAST_OUTAGES = 5


def main() -> int:
    """Measure, print the table, and write docs/benchmarks.{json,md}."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", default=".ansible/labs", help="where the labs that are made keep their state")
    parser.add_argument("--engines", nargs="+", choices=list(EXAMPLES), default=list(EXAMPLES))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--trials", nargs="+", choices=list(BY_NAME), default=list(BY_NAME))
    parser.add_argument("--no-usual", action="store_true", help="measure ours alone")
    parser.add_argument("--no-write", action="store_true", help="leave docs/ alone")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    try:
        for engine in options.engines:
            with_usual = engine == usual.PROXY and not options.no_usual
            lab_yml = ROOT / "examples" / EXAMPLES[engine] / "lab.yml"
            with fresh(lab_yml, Path(options.state).resolve() / f"bench-{engine}") as cluster:
                start_backends(cluster.lab)
                results[engine] = measure(cluster, options.trials, options.runs, with_usual=with_usual)
    except LabError as error:
        print(f"\nbench: {error}", file=sys.stderr)
        return 1
    print("\n" + table(results))
    if not options.no_write:
        JSON_FILE.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        MARKDOWN_FILE.write_text(markdown(results), encoding="utf-8")
        print(f"\nwritten: {MARKDOWN_FILE.relative_to(ROOT)}, {JSON_FILE.relative_to(ROOT)}")
    return 0


def start_backends(lab: Lab) -> None:
    """Set up the servers behind the balancers (lab/backends.yml).

    Raises: LabError, with the output of the playbook, if that fails.
    """
    tool = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [tool, "-i", str(lab.state / INVENTORY), str(ROOT / "lab" / "backends.yml")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise LabError(f"the backends do not run:\n{done.stdout}")


def measure(cluster: Balancers, trials: list[str], runs: int, *, with_usual: bool) -> dict[str, Any]:
    """Measure our configuration, then the usual one on the same nodes; restore ours at the end."""
    put_ours = site({})
    put_ours(cluster, "")
    result: dict[str, Any] = {
        "runs": runs,
        "machine": machine(cluster),
        "predicted_ms": predicted(cluster),
        "site_unchanged_seconds": [_timed(lambda: put_ours(cluster, "")) for _ in range(runs)],
        "ours": _repeat(cluster, "ours", trials, runs),
        "usual": {},
    }
    if with_usual:
        try:
            usual.put(cluster)
            common = [name for name in trials if not BY_NAME[name].ours_only]
            result["usual"] = _repeat(cluster, "usual", common, runs)
        finally:
            usual.take_away(cluster)
            put_ours(cluster, "")
    return result


def predicted(cluster: Balancers) -> dict[str, float]:
    """Return the outage in ms that the proof predicts for trials that are single failures of the active node."""
    failures = preflight(cluster.lab)["proof"]["failures"]
    outages = {str(each["parts"]): each["outage_seconds"] * 1000 for each in failures}
    aim = cluster.active()
    return {trial: outages[str([{"kind": kind, "node": aim}])] for trial, kind in SINGLE_FAILURES.items()}


def machine(cluster: Balancers) -> dict[str, str]:
    """Return machine, kernel and versions in words, for the preface of docs/benchmarks.md."""
    node = cluster.nodes[0]

    def version(command: str) -> str:
        found = re.search(r"\d+(\.\d+)+", cluster.run(node, command, check=False))
        return found[0] if found else "unknown"

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, nodes are systemd containers",
        "kernel": ".".join(platform.release().split(".")[:2]),
        "nodes": cluster.run(node, ". /etc/os-release; echo $PRETTY_NAME").strip(),
        "keepalived": version("keepalived --version"),
        cluster.proxy: version(VERSIONS[cluster.proxy]),
        "load_at_start": f"{os.getloadavg()[0]:.1f}",
    }


def _repeat(cluster: Balancers, what: str, trials: list[str], runs: int) -> dict[str, list[dict[str, Any]]]:
    done: dict[str, list[dict[str, Any]]] = {}
    for trial in (each for each in TRIALS if each.name in trials):
        print(f"{what}: {trial.titled(cluster.proxy)} ", end="", flush=True)
        for _ in range(runs):
            result = run(cluster, trial, strict=False)
            done.setdefault(trial.name, []).append(_plain(result))
            print(f"  {result.fault.failed}, {result.fault.gap_ms:.0f} ms", end="", flush=True)
        print(flush=True)
    return done


def _plain(result: TrialResult) -> dict[str, Any]:
    """Return a result as plain data, without the long details of the probe."""
    seen = {name: result.seen[name] for name in KEPT}
    return {**asdict(result), "seen": {**seen, "outages": result.seen["outages"][-LAST_OUTAGES:]}}


def _timed(act: Callable[[], None]) -> float:
    begin = time.monotonic()
    act()
    return round(time.monotonic() - begin, 1)


if __name__ == "__main__":
    sys.exit(main())
