# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from module_utils.basics.table import columns


def test_columns_as_wide_as_their_widest_cell():
    assert columns([("a", "bb"), ("ccc", 1)]) == ["a    bb", "ccc  1"]


def test_columns_without_trailing_spaces():
    assert columns([("node", "findings"), ("lb1", "")]) == ["node  findings", "lb1"]


def test_columns_of_no_rows():
    assert columns([]) == []
