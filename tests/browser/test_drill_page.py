# SPDX-License-Identifier: GPL-3.0-or-later
"""The drill page in a browser, made from a recording of a lab."""

from __future__ import annotations

import pytest
from drill_pages import RECORDED, ROOT, charts_in, drill_page

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
TITLES = [each["title"] for each in RECORDED["drills"]]

# What is visible of every drawing: its size, its colours, and texts that reach out of its frame
LOOK = """() => [...document.querySelectorAll(".chart")].filter((each) => each.getClientRects().length).map((each) => {
  const frame = each.getBoundingClientRect();
  const drawing = each.querySelector("svg").getBoundingClientRect();
  const paint = [...each.querySelectorAll("path")].map((path) => getComputedStyle(path));
  const texts = [...each.querySelectorAll("text")].filter((text) => text.textContent.trim());
  return {
    width: drawing.width,
    height: drawing.height,
    colours: [...new Set(paint.flatMap((style) => [style.fill, style.stroke]))].length,
    words: texts.map((text) => text.textContent.trim()),
    smallest: Math.min(...texts.map((text) => text.getBoundingClientRect().height)),
    outside: texts.filter((text) => {
      const { left, right } = text.getBoundingClientRect();
      return left < frame.left || right > frame.right;
    }).map((text) => text.textContent),
  };
})"""


@pytest.fixture(scope="session")
def charts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collections")
    (folder / "ansible_collections/evenkeel").mkdir(parents=True)
    (folder / "ansible_collections/evenkeel/ha_lb").symlink_to(ROOT)
    return charts_in(folder)


@pytest.fixture(scope="session")
def text(charts):
    return drill_page(charts)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_drill_is_drawn_and_readable(show, text, viewport):
    page = show(text, viewport=viewport)
    seen = page.evaluate(LOOK)
    assert len(seen) == len(TITLES)
    for each in seen:
        assert each["width"] <= viewport["width"]
        assert each["height"] > 200
        assert each["colours"] >= 5
        assert each["outside"] == []
        assert each["smallest"] >= 9
        assert {"lb1", "lb2", "the whole drill", "the fault"} <= set(each["words"])
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_table_has_the_outages_and_links_to_the_drawings(show, text):
    page = show(text)
    rows = page.locator(".drills tbody tr")
    assert rows.count() == len(TITLES) + 1
    assert page.locator(".drills a").all_inner_texts() == TITLES
    assert "353 ms" in rows.nth(1).inner_text()
    assert "skipped" in rows.last.inner_text()
    page.get_by_role("link", name=TITLES[-1]).click()
    assert page.get_by_role("heading", name=TITLES[-1]).is_visible()
    assert page.evaluate("scrollY") > 300


def test_a_failed_drill_is_visible(show, charts, shot):
    failed = {"status": "failed", "reasons": ["away for 9 s, and at most 302 ms were predicted"]}
    page = show(drill_page(charts, [{**each, **failed} for each in RECORDED["drills"]]))
    assert "✕" in page.evaluate("getComputedStyle(document.querySelector('.verdict'), '::before').content")
    assert page.get_by_text("3 of 4 drills failed, 1 skipped.").is_visible()
    assert page.locator(".drill .findings li").count() == len(TITLES)
    shot(page)


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")],
    ids=["wide", "wide-dark", "narrow", "narrow-dark"],
)
def test_the_page_is_painted(show, painted, text, viewport, scheme):
    page = show(text, viewport=viewport, color_scheme=scheme)
    page.locator(".chart:visible").nth(1).scroll_into_view_if_needed()
    colours, ground = painted(page)
    assert colours > 100
    assert (ground < 60) == (scheme == "dark")


def test_the_page_can_be_printed(show, text):
    page = show(text)
    page.emulate_media(media="print")
    assert page.locator(".chart:visible").count() == len(TITLES)
    assert page.pdf().startswith(b"%PDF")
