# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from module_utils.operations.preflight.drawing import (
    FORMATS,
    Scene,
    draw,
    fitted,
    holder_numbers,
    hue,
    networks,
    scene_of,
)

SIZES = [(1, 1, 1), (2, 2, 2), (2, 40, 40), (3, 6, 6), (5, 5, 3), (8, 16, 5), (64, 200, 9)]


def scene(nodes, vips, most, lost=0, uplinks=False):
    holders = [number % nodes for number in range(vips)]
    return Scene(
        nodes=[(f"lb{number}", ["192.0.2.11", "2001:db8::11"]) for number in range(nodes)],
        vips=[(f"vip{number}", [f"10.0.0.{number}/16"]) for number in range(vips)],
        holders=holders,
        most=max(most, *(holders.count(number) for number in range(nodes))),
        lost=lost,
        kinds=("node", "link", "proxy", "keepalived", *["uplink"] * uplinks),
    )


def boxes(drawing):
    size = drawing["box"]["width"], drawing["box"]["height"]
    return [(node["x"], node["y"], node["x"] + size[0], node["y"] + size[1]) for node in drawing["nodes"]]


def chips_of(drawing, number):
    width, height = drawing["chip"]["width"], drawing["chip"]["height"]
    return [(x, y, x + width, y + height) for x, y in drawing["slots"][number]]


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def inside(inner, outer):
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("size", SIZES)
class TestRoom:
    def test_nodes_are_apart_and_within_the_drawing(self, form, size):
        drawing = draw(scene(*size), form)
        every = boxes(drawing)
        assert all(inside(box, (0, 0, drawing["width"], drawing["height"])) for box in every)
        assert all(apart(one, other) for one, other in combinations(every, 2))

    def test_slots_are_within_their_node_below_its_parts(self, form, size):
        drawing = draw(scene(*size), form)
        for number, box in enumerate(boxes(drawing)):
            places = chips_of(drawing, number)
            assert len(places) >= size[2]
            assert all(inside(place, box) for place in places)
            assert all(apart(one, other) for one, other in combinations(places, 2))
            assert all(place[1] >= box[1] + drawing["parts"][-1]["y"] + 24 for place in places)

    def test_vips_without_a_holder_have_slots(self, form, size):
        drawing = draw(scene(*size, lost=size[1]), form)
        tray = drawing["tray"]
        outline = (tray["x"], tray["y"], tray["x"] + tray["width"], tray["y"] + tray["height"])
        assert inside(outline, (0, 0, drawing["width"], drawing["height"]))
        assert all(apart(outline, box) for box in boxes(drawing))
        places = chips_of(drawing, size[0])
        assert len(places) == size[1]
        assert all(inside(place, outline) for place in places)

    @pytest.mark.parametrize("uplinks", [False, True])
    def test_parts_of_a_node_are_within_it(self, form, size, uplinks):
        drawing = draw(scene(*size, uplinks=uplinks), form)
        assert [part["kind"] for part in drawing["parts"]] == ["keepalived", "proxy", *["uplink"] * uplinks]
        pills = [(each["x"], each["y"], each["x"] + each["width"], each["y"] + 24) for each in drawing["parts"]]
        assert all(inside(pill, (0, 0, drawing["box"]["width"], drawing["box"]["height"])) for pill in pills)
        assert all(apart(one, other) for one, other in combinations(pills, 2))

    def test_vips_are_at_slots_of_their_holders(self, form, size):
        drawn, drawing = scene(*size), draw(scene(*size), form)
        at = [(chip["x"], chip["y"]) for chip in drawing["chips"]]
        assert all(place in drawing["slots"][holder] for place, holder in zip(at, drawn.holders, strict=True))
        assert len(set(at)) == size[1]


def test_a_cluster_that_never_loses_a_vip_has_no_tray():
    assert draw(scene(8, 16, 5), FORMATS[0])["tray"] is None


def test_few_vips_show_their_addresses():
    few, many = draw(scene(2, 2, 2), FORMATS[0]), draw(scene(2, 16, 16), FORMATS[0])
    assert [chip["address"] for chip in few["chips"]] == ["10.0.0.0", "10.0.0.1"]
    assert {chip["address"] for chip in many["chips"]} == {""}


def test_a_scene_has_room_for_its_fullest_state():
    rows = [{"node": "lb1", "addresses": []}, {"node": "lb2", "addresses": []}]
    vips = {"web": ["192.0.2.10/24"], "api": ["192.0.2.20/24"]}
    states = [{"web": "lb2", "api": "lb2"}, {"web": None, "api": "lb1"}]
    proof = {"normal": {"web": "lb1", "api": "lb2"}, "failures": [{"holders": state, "parts": []} for state in states]}
    made = scene_of(rows, vips, proof)
    assert (made.holders, made.most, made.lost) == ([0, 1], 2, 1)


def test_the_number_after_the_last_node_means_no_holder():
    assert holder_numbers(["lb1", "lb2"], ["web", "api", "ftp"], {"web": "lb2", "api": None}) == [1, 2, 2]


def test_neighbours_have_different_hues():
    hues = [hue(number) for number in range(12)]
    assert all(60 < abs(one - other) < 300 for one, other in pairwise(hues))


@pytest.mark.parametrize(("text", "expected"), [("web", "web"), ("webserver", "webs…"), ("", "")])
def test_fitted(text, expected):
    assert fitted(text, 50, 10) == expected


def test_networks_without_duplicates():
    assert networks(["192.0.2.10/24", "192.0.2.20/24", "2001:db8::1/64"]) == ["192.0.2.0/24", "2001:db8::/64"]
