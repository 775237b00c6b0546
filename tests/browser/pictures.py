# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures of docs/images: of the preflight page for examples/three-nodes, and of the drill page."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from chromium import chromium

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests/unit")]

from drill_pages import charts_in, drill_page  # noqa: E402
from pages import page_of, page_with  # noqa: E402
from samples import NODES, VIPS, heard  # noqa: E402

EXAMPLE = ROOT / "examples/three-nodes/inventory"
IMAGES = ROOT / "docs/images"


def main() -> None:
    """Open the pages, break a part, and save screenshots."""
    hosts = yaml.safe_load((EXAMPLE / "hosts.yml").read_text())["loadbalancers"]["hosts"]
    vips = yaml.safe_load((EXAMPLE / "group_vars/loadbalancers.yml").read_text())["ha_lb_vips"]
    nodes = [{"name": name, "ansible_host": host["ansible_host"]} for name, host in hosts.items()]
    IMAGES.mkdir(exist_ok=True)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1120, "height": 900}, reduced_motion="reduce")
        page.set_content(page_of(nodes, vips, cluster="three-nodes"))
        drawing = page.locator(".drawing.wide")
        drawing.screenshot(path=IMAGES / "layout.png")
        page.get_by_role("button", name="lb1 dies").first.click()
        page.locator("#cluster").screenshot(path=IMAGES / "preflight.png")
        page.set_content(page_with(NODES, VIPS, {"wire": {"lb1": {"heard": [heard()]}, "lb2": {"heard": [heard()]}}}))
        page.locator("section", has=page.locator("#wire-title")).screenshot(path=IMAGES / "conflict.png")
        page.set_content(drill_page(charts_in(ROOT / ".ansible/collections")))
        page.locator(".drill").nth(1).screenshot(path=IMAGES / "drill.png")


if __name__ == "__main__":
    main()
