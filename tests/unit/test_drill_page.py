# SPDX-License-Identifier: GPL-3.0-or-later
"""The drill page: it loads nothing from a network, and every name is escaped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from drill_pages import RECORDED, ROOT, charts_in, drill_page
from module_utils.cluster.variables import COLLECTION_VARIABLES
from module_utils.operations.drill.catalogue import DRILLS

EVIL = "<script>alert('$x^2$')</script>&\"x"


@pytest.fixture(scope="module")
def charts(collections):
    return charts_in(collections)


@pytest.fixture(scope="module")
def page(charts):
    return drill_page(charts)


def renamed(value, names):
    """Return data in which names are replaced, as keys and as values."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def test_every_drill_is_drawn_in_two_formats(page):
    assert page.count("<svg ") == 2 * len(RECORDED["drills"])
    assert len(page) < 200_000 * len(RECORDED["drills"])
    for drawing in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        ET.fromstring(drawing)
    assert "skipped: the cluster was not whole after an earlier drill" in page


def test_the_page_needs_no_network_and_no_script(page):
    outside = set(re.findall(r"""(?:src|href)=["']?([^"'> ]+)|url\(([^)]+)\)""", page))
    assert all(part.startswith("#") for pair in outside for part in pair if part)
    assert "<script" not in page
    assert "@import" not in page


def test_drawings_have_the_colours_of_the_page(page):
    for drawing in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        assert "var(--text)" in drawing
        assert "var(--bad)" in drawing
        assert set(re.findall(r"#[0-9a-f]{6}\b", drawing)) <= {"#000000", "#ffffff"}


def test_no_two_drawings_share_an_id(page):
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_names_are_escaped_everywhere(charts):
    (drill,) = renamed(RECORDED["drills"][:1], {"lb1": EVIL})
    page = drill_page(
        charts,
        [{**drill, "title": EVIL, "line": EVIL, "reasons": [EVIL]}],
        nodes=[EVIL, "lb2"],
        cluster=EVIL,
        client=EVIL,
    )
    assert "<script" not in page
    assert page.count("<svg ") == 2
    assert page.count("&lt;script&gt;") > 10
    for drawing in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        ET.fromstring(drawing)


def test_many_nodes_and_vips_are_drawn(charts):
    names = [f"balancer-with-a-long-name-{number}" for number in range(6)]
    bars = [{"node": name, "begin": 0.0, "end": 20000.0} for name in names]
    holding = {f"192.0.2.{number}": bars[number : number + 1] for number in range(6)}
    drill = {**RECORDED["drills"][0], "holding": holding, "broken_ms": None, "mended_ms": None}
    assert drill_page(charts, [drill], nodes=names).count("balancer-with") >= 6


def test_without_matplotlib_there_is_one_sentence(charts, monkeypatch):
    module = __import__(charts.__module__, fromlist=["lacking"])
    assert module.lacking() == ""
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    assert "pip install matplotlib" in module.lacking()


def test_the_runbook_names_every_drill_and_variable():
    text = (ROOT / "docs/runbooks/drill.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([a-z_]+)`", " ".join(rows)))
    variables = {name for name in COLLECTION_VARIABLES if name.startswith("ha_lb_drill")} - {"ha_lb_drill_reboot"}
    assert named == {drill.name for drill in DRILLS} | variables
    assert "-e ha_lb_drill_reboot=true" in text
