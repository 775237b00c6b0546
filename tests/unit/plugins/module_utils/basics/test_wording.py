# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.wording import few, listed


@pytest.mark.parametrize(("words", "expected"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_listed(words, expected):
    assert listed(words) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, ""), (2, "lb0, lb1"), (10, ", ".join(f"lb{each}" for each in range(10)))],
)
def test_few(number, expected):
    names = [f"lb{each}" for each in range(number)]
    assert few(names) == expected
    assert few([*names, *range(100)]).endswith(f" and {90 + number} more")
