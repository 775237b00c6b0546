# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.operations.drill.clock import Look, offset_of


def test_the_answer_with_the_shortest_round_trip_counts():
    looks = [Look(100.0, "3700.9", 102.0), Look(110.0, "3710.010\n", 110.02), Look(120.0, "3720.5", 121.0)]
    assert offset_of(looks) == (3600.0, 0.01)


@pytest.mark.parametrize("printed", ["", "1700000000.N", "command not found"])
def test_an_answer_that_is_no_time_is_refused(printed):
    with pytest.raises(HaLbError, match="does not tell its time"):
        offset_of([Look(1.0, printed, 2.0)])
