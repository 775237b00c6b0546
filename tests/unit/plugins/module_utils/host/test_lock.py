# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from module_utils.host.lock import SILENT_SECONDS, Held, Lock, Run, is_gone, read, started, taken, text

STAT = "4711 (ansible (x) y) S 1 4711 4711 0 -1 4194560 " + " ".join(["0"] * 12) + " 140372 1 2 3"
ANN = Run("ann@ops1", "evenkeel.ha_lb.site", "2026-11-21 18:40:58 UTC", "boot-1 pid:[1]", 4711, "140372")
BEN = replace(ANN, who="ben@ops2", space="boot-2 pid:[1]")
HELD = Lock(ANN, since=100.0, alive=130.0)


def test_what_is_written_is_read():
    assert read(text(HELD)) == HELD


@pytest.mark.parametrize(
    "data", [None, b"", b"{", b"[]", b'{"run": {}}', b'{"run": {"pid": 1}, "since": 1, "alive": 1}']
)
def test_what_is_no_lock_holds_nobody_up(data):
    assert read(data) is None


def test_a_free_lock_is_taken():
    assert taken(None, ANN, "lb1", 100.0) == Lock(ANN, 100.0, 100.0)


def test_to_take_it_again_is_a_sign_of_life():
    assert taken(HELD, replace(ANN, began="later"), "lb1", 140.0) == Lock(ANN, 100.0, 140.0)


def test_another_run_is_told_who_what_since_when_and_where():
    with pytest.raises(Held) as told:
        taken(HELD, BEN, "lb1", 141.0)
    assert told.value.lock == HELD
    assert str(told.value) == (
        "lb1: ann@ops1 runs evenkeel.ha_lb.site since 2026-11-21 18:40:58 UTC (41 s; last sign of life 11 s ago): "
        "wait for it with -e ha_lb_lock_wait_seconds=600, or, if that run is dead, take its lock away with "
        f"-e ha_lb_break_lock={ANN.id}"
    )


def test_a_lock_is_broken_by_its_id_alone():
    assert taken(HELD, BEN, "lb1", 141.0, broken=ANN.id).run == BEN
    with pytest.raises(Held):
        taken(HELD, BEN, "lb1", 141.0, broken="another")


@pytest.mark.parametrize(("after", "holder"), [(SILENT_SECONDS - 1, ANN), (SILENT_SECONDS + 1, BEN)])
def test_who_gives_no_sign_of_life_loses_it(after, holder):
    try:
        now = taken(HELD, BEN, "lb1", HELD.alive + after).run
    except Held as held:
        now = held.lock.run
    assert now == holder


@pytest.mark.parametrize(
    "other", [replace(ANN, pid=1), replace(ANN, started="1"), replace(ANN, space="boot-9 pid:[1]")]
)
def test_the_id_is_that_of_the_process(other):
    assert ANN.id != other.id
    assert ANN.id == replace(ANN, began="later").id


def test_the_start_of_a_process_is_found_whatever_its_name():
    assert started(STAT) == "140372"


@pytest.mark.parametrize(
    ("space", "stat", "gone"),
    [
        (ANN.space, STAT, False),
        (ANN.space, None, True),
        (ANN.space, STAT.replace("140372", "150000"), True),
        ("boot-2 pid:[1]", None, False),
        ("", None, False),
    ],
    ids=["lives", "no process", "its number is another's", "another machine", "unknown machine"],
)
def test_who_is_known_to_be_dead(space, stat, gone):
    assert is_gone(ANN, space, {4711: stat}.get) is gone


def test_what_is_no_machine_is_not_compared():
    assert not is_gone(replace(ANN, space=""), "", lambda _: None)
