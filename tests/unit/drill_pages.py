# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a drill that was recorded in a lab, rendered as by Ansible."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from module_utils.operations.drill.report import drill_report
from pages import JINJA

ROOT = Path(__file__).parents[2]
RECORDED = json.loads((ROOT / "tests/fixtures/drill.json").read_text())
ABOUT = {key: each for key, each in RECORDED.items() if key != "drills"}


def charts_in(collections: Path) -> Any:
    """Return the function that draws; it is not part of the core, and imports the collection by its name."""
    sys.path.insert(0, str(collections))
    return importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.drill_chart").charts


def drill_page(charts: Any, drills: Sequence[Mapping[str, Any]] = RECORDED["drills"], **about: Any) -> str:
    report = drill_report(drills, {**ABOUT, **about}, charts)
    return JINJA.get_template("drill.html.j2").render(page=report["page"]) + "\n"
