# SPDX-License-Identifier: GPL-3.0-or-later
"""`make chaos`: the rounds of a seed, the bound of a round, how one is made smaller, and the page that is written."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from lab.chaos.bound import Timing, bound
from lab.chaos.catalogue import ALL, BACKEND, BY_NAME, FAULTS, NOW, OTHER
from lab.chaos.look import differences
from lab.chaos.run import JSON_FILE, MARKDOWN_FILE, Player, page
from lab.chaos.schedule import OFTEN, Nodes, Round, Step, read_round, rounds, singly
from lab.chaos.shrink import SHORTEST_SECONDS, shrunk
from lab.chaos.stage import BROKEN, WHOLE, Result
from lab.chaos.table import clusters, faults, merged
from lab.engine import LabError

PAIR = Nodes(("lb1", "lb2"), ("lb1",), ("web1", "web2"))
THREE = Nodes(("lb1", "lb2", "lb3"), ("lb1", "lb2", "lb3"), ("web1", "web2"))
TIMING = Timing(preempt_delay_seconds=0.5)


def some(seed: int, count: int, nodes: Nodes = PAIR) -> list[Round]:
    return list(islice(rounds(seed, nodes, FAULTS), count))


def test_the_same_seed_has_the_same_rounds() -> None:
    assert some(7, 50) == some(7, 50)
    assert some(7, 50) != some(8, 50)


@pytest.mark.parametrize("nodes", [PAIR, THREE])
def test_every_fault_comes_and_on_a_node_of_its_kind(nodes: Nodes) -> None:
    deck = sum(1 if fault.slow else OFTEN for fault in FAULTS)
    played = some(1, deck, nodes)
    firsts = [one.steps[0].fault for one in played]
    assert {name: firsts.count(name) for name in BY_NAME} == {
        fault.name: 1 if fault.slow else OFTEN for fault in FAULTS
    }
    for step in (step for one in played for step in one.steps):
        fault = BY_NAME[step.fault]
        assert step.node in nodes.of(fault.where)
        assert fault.seconds[0] <= step.seconds <= fault.seconds[1]


def test_every_fault_can_be_played_alone_and_the_slow_ones_last() -> None:
    played = [one.steps for one in singly(1, PAIR, FAULTS)]
    assert sorted(step.fault for (step,) in played) == sorted(BY_NAME)
    slow = [BY_NAME[step.fault].slow for (step,) in played]
    assert slow == sorted(slow)


def test_where_a_fault_may_be() -> None:
    assert PAIR.of(OTHER) == ("lb2",)
    assert THREE.of(OTHER) == THREE.balancers
    assert PAIR.of(BACKEND) == ("web1", "web2")
    assert PAIR.of(ALL) == (ALL,)


def test_a_round_has_one_fault_or_two_different_ones_and_one_that_is_slow_at_most() -> None:
    played = some(3, 300)
    assert {len(one.steps) for one in played} == {1, 2}
    for one in played:
        assert len({(step.fault, step.node) for step in one.steps}) == len(one.steps)
        assert sum(BY_NAME[step.fault].slow for step in one.steps) <= 1


def test_what_is_printed_of_a_round_can_be_played() -> None:
    for one in some(5, 30):
        assert read_round(one.json(), PAIR, BY_NAME).steps == one.steps
        assert "'" not in one.json()


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("{", "ROUND: no JSON"),
        ("[]", "ROUND.steps: a list"),
        ('{"steps": []}', "ROUND.steps: a list"),
        ('{"steps": [{"fault": "run_wiped"}]}', "ROUND.steps[0]: fault and node are wanted"),
        ('{"steps": [{"fault": "run_wipd", "node": "lb1"}]}', "ROUND.steps[0].fault: run_wipd is none of"),
        ('{"steps": [{"fault": "run_wiped", "node": "web1"}]}', "ROUND.steps[0].node: web1 is none of lb1, lb2"),
        ('{"steps": [{"fault": "backend_killed", "node": "lb1"}]}', "ROUND.steps[0].node: lb1 is none of web1, web2"),
        ('{"steps": [{"fault": "run_wiped", "node": "lb1", "at": -1}]}', "ROUND.steps[0].at: -1 is no number"),
        (
            '{"steps": [{"fault": "run_wiped", "node": "lb1", "seconds": "2"}]}',
            "ROUND.steps[0].seconds: 2 is no number",
        ),
    ],
)
def test_a_round_that_is_not_one_is_refused(text: str, finding: str) -> None:
    with pytest.raises(LabError) as refused:
        read_round(text, PAIR, BY_NAME)
    assert str(refused.value).startswith(finding)


def test_the_bound_grows_with_every_fault_and_with_the_delay_of_preemption() -> None:
    wiped, killed = Step("run_wiped", "lb1"), Step("proxy_killed", "lb2", 0.3)
    alone = bound([wiped], BY_NAME, TIMING)
    assert alone == round(BY_NAME["run_wiped"].mends + TIMING.move_seconds, 2)
    assert bound([wiped, killed], BY_NAME, TIMING) == round(alone + BY_NAME["proxy_killed"].mends, 2)
    assert bound([wiped], BY_NAME, Timing(5.0)) == round(alone + 4.5, 2)


def test_every_fault_is_one_that_can_end() -> None:
    assert len(BY_NAME) == len(FAULTS)
    for fault in FAULTS:
        assert fault.mends >= NOW
        # What lasts needs an end, and what is over at once has none
        assert (fault.end is None) == (fault.seconds == (0.0, 0.0)), fault.name


def test_a_failing_pair_is_shrunk_to_the_step_that_fails_and_to_its_shortest() -> None:
    wiped = Step("run_wiped", "lb1", 0.4)
    frozen = Step("proxy_frozen", "lb2", 0.7, 3.2)
    assert shrunk((wiped, frozen), lambda steps: "run_wiped" in {step.fault for step in steps}) == (
        Step("run_wiped", "lb1"),
    )
    (least,) = shrunk((wiped, frozen), lambda steps: "proxy_frozen" in {step.fault for step in steps})
    assert (least.fault, least.at) == ("proxy_frozen", 0.0)
    assert SHORTEST_SECONDS <= least.seconds <= 2 * SHORTEST_SECONDS


def test_what_fails_only_together_stays_together_and_nothing_is_played_twice() -> None:
    steps = (Step("run_wiped", "lb1", 0.5), Step("keepalived_restarted", "lb1", 1.5))
    played = []

    def fails(some: tuple[Step, ...]) -> bool:
        played.append(some)
        return len(some) == 2 and some[0].at < some[1].at

    assert [step.at for step in shrunk(steps, fails)] == [0.0, 1.0]
    assert len(played) == len(set(played))


def test_the_shrinker_gives_up_in_time() -> None:
    played = []
    shrunk(tuple(Step("run_wiped", "lb1", at, 2.0) for at in range(9)), lambda some: bool(played.append(some)), 5)
    assert len(played) == 5


def test_differences_are_sentences_and_few() -> None:
    assert differences("lb1", ["a", "b"], ["b", "c"]) == ["lb1: there is no more 'a'", "lb1: there is now 'c'"]
    many = differences("lb1", [], [f"file {number:02}" for number in range(20)])
    assert len(many) == 7
    assert many[-1] == "lb1: and 20 differences in all"


def row(state: str, *steps: Step, **figures: float) -> dict[str, object]:
    usual = {"whole_after": 1.0, "took": 4.0, "failed_new": 0, "failed_kept": 0, "two_holders_ms": 0, "none_ms": 0}
    return {"steps": [vars(step) for step in steps], "state": state, **usual, **figures}


def test_the_table_of_faults_has_the_median_alone_and_the_worst_of_all() -> None:
    wiped, killed = Step("run_wiped", "lb1"), Step("proxy_killed", "lb2")
    text = faults(
        [
            row("whole", wiped, failed_new=1),
            row("whole", wiped, failed_new=3, none_ms=1500),
            row("late", wiped, killed, failed_new=9, whole_after=8.0),
        ]
    )
    lines = text.splitlines()
    assert lines[2] == (
        "| {} | 1 | 0 | 0 | - (8.0 s) | - (9) | - (0) | - (0 ms) | - (0 ms) |".format("proxy killed (SIGKILL)")
    )
    assert (
        lines[3]
        == "| /run/ha_lb/* removed | 3 | 2 | 2 | 1.0 s (8.0 s) | 2 (9) | 0 (0) | 0 ms (0 ms) | 750 ms (1.5 s) |"
    )
    assert len(lines) == 4


def test_the_table_of_clusters_counts_what_was_late_and_what_was_mended_by_a_person() -> None:
    step = Step("run_wiped", "lb1")
    rows = [row(state, step) for state in ("whole", "late", "broken", "whole")]
    text = clusters({"haproxy, 2 nodes": {"seed": 4, "machine": "x", "rounds": rows}})
    assert text.splitlines()[2] == "| haproxy, 2 nodes | 4 | 4 | 2 | 1 | 4.0 | x |"


def test_results_of_a_cluster_replace_those_before_and_leave_the_others() -> None:
    before = {"haproxy, 2 nodes": {"seed": 1}, "nginx, 2 nodes": {"seed": 1}}
    assert merged(before, "nginx, 2 nodes", {"seed": 2}) == {
        "haproxy, 2 nodes": {"seed": 1},
        "nginx, 2 nodes": {"seed": 2},
    }


def test_the_page_is_that_of_the_results_beside_it() -> None:
    assert MARKDOWN_FILE.read_text() == page(json.loads(JSON_FILE.read_text()))


class Rehearsal:
    """A stage on which a round with one fault fails at once, and one with another only when it is proved."""

    def __init__(self, failing: str = "", unable: str = "") -> None:
        self.failing, self.unable = failing, unable
        self.broken = False
        self.played: list[str] = []
        self.mended = 0

    def play(self, one: Round, *, prove: bool = False) -> Result:
        names = {step.fault for step in one.steps}
        self.played.append(f"{'proved: ' if prove else ''}{'+'.join(sorted(names))}")
        self.broken = self.broken or self.unable in names
        bad = (prove and self.broken) or self.failing in names
        after = 9.0 if self.failing in names else 1.0
        return Result(one, BROKEN if bad else WHOLE, after, 5.0, after, ("it is not",) if bad else (), 0.0, 9.0)

    def repair(self) -> str:
        self.mended += 1
        self.broken = False
        return "site"

    def measured(self, result: Result) -> Result:
        return result


class Awake:
    def since(self, _begin: float) -> list[float]:
        return []


def playing(stage: Rehearsal, *faults: str) -> tuple[list[Result], Rehearsal]:
    wanted = [Round(number, (Step(fault, "lb1"),)) for number, fault in enumerate(faults, start=1)]
    return Player(stage, Awake(), "ENGINE=x NODES=2").play_all(iter(wanted)), stage  # type: ignore[arg-type]


def test_a_round_that_fails_is_mended_and_printed_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    results, stage = playing(Rehearsal("run_wiped"), "proxy_killed", "run_wiped", "proxy_killed")
    assert [each.state for each in results] == [WHOLE, BROKEN, WHOLE]
    assert stage.mended == 1
    said = capsys.readouterr().out
    assert 'make chaos ENGINE=x NODES=2 ROUND=\'{"steps": [{"fault": "run_wiped", "node": "lb1"}]}\'' in said
    assert "it is not" in said


def test_what_only_the_tenth_round_finds_is_sought_in_those_before(capsys: pytest.CaptureFixture[str]) -> None:
    faults = ["proxy_killed"] * 6 + ["interface_made_again"] + ["proxy_killed"] * 3
    results, stage = playing(Rehearsal(unable="interface_made_again"), *faults)
    assert [each.state for each in results] == [WHOLE] * 9 + [BROKEN]
    assert stage.played[9:] == ["proved: proxy_killed"] * 4 + ["proved: interface_made_again"]
    assert '[{"fault": "interface_made_again", "node": "lb1"}]' in capsys.readouterr().out
