# SPDX-License-Identifier: GPL-3.0-or-later
"""Real systemd nodes on one machine: `from lab import Lab`."""

from lab.cluster import Lab, Node
from lab.engine import LabError

__all__ = ["Lab", "LabError", "Node"]
