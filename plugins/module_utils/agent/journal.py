# SPDX-License-Identifier: GPL-3.0-or-later
"""What agents say to people who read the journal."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Print a line, which systemd puts into the journal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
