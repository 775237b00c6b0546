# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight says of uplinks that nodes do not reach."""

from __future__ import annotations

import pytest
from module_utils.operations.preflight.result import preflight
from module_utils.operations.preflight.uplinks import Uplinks, reached_uplinks
from samples import NODES, VIPS

GATEWAY = "192.0.2.1"
WRONG = (
    "ha_lb_uplinks: no node reaches {} (no answer within 1 s): mend the address, or the way to it, because a node that "
    "reaches none of its uplinks is taken for cut off"
)


def answer(*reached, in_force=False, port=None):
    """Return what a node says of the first uplinks."""
    return {
        "uplinks": [
            {
                "address": f"192.0.2.{number}",
                "port": port,
                "reached": each,
                "why": "" if each else "no answer within 1 s",
                "in_force": in_force,
            }
            for number, each in enumerate(reached, start=1)
        ]
    }


@pytest.mark.parametrize(
    ("lb1", "lb2", "lines", "findings"),
    [
        (answer(True), answer(True), ["all nodes reach 192.0.2.1"], []),
        (answer(True), answer(False), ["lb2 does not reach 192.0.2.1 (no answer within 1 s)"], []),
        (
            answer(False),
            answer(False),
            ["no node reaches 192.0.2.1 (no answer within 1 s)"],
            [WRONG.format(GATEWAY)],
        ),
        (  # it is in force, so it was right once
            answer(False, in_force=True),
            answer(False),
            ["no node reaches 192.0.2.1 (no answer within 1 s)"],
            [],
        ),
        (
            answer(False),
            {"failed": True, "msg": "no rights"},
            ["no node reaches 192.0.2.1 (no answer within 1 s)", "lb2 does not say what it reaches (no rights)"],
            [WRONG.format(GATEWAY)],
        ),
        ({}, {}, [], []),
    ],
)
def test_what_is_said_of_an_uplink(lb1, lb2, lines, findings):
    assert reached_uplinks([GATEWAY], {"lb1": lb1, "lb2": lb2}) == Uplinks(tuple(lines), tuple(findings))


def test_one_that_is_reached_does_not_excuse_another():
    found = reached_uplinks([GATEWAY, "192.0.2.2"], {"lb1": answer(True, False), "lb2": answer(False, False)})
    assert found.lines == (
        "lb2 does not reach 192.0.2.1 (no answer within 1 s)",
        "no node reaches 192.0.2.2 (no answer within 1 s)",
    )
    assert found.findings == (WRONG.format("192.0.2.2"),)


def test_a_port_is_named():
    given = [{"address": GATEWAY, "port": 443}]
    assert reached_uplinks(given, {"lb1": answer(True, port=443)}).lines == (f"all nodes reach {GATEWAY}:443",)


@pytest.mark.parametrize("given", [[], None, ["gw"]])
def test_what_no_node_was_asked_of(given):
    assert reached_uplinks(given, {"lb1": answer(False)}) == Uplinks()


def test_a_node_that_speaks_of_others_is_not_heard():
    assert reached_uplinks(["192.0.2.9"], {"lb1": answer(False)}) == Uplinks()


def preflighted(seen, **variables):
    return preflight(NODES, {"ha_lb_vips": VIPS, **variables}, "edge", seen)


def test_preflight_shows_them_and_proves_with_them():
    seen = {"uplinks": {"lb1": answer(True), "lb2": answer(True)}}
    made = preflighted(seen, ha_lb_uplinks=[GATEWAY])
    assert made["findings"] == []
    assert made["says"]["uplinks"] == ["all nodes reach 192.0.2.1"]
    assert made["data"]["reached"] == seen["uplinks"]
    assert made["data"]["uplinks"][0]["address"] == GATEWAY
    assert made["says"]["verdict"].startswith("The proof holds. After each of 10 single failures and 37 pairs,")
    assert any(line.startswith("a node loses its uplinks") for line in made["says"]["times"])


def test_preflight_refuses_one_that_nobody_reaches():
    made = preflighted({"uplinks": {"lb1": answer(False), "lb2": answer(False)}}, ha_lb_uplinks=[GATEWAY])
    assert made["findings"] == [WRONG.format(GATEWAY)]


def test_without_uplinks_nothing_is_said():
    made = preflighted({"uplinks": {"lb1": {}, "lb2": {}}})
    assert "uplinks" not in made["says"]
    assert {"uplinks", "reached"} & set(made["data"]) == set()
