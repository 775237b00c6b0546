# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs against balancers that lie, two at a time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
