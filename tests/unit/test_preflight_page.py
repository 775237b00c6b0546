# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight page without a browser: its content before its script runs, and that every text is escaped."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from module_utils.cluster.layout_result import layout_result
from pages import TEMPLATES, data_of, page_of, printed
from samples import API, DUAL, LB1, NODES, VIPS, WEB, many_nodes, many_vips

EVIL = "\"><b id='planted'>&</script><!--"
VOID = {"br", "meta"}
CLUSTERS = {
    "pair": (NODES, VIPS),
    "alone": ([LB1], VIPS),
    "dual stack": (NODES, [WEB, API, DUAL]),
    "uplinks": (NODES, VIPS, ["192.0.2.1"]),
    "eight": (many_nodes(8), many_vips(16)),
}


class Reader(HTMLParser):
    """Collects the elements and the texts, and checks that every element is closed."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def having(self, attribute):
        return [attributes for tag, attributes in self.elements if attribute in attributes]


@pytest.fixture(params=CLUSTERS, scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def page(name):
    return page_of(*CLUSTERS[name])


def test_the_page_is_whole_without_its_script(name, page):
    nodes, vips, *uplinks = CLUSTERS[name]
    parts = 5 if uplinks else 4
    reader = Reader(page)
    drawings = [attributes for tag, attributes in reader.elements if tag == "svg"]
    assert [each["class"].split()[0] for each in drawings] == ["drawing"] * 2
    assert len(reader.having("data-vip")) == len(drawings) * len(vips)
    assert len(reader.having("data-part")) == len(drawings) * len(nodes) * parts
    titles = [each["title"] for each in data_of(page)["failures"] if len(each["parts"]) == 1]
    assert len(titles) == parts * len(nodes)
    assert {*titles, *(each["name"] for each in [*nodes, *vips])} <= set(reader.texts)


def test_nothing_is_loaded_from_elsewhere(page):
    outside = re.findall(
        r"(?:src|href|action|data)=|url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)|fetch|eval", page
    )
    assert outside == []
    assert "default-src 'none'" in page


def test_ids_are_unique_and_references_are_valid(page):
    reader = Reader(page)
    ids = [each["id"] for each in reader.having("id")]
    assert len(set(ids)) == len(ids)
    wanted = [each[key] for key in ("aria-labelledby", "aria-describedby") for each in reader.having(key)]
    assert set(wanted) <= set(ids)


def test_buttons_have_names(page):
    reader = Reader(page)
    for attributes in (each for each in reader.having("role") if each["role"] == "button"):
        assert attributes["aria-label"]
        assert attributes["tabindex"] == "0"


def test_the_same_cluster_has_the_same_page(name, page):
    assert page == page_of(*CLUSTERS[name])


def test_the_page_is_small(page):
    assert len(page.encode()) < 400_000


def test_html_in_the_data_is_escaped():
    result = layout_result(NODES, [{**WEB, "dns_name": "www.example.org"}, API], proof=True)
    text = json.dumps(result)
    for name in ("web", "lb1", "192.0.2.11", "www.example.org"):
        text = text.replace(json.dumps(name), json.dumps(EVIL + name))
    result = json.loads(text.replace("lb2 dies", json.dumps(EVIL)[1:-1]))
    result["proof"].update(holds=False, findings=[EVIL])
    page = printed(EVIL, [EVIL + "lb1", "lb2"], result)
    reader = Reader(page)
    assert not [attributes for attributes in reader.having("id") if attributes["id"] == "planted"]
    assert EVIL in reader.texts
    assert data_of(page)["nodes"][0] == EVIL + "lb1"


def test_findings_of_the_proof_are_on_top():
    result = layout_result(NODES, VIPS, proof=True)
    result["proof"].update(holds=False, findings=["lb1 dies: web has no holder"])
    texts = Reader(printed("edge", ["lb1", "lb2"], result)).texts
    assert texts.index("lb1 dies: web has no holder") < texts.index("Break something")


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_templates_are_short(path):
    assert len(path.read_text().splitlines()) <= 100
