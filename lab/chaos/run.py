# SPDX-License-Identifier: GPL-3.0-or-later
"""`make chaos`: rounds of random faults on a lab under load; shrinks what fails, writes docs/reliability.{md,json}."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from lab.balancers import Balancers, fresh  # noqa: E402
from lab.bench import machine, start_backends  # noqa: E402
from lab.chaos.acts import SITE_VARIABLES  # noqa: E402
from lab.chaos.bound import Timing  # noqa: E402
from lab.chaos.catalogue import BY_NAME, FAULTS, Fault  # noqa: E402
from lab.chaos.schedule import Round, Step, read_round, rounds, singly  # noqa: E402
from lab.chaos.shrink import shrunk  # noqa: E402
from lab.chaos.stage import BROKEN, LATER_SECONDS, WHOLE, Result, Stage  # noqa: E402
from lab.chaos.stream import KEPT_CONNECTIONS, KEPT_SECONDS, NEW_SECONDS  # noqa: E402
from lab.chaos.table import markdown, merged  # noqa: E402
from lab.engine import LabError  # noqa: E402
from lab.faults import site  # noqa: E402
from lab.membership import describe  # noqa: E402
from lab.standstill import Standstills  # noqa: E402

JSON_FILE = ROOT / "docs" / "reliability.json"
MARKDOWN_FILE = ROOT / "docs" / "reliability.md"
EXAMPLES = {
    ("haproxy", 2): "r1-haproxy-pair",
    ("nginx", 2): "r2-nginx-pair",
    ("haproxy", 3): "three-nodes",
    ("nginx", 3): "three-nodes",
}
PREEMPT_DELAY_SECONDS = 0.5
# A switch that has learned a wrong place of a VIP is told the right one so soon
REFRESH_SECONDS = 1
# For so long nginx leaves out a server that failed; it has no checks of its own
FAIL_TIMEOUT_SECONDS = 1
PROVE_EVERY = 10
MOST_SHRUNK = 10


def main() -> int:
    """Play the rounds, and return 1 if one failed."""
    options = _parser().parse_args()
    # So that an end by `kill` takes the lab down, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lab_yml = ROOT / "examples" / EXAMPLES[options.engine, options.nodes] / "lab.yml"
    name = f"{options.engine}, {options.nodes} nodes"
    state = Path(options.state).resolve() / f"chaos-{options.engine}-{options.nodes}"
    try:
        chosen = _chosen(options)
        with fresh(lab_yml, state) as cluster:
            prepare(cluster, options.engine)
            with Stage.ready(cluster, Timing(PREEMPT_DELAY_SECONDS)) as stage, Standstills() as still:
                player = Player(stage, still, f"ENGINE={options.engine} NODES={options.nodes}", shrink=options.shrink)
                results = player.play_all(_wanted(options, stage, chosen), prove=bool(options.round))
            on = machine(cluster)
    except LabError as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("chaos: interrupted; docs/ is left alone", file=sys.stderr)
        return 130
    if options.write and not (options.round or options.singly):
        versions = f"{on['nodes']}, keepalived {on['keepalived']}, {options.engine} {on[options.engine]}"
        write(name, {"seed": options.seed, "machine": versions, "rounds": [plain(each) for each in results]})
    failed = [each for each in results if each.state != WHOLE]
    print(f"\nchaos: {len(results)} rounds, {len(failed)} not whole in time")
    return 1 if failed else 0


def prepare(cluster: Balancers, engine: str) -> None:
    """Set up backends, nftables and our own configuration, with a short delay of preemption.

    Raises: LabError, if that fails.
    """
    start_backends(cluster.lab)
    for node in cluster.nodes:
        install = "apt-get -q install -y --no-install-recommends nftables >/dev/null"
        cluster.run(node, f"command -v nft >/dev/null || DEBIAN_FRONTEND=noninteractive {install}")
        # The proxy logs every request
        limit = "/etc/systemd/journald.conf.d/chaos.conf"
        cluster.run(node, f"mkdir -p {Path(limit).parent} && printf '[Journal]\\nSystemMaxUse=48M\\n' >{limit}")
        cluster.run(node, "systemctl restart systemd-journald")
    variables: dict[str, object] = {
        "keepalived_preempt_delay_seconds": PREEMPT_DELAY_SECONDS,
        "keepalived_garp_refresh_seconds": REFRESH_SECONDS,
    }
    if engine == "nginx":
        variables["nginx_fail_timeout_seconds"] = FAIL_TIMEOUT_SECONDS
    if engine != cluster.proxy:
        variables["ha_lb_engine"] = engine
    describe(cluster, *cluster.nodes, **variables)
    print("chaos: site ...", flush=True)
    site(SITE_VARIABLES)(cluster, "")


class Player:
    """Plays rounds, says how each went in a line, and shrinks those that fail."""

    def __init__(self, stage: Stage, still: Standstills, where: str, *, shrink: bool = True) -> None:
        self.stage, self.still, self.where, self.shrink = stage, still, where, shrink
        self._shrunk: set[tuple[str, ...]] = set()

    def play_all(self, wanted: Iterator[Round], *, prove: bool = False) -> list[Result]:
        """Play all rounds; every tenth, or with `prove` every one, is proved."""
        results = []
        # Those since the last proof: what it finds may be of any of them
        recent: list[Round] = []
        for one in wanted:
            proving = prove or one.number % PROVE_EVERY == 0
            recent.append(one)
            result = self.play(one, prove=proving)
            results.append(result)
            if result.state != WHOLE:
                self.reduce(result, recent if proving and result.whole_after < result.bound else [one], proving)
            if proving or result.state == BROKEN:
                recent = []
        return [self.stage.measured(each) for each in results]

    def play(self, one: Round, *, prove: bool = False) -> Result:
        """Play a round, again if this machine stood still while it failed, and say how it went."""
        result = self._played(one, prove=prove)
        stood = self.still.since(result.began)
        if result.state != WHOLE and stood:
            print(f"      this machine stood still for {max(stood):.1f} s: again", flush=True)
            result = self._played(one, prove=prove)
        return result

    def _played(self, one: Round, *, prove: bool) -> Result:
        result = self.stage.play(one, prove=prove)
        print(told(result), flush=True)
        if result.state == BROKEN:
            print(f"      mended by {self.stage.repair()}", flush=True)
        return result

    def reduce(self, result: Result, recent: list[Round], proving: bool) -> None:
        """Find the smallest round that fails, beginning with the last of these, and print the command that plays it."""
        kinds = tuple(sorted({step.fault for step in result.round.steps}))
        if not self.shrink or kinds in self._shrunk or len(self._shrunk) >= MOST_SHRUNK:
            print(self._command(result.round), flush=True)
            return
        self._shrunk.add(kinds)

        def fails(steps: tuple[Step, ...]) -> bool:
            return self.play(Round(0, steps), prove=proving).state != WHOLE

        for one in reversed(recent):
            if len(recent) == 1 or fails(one.steps):
                print(self._command(Round(0, shrunk(one.steps, fails))), flush=True)
                return
        print(f"      none of the last {len(recent)} rounds fails alone; the last was", flush=True)
        print(self._command(result.round), flush=True)

    def _command(self, one: Round) -> str:
        return f"      make chaos {self.where} ROUND='{one.json()}'"


def told(result: Result) -> str:
    """Return the line about a round, and what is wrong in lines of their own."""
    figures = (
        f"failed {result.failed_new} new, {result.failed_kept} kept; "
        f"two {result.two_holders_ms:.0f} ms, none {result.none_ms:.0f} ms"
    )
    whole = f"{result.state} after {result.whole_after:.1f} of {result.bound:.1f} s"
    lines = [f"{result.round.number:4} {result.took:5.1f} s  {result.round}: {whole}; {figures}"]
    return "\n".join([*lines, *(f"      {each}" for each in (*result.wrong, *result.notes))])


def plain(result: Result) -> dict[str, Any]:
    """Return a result as plain data for the JSON file."""
    data = asdict(result)
    one = data.pop("round")
    for name in ("began", "ended", "notes"):
        del data[name]
    return {"number": one["number"], "steps": one["steps"], **data}


def write(name: str, found: dict[str, Any]) -> None:
    """Put the results of a cluster into docs/reliability.json, and write the page anew."""
    before = json.loads(JSON_FILE.read_text(encoding="utf-8")) if JSON_FILE.exists() else {}
    results = merged(before, name, found)
    JSON_FILE.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    MARKDOWN_FILE.write_text(page(results), encoding="utf-8")
    print(f"written: {MARKDOWN_FILE.relative_to(ROOT)}, {JSON_FILE.relative_to(ROOT)}")


def page(results: dict[str, Any]) -> str:
    """Return docs/reliability.md."""
    kept = KEPT_CONNECTIONS / KEPT_SECONDS
    return markdown(results, new=1 / NEW_SECONDS, kept=kept, later=LATER_SECONDS, delay=PREEMPT_DELAY_SECONDS)


def _chosen(options: argparse.Namespace) -> list[Fault]:
    names = [*options.faults.split(), *options.without.split()]
    if unknown := [name for name in names if name not in BY_NAME]:
        raise LabError(f"FAULTS: {unknown[0]} is none of {', '.join(BY_NAME)}")
    wanted = options.faults.split() or list(BY_NAME)
    return [fault for fault in FAULTS if fault.name in wanted and fault.name not in options.without.split()]


def _wanted(options: argparse.Namespace, stage: Stage, chosen: list[Fault]) -> Iterator[Round]:
    if options.round:
        one = read_round(options.round, stage.nodes, BY_NAME)
        return iter([one] * options.repeat)
    if options.singly:
        return singly(options.seed, stage.nodes, chosen)
    return islice(rounds(options.seed, stage.nodes, chosen), options.rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", default=".ansible/labs", help="where the lab that is made keeps its state")
    parser.add_argument("--engine", choices=("haproxy", "nginx"), default="haproxy")
    parser.add_argument("--nodes", type=int, choices=(2, 3), default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--round", default="", help="one round as JSON, as it is printed of one that failed")
    parser.add_argument("--singly", action="store_true", help="every fault once and alone, instead of by chance")
    parser.add_argument("--repeat", type=int, default=1, help="how often to play the one round")
    parser.add_argument("--faults", default="", help="only these faults, with spaces between them")
    parser.add_argument("--without", default="", help="all faults but these")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false", help="leave rounds that fail as they are")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/ alone")
    return parser


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
