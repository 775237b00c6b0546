# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight page in a browser: what is drawn, and what happens when a part is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import data_of, page_of, page_with
from samples import API, DUAL, NODES, STRANGER, VIPS, WEB, heard, many_nodes, many_vips

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
PAIR = page_of(NODES, VIPS)
THREE = page_of(many_nodes(3), [*many_vips(5), {"name": "dual", "addresses": ["10.0.0.30/16", "fd00::2:30/64"]}])
EIGHT = page_of(many_nodes(8), many_vips(16))

INSTANCE = (
    "vrrp_instance web {{\n interface eth0\n virtual_router_id {}\n virtual_ipaddress {{\n 192.0.2.10/24\n }}\n}}\n"
)
OURS = heard(source="192.0.2.11", mac="02:00:00:00:00:11", macs=["02:00:00:00:00:11"], addresses=["192.0.2.10"])
SEEN = {
    "wire": {"lb1": {"heard": [heard(), OURS], "unseen": ["Other VLANs."]}},
    "configs": [{"node": node, "content": INSTANCE.format(vrid)} for node, vrid in (("lb1", 51), ("lb2", 52))],
}
STRANGE = page_with(NODES, VIPS, SEEN)

# What is visible: the number of the node, or of the tray, in whose box every VIP is, and the title
LOOK = """() => {
  const drawing = [...document.querySelectorAll(".drawing")].find((each) => each.getClientRects().length);
  const boxes = [...drawing.querySelectorAll(".box, .tray rect")].map((each) => each.getBoundingClientRect());
  const chips = [...drawing.querySelectorAll("[data-vip]")];
  const holders = chips.map((chip) => {
    const { x, y, width, height } = chip.querySelector("rect").getBoundingClientRect();
    const [left, top] = [x + width / 2, y + height / 2];
    return boxes.findIndex((box) => box.left < left && left < box.right && box.top < top && top < box.bottom);
  });
  const count = (selector, within) => within.querySelectorAll(selector).length;
  return {
    holders,
    places: new Set(chips.map((chip) => chip.style.transform)).size,
    title: document.getElementById("what").textContent,
    arrows: count(".arrows path", drawing),
    down: count(".down", drawing),
    moves: count("#moves li", document),
  };
}"""
CHOOSE_EACH = f"""(numbers) => numbers.map((number) => {{
  document.querySelector(`[data-failure="${{number}}"]`).click();
  return ({LOOK})();
}})"""


def title(page):
    return page.locator("#what").inner_text()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("text", [PAIR, THREE, EIGHT], ids=["pair", "three", "eight"])
def test_everything_is_drawn(show, text, viewport):
    data, page = data_of(text), show(text, viewport=viewport)
    drawing = page.locator(".drawing:visible")
    assert drawing.count() == 1
    assert drawing.locator(".machine .name").all_text_contents() == data["nodes"]
    assert drawing.locator(".chip .name").all_text_contents() == data["vips"]
    assert page.evaluate(LOOK)["holders"] == data["holders"]
    titles = [each["title"] for each in data["failures"] if len(each["parts"]) == 1]
    assert page.locator(".singles button").all_inner_texts() == titles
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_strangers_and_findings_are_shown_with_the_rest(show, shot, viewport):
    page = show(STRANGE, viewport=viewport)
    assert "✕" in page.evaluate("getComputedStyle(document.querySelector('.verdict'), '::before').content")
    assert page.locator(".findings li").count() == 1
    assert STRANGER in page.locator(".findings li").inner_text()
    rows = page.get_by_role("region", name="On the wire").locator("tbody tr")
    assert [STRANGER in text for text in rows.all_inner_texts()] == [False, True]
    assert page.get_by_text("not ours").is_visible()
    assert page.get_by_text("lb1 has virtual_router_id 51 and lb2 has 52").is_visible()
    page.get_by_text("What these nodes cannot hear").click()
    assert page.get_by_text("Other VLANs.").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    shot(page)


@pytest.mark.parametrize("text", [PAIR, THREE, EIGHT], ids=["pair", "three", "eight"])
def test_every_failure_moves_the_vips_to_the_holders_that_the_proof_names(show, text):
    data, page = data_of(text), show(text)
    seen = page.evaluate(CHOOSE_EACH, list(range(len(data["failures"]))))
    assert seen == [
        {
            "holders": failure["holders"],
            "places": len(data["vips"]),
            "title": failure["title"],
            "arrows": sum(holder != home for holder, home in zip(failure["holders"], data["holders"], strict=True)),
            "down": len(failure["parts"]),
            "moves": len(failure["moves"]),
        }
        for failure in data["failures"]
    ]
    page.locator("#mend").click()
    assert page.evaluate(LOOK) == {
        "holders": data["holders"],
        "places": len(data["vips"]),
        "title": "All is well",
        "arrows": 0,
        "down": 0,
        "moves": 0,
    }


