# SPDX-License-Identifier: GPL-3.0-or-later
"""How the core runs a command on a node: the caller passes a function, so that tests pass another one."""

from __future__ import annotations

from typing import Callable, List, Tuple

Runner = Callable[[List[str]], Tuple[int, str, str]]
"""From the words of a command to its exit status, its output and what it wrote to stderr."""
