# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.cluster.record import (
    OUTCOME,
    first_locked,
    found_on,
    locks_of_others,
    node_records,
    of_every_node,
)
from samples import WEB, record_of

PLACES = {"run": "the_run", "before": "first_look", "now": "look", "answers": "asked", "outcome": "became"}
HOLDER = {"running": True, "proxy": "ok", "instances": [], "held": ["192.0.2.10"]}


def records(run="one", vips=(), **variables):
    return node_records(["lb1"], {"lb1": {"the_run": "one", **variables}}, run, PLACES, vips)["lb1"]


def test_a_node_of_which_nothing_is_known():
    record = records()
    assert (record["before"], record["now"], record["answers"], record["outcome"]) == ({}, {}, [], OUTCOME)
    assert not record["standing"]["can_take_over"]


def test_what_an_earlier_run_has_left_is_forgotten():
    found = {"look": HOLDER, "asked": {"answers": [1]}, "became": {"done": True}}
    assert records(**found)["outcome"]["done"]
    assert records(**found)["answers"] == [1]
    assert records(run="another", **found) == records()


def test_a_node_that_no_run_has_asked():
    assert node_records(["lb1"], {"lb1": {"look": HOLDER}}, "one", PLACES)["lb1"] == records()


def test_a_task_that_was_skipped_found_nothing():
    assert records(look={"skipped": True, "changed": False}) == records()


def test_the_newest_look_counts():
    assert records(first_look=HOLDER)["standing"]["holds"] == ["192.0.2.10"]
    assert records(first_look=HOLDER, look={**HOLDER, "held": []})["standing"]["holds"] == []


@pytest.mark.parametrize(("vips", "names"), [([WEB], ["web"]), ([{"name": "web"}], []), (None, []), ("web", [])])
def test_the_standing_of_every_vip(vips, names):
    """Of VIPs that are refused nothing is said: whoever checks the input does."""
    assert list(records(vips=vips)["standing"]["vips"]) == names


def test_found_on():
    record = record_of(
        {
            "lb1": {
                "before": HOLDER,
                "config": {"config": {"node": "lb1"}},
                "wire": {"heard": []},
                "uplinks": {"uplinks": []},
            },
            "lb2": {},
        }
    )
    assert found_on(record, ["lb1"], refused=[]) == {
        "refused": [],
        "nodes": ["lb1"],
        "states": {"lb1": HOLDER},
        "wire": {"lb1": {"heard": []}},
        "uplinks": {"lb1": {"uplinks": []}},
        "configs": [{"node": "lb1"}],
    }
    assert found_on(record, record)["configs"] == [{"node": "lb1"}]
    assert of_every_node(record, "config") == {"lb1": {"config": {"node": "lb1"}}, "lb2": {}}


def test_first_locked():
    assert first_locked(record_of({"lb1": {}, "lb2": {"lock": {"id": "ab"}}, "lb3": {"lock": {"id": "ab"}}})) == "lb2"


def test_locks_of_others():
    lock = {"holder": {}, "msg": "lb2 is locked by eve"}
    record = record_of({"lb1": {"lock": {"id": "ab"}}, "lb2": {"lock": lock}, "lb3": {}})
    assert locks_of_others(record) == [lock["msg"]]


def test_a_node_that_sets_our_variables_decides_nothing():
    hostvars = {"lb1": {"the_run": "one", "ansible_facts": {"ha_lb_vips": []}, "ha_lb_vips": []}}
    with pytest.raises(HaLbError, match="lb1 says ha_lb_vips of itself"):
        node_records(["lb1"], hostvars, "one", PLACES)
