# SPDX-License-Identifier: GPL-3.0-or-later
"""Text tables for a terminal."""

from __future__ import annotations

from typing import Sequence


def columns(rows: Sequence[Sequence[object]]) -> list[str]:
    """Return one line for every row; every column is as wide as its widest cell."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]
