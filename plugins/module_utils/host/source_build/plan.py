# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs an upgrade would switch: to the source build that is wanted, or to what ran before the last switch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping

from ...basics import schema
from ...basics.errors import Finding
from ..files import content
from ..program import PACKAGED, Program, chosen
from .package import PREFIXES
from .read import read_source


@dataclass(frozen=True)
class SourcePlan:
    """`changes` as a plan of packages has them, and what runs now, where that is a source build or shall be one."""

    changes: List[Dict[str, Any]] = field(default_factory=list)
    refused: List[str] = field(default_factory=list)
    running: Dict[str, str] = field(default_factory=dict)


def source_plan(
    sources: Mapping[str, Any], back: bool, staging: Path, now: Callable[[Program], str] = chosen
) -> SourcePlan:
    """Say which programs are to be switched; `sources` are the wanted builds, by program."""
    out = SourcePlan()
    for product, value in sources.items():
        findings: List[Finding] = []
        source = read_source(value, f"{product}_source", schema.collector(findings))
        out.refused.extend(str(each) for each in findings)
        if findings:
            continue
        program = Program(product, staging)
        here = now(program)
        wanted = f"{PREFIXES}/{product}-{source.version}/sbin/{product}" if source else PACKAGED
        if back:
            wanted = (content(program.previous) or here.encode()).decode().strip()
        if PACKAGED in (here, wanted) and here == wanted:
            continue
        out.running[product] = _title(here)
        if here != wanted:
            out.changes.append(
                {"package": product, "before": _title(here), "after": _title(wanted), "back": True, "source": True}
            )
    return out


def _title(path: str) -> str:
    """Return what people call a program: packaged, or the version and where it comes from."""
    return path if path == PACKAGED else f"{Path(path).parents[1].name.partition('-')[2]} (source)"
