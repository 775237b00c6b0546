# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.cluster.clock_skew import clocks_apart

NOW = 1_800_000_000.0
ADVICE = ": VRRP does not mind, but logs, certificates and apt do; set it right, with NTP"


@pytest.mark.parametrize(
    ("off", "said"),
    [
        ({}, []),
        ({"lb2": 59}, []),
        ({"lb2": 3600}, ["the clock of lb2 is 1:00:00 ahead of the others"]),
        ({"lb1": -90}, ["the clock of lb1 is 0:01:30 behind the others"]),
        ({"the controller": 86400 * 3}, ["the clock of the controller is 3 days, 0:00:00 ahead of the others"]),
    ],
)
def test_most_clocks_are_right(off, said):
    clocks = {whose: NOW + off.get(whose, 0) for whose in ("lb1", "lb2", "the controller")}
    assert clocks_apart(clocks) == [each + ADVICE for each in said]


def test_of_two_clocks_nobody_knows_which_is_right():
    assert clocks_apart({"lb1": NOW, "the controller": NOW + 100}) == [
        f"the clock of the controller is 0:01:40 ahead of that of lb1{ADVICE}"
    ]


@pytest.mark.parametrize("clocks", [{}, {"lb1": NOW}])
def test_one_clock_agrees_with_itself(clocks):
    assert clocks_apart(clocks) == []