def test_parts_are_broken_and_mended_in_the_drawing(show):
    page = show(THREE)
    page.locator(".wide [data-part='0'] .name").click()
    assert title(page) == "lb1 dies"
    page.locator(".wide [data-part='6']").click()
    assert title(page) == "lb1 dies and the proxy of lb2 fails"
    assert page.locator(".wide [data-part='6']").get_attribute("aria-pressed") == "true"
    page.locator(".wide [data-part='0'] .name").click()
    assert title(page) == "the proxy of lb2 fails"
    page.locator(".wide [data-part='9']").click()
    page.locator(".wide [data-part='3']").click()
    assert title(page) == "keepalived of lb1 is killed", "a third part begins anew"


def test_a_part_of_a_dead_node_replaces_its_failure(show):
    page = show(PAIR)
    page.locator(".wide [data-part='0'] .name").click()
    page.locator(".wide [data-part='1']").click()
    assert title(page) == "lb1 loses its network"


def test_the_page_works_with_the_keyboard(show):
    page = show(THREE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert title(page) == "lb1 loses its network"
    page.locator(".pairs button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert title(page) == "lb1 dies", "where there is no pair, an arrow leads nowhere"


@pytest.mark.parametrize(
    ("text", "viewport", "scheme"),
    [(PAIR, WIDE, "light"), (EIGHT, WIDE, "dark"), (EIGHT, NARROW, "light"), (THREE, NARROW, "dark")],
    ids=["pair-wide", "eight-wide-dark", "eight-narrow", "three-narrow-dark"],
)
def test_the_page_is_painted(show, painted, text, viewport, scheme):
    page = show(text, viewport=viewport, color_scheme=scheme)
    page.locator("[data-failure]").first.click()
    colours, ground = painted(page)
    assert colours > 200
    assert (ground < 60) == (scheme == "dark")


def test_the_page_works_without_its_script(show, shot):
    page = show(EIGHT, java_script_enabled=False)
    assert page.locator(".wide [data-vip]").count() == 16
    assert page.locator(".pairs button:visible").count() == len(data_of(EIGHT)["failures"])
    assert page.locator(".scripted:visible").count() == 0
    assert shot(page)


def test_the_page_can_be_printed(show):
    page = show(THREE)
    page.emulate_media(media="print")
    assert page.locator(".drawing:visible").count() == 1
    assert page.locator("#outcome:visible").count() == 0
    assert page.pdf().startswith(b"%PDF")


# A preflight listens and sends requests: here on a veth pair without another host
ALONE = "ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up && ip link set lo up"


def test_ansible_writes_the_same_page(tmp_path):
    """Ansible's templating differs from plain Jinja, and a variable may refer to other hosts."""
    peers = "{% for node in groups['edge'] %}# {{ hostvars[node].ha_lb_address }}\n{% endfor %}"
    vips = [{**vip, "interface": "eth0"} for vip in (WEB, API, DUAL)]
    hosts = {node["name"]: {"ansible_connection": "local", "ha_lb_address": node["address"]} for node in NODES}
    variables = {
        "ha_lb_vips": vips,
        "ha_lb_listen_seconds": 1,
        "haproxy_extra_sections": peers,
        "ansible_python_interpreter": sys.executable,
    }
    (tmp_path / "hosts.json").write_text(json.dumps({"edge": {"hosts": hosts, "vars": variables}}))
    tool = str(Path(sys.executable).with_name("ansible-playbook"))
    options = "-e ha_lb_group=edge -e ha_lb_preflight_page=p.html -e ha_lb_preflight_file=p.json"
    script = f"{ALONE} && exec {tool} -i hosts.json evenkeel.ha_lb.preflight {options}"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_CONFIG": str(Path(__file__).parents[2] / "ansible.cfg"), "PWD": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads((tmp_path / "p.json").read_text())
    assert data["cluster"] == "edge"
    assert data["wire"]["heard"] == {"lb1": [], "lb2": []}
    each = {"heard": [], "unseen": data["wire"]["unseen"], "listened_seconds": 1}
    seen = dict.fromkeys(("lb1", "lb2"), each)
    assert (tmp_path / "p.html").read_text() == page_with(NODES, vips, {"wire": seen})
