# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from module_utils.cluster.layout_result import layout_result
from module_utils.operations.preflight.page import MOST_FAILURES, escaped, in_script
from module_utils.operations.preflight.result import report
from samples import API, DUAL, LB1, NODES, VIPS, WEB, many_nodes, many_vips


def page(nodes=NODES, vips=VIPS):
    return report("edge", [node["name"] for node in nodes], layout_result(nodes, vips, proof=True))["page"]


def script(**given):
    return json.loads(page(**given)["script"])


def test_the_script_has_the_failures_of_the_proof():
    data = script()
    assert (data["nodes"], data["vips"], data["holders"]) == (["lb1", "lb2"], ["web", "api"], [0, 1])
    dies = data["failures"][0]
    assert (dies["title"], dies["parts"], dies["holders"]) == ("lb1 dies", [0], [1, 1])
    assert [move[:3] for move in dies["moves"]] == [[0, 0, 1]]
    assert dies["outage"] == dies["moves"][0][3] == "302 ms"


def test_parts_of_a_pair_are_sorted():
    assert all(each["parts"] == sorted(each["parts"]) for each in script()["failures"])


def test_a_lost_vip_has_no_holder():
    dies = script(nodes=[LB1], vips=[WEB])["failures"][0]
    assert (dies["holders"], dies["lost"], dies["outage"]) == ([1], 1, "no end")


def test_a_dual_stack_vip_is_one_vip():
    assert script(vips=[DUAL])["vips"] == ["dual"]
    assert [chip["full"] for chip in page(vips=[DUAL])["drawings"][0]["chips"]] == ["dual: 192.0.2.30, 2001:db8::30"]


def test_moves_between_the_same_nodes_are_grouped():
    row = page(nodes=NODES, vips=[WEB, API, DUAL])["singles"][0]
    assert [(way["from"], way["to"]) for way in row["ways"]] == [("lb1", "lb2")]
    assert len(row["ways"][0]["vips"]) == 2


def test_the_table_of_pairs_is_the_lower_triangle():
    rows = page()["pairs"]
    assert [len(row["cells"]) for row in rows] == list(range(1, 9))
    failures = script()["failures"]
    assert failures[rows[4]["cells"][0]["failure"]]["title"] == "lb1 dies and lb2 dies"
    assert rows[4]["cells"][0]["heat"] == "lost"
    assert failures[rows[4]["cells"][4]["failure"]]["title"] == "lb2 dies"
    assert rows[1]["cells"][0] == {}, "of a node that is dead, nothing else can fail"
    every = [cell["failure"] for row in rows for cell in row["cells"] if cell]
    assert sorted(every) == list(range(len(failures)))


def test_longer_outages_are_darker():
    cells = [cell for row in page(many_nodes(3), many_vips(3))["pairs"] for cell in row["cells"] if cell]
    by_outage = sorted((int(cell["text"]), cell["heat"]) for cell in cells)
    assert [each[1] for each in by_outage] == sorted(each[1] for each in by_outage)
    assert (by_outage[0], by_outage[-1][1]) == ((0, 0), 4)


def test_with_too_many_pairs_those_of_nodes_are_shown():
    result = layout_result(many_nodes(3), many_vips(3), proof=True)
    failures = result["proof"]["failures"]
    result["proof"]["failures"] = failures + failures[-1:] * MOST_FAILURES
    made = report("edge", ["lb1", "lb2", "lb3"], result)["page"]
    assert made["left_out"] == MOST_FAILURES + 54
    assert [row["kind"] for row in made["pairs"]] == ["node"] * 3
    assert len(made["singles"]) == 12


def test_every_text_is_escaped():
    assert escaped({"a<b": ["<", ("&", 1)], "n": None}) == {"a&lt;b": ["&lt;", ["&amp;", 1]], "n": None}


def test_data_cannot_end_the_script():
    data = {"a": "</script><!-- &", "b": "\u2028"}
    text = in_script(data)
    assert not set(text) & set("<>&\u2028")
    assert json.loads(text) == data


def test_the_same_cluster_has_the_same_page():
    assert page() == page()
