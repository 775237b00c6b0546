# SPDX-License-Identifier: GPL-3.0-or-later
"""How the core runs a command on a node: the caller passes a function, so that tests pass another one."""

from __future__ import annotations

import os
import subprocess
from typing import Callable, List, Tuple

Runner = Callable[[List[str]], Tuple[int, str, str]]
"""From the words of a command to its exit status, its output and what it wrote to stderr."""


def run_command(command: List[str]) -> Tuple[int, str, str]:
    """Run a command; the PATH of a non-root login may lack /usr/sbin and /sbin, where nft and sysctl are."""
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout, done.stderr
