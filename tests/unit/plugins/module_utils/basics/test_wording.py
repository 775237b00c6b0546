# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.wording import listed


@pytest.mark.parametrize(("words", "expected"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_listed(words, expected):
    assert listed(words) == expected
