# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight page, rendered as by Ansible."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from module_utils.cluster.layout_result import layout_result
from module_utils.operations.preflight.result import preflight, report

TEMPLATES = Path(__file__).parents[2] / "playbooks/templates"
JINJA = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True)


def page_of(
    nodes: Sequence[Mapping[str, Any]],
    vips: Sequence[Mapping[str, Any]],
    uplinks: Sequence[str] = (),
    cluster: str = "edge",
) -> str:
    return printed(cluster, [node["name"] for node in nodes], layout_result(nodes, vips, proof=True, uplinks=uplinks))


def printed(cluster: str, nodes: Sequence[str], result: Mapping[str, Any]) -> str:
    return JINJA.get_template("preflight.html.j2").render(page=report(cluster, nodes, result)["page"]) + "\n"


def page_with(nodes: Sequence[Mapping[str, Any]], vips: Sequence[Mapping[str, Any]], seen: Mapping[str, Any]) -> str:
    """Return the page of a preflight with what was heard and the configurations in force."""
    page = preflight(nodes, {"ha_lb_vips": vips}, "edge", seen)["page"]
    return JINJA.get_template("preflight.html.j2").render(page=page) + "\n"


def data_of(page: str) -> dict[str, Any]:
    """Return the data of a page's script."""
    return json.loads(page.split('id="data">')[1].split("</script>")[0])
