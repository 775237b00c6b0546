# SPDX-License-Identifier: GPL-3.0-or-later
"""The adverts of these tests are written by `lab.adverts`, which shares no code with the decoder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[5]))
