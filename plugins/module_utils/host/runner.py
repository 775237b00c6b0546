# SPDX-License-Identifier: GPL-3.0-or-later
"""How the core runs a command on a node: the caller passes a function, so that tests pass another one."""

from __future__ import annotations

import os
import subprocess
from typing import Callable, List, Tuple

from .rights import environment

Runner = Callable[[List[str]], Tuple[int, str, str]]
"""From the words of a command to its exit status, its output and what it wrote to stderr."""


def run_command(command: List[str]) -> Tuple[int, str, str]:
    """Run a command, in the environment that root has."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment()})
    return done.returncode, done.stdout, done.stderr
