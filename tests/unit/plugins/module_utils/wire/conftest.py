# SPDX-License-Identifier: GPL-3.0-or-later
"""Adverts are made by the lab's own writer, which shares no line with what reads them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[5]))
