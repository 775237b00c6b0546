# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.site.order import (
    failed_nodes,
    left_alone,
    peers_run,
    reload_back,
    reloaded_nodes,
    rolling_order,
    stands_alone,
)
from samples import record_of

FIT = {"running": True, "proxy": "ok", "instances": [{"name": "web", "state": "BACKUP"}]}
DEAD = {"running": False, "proxy": "ok", "instances": [], "held": []}
ILL = {**FIT, "proxy": "HTTP 503", "held": []}
FAULT = {**FIT, "instances": [{"name": "web", "state": "FAULT"}], "held": []}
SPARE = {**FIT, "held": []}
HOLDER = {**FIT, "held": ["192.0.2.10"]}
DRAIN = {"drain": {"value": -253, "since": 0.0, "survives_reboot": False, "by": ""}}
OURS = {"units": ["keepalived"]}


def test_those_that_hold_nothing_come_first_in_a_rolling_change():
    nodes = {
        "lb1": {"before": {"held": ["192.0.2.10", "192.0.2.20"]}},
        "lb2": {"before": {"held": ["192.0.2.30"]}},
        "lb3": {"before": {"held": []}},
        "lb4": {},
    }
    assert rolling_order(["lb1", "lb2", "lb3", "lb4"], record_of(nodes)) == ["lb3", "lb4", "lb2", "lb1"]


def test_the_order_is_that_of_the_last_look():
    held, none = {"held": ["192.0.2.10"]}, {"held": []}
    nodes = {
        "lb1": {"before": held, "now": none},
        "lb2": {"before": none, "now": held},
    }
    assert rolling_order(["lb1", "lb2"], record_of(nodes)) == ["lb1", "lb2"]
    assert rolling_order(["lb2", "lb1"], record_of(nodes)) == ["lb1", "lb2"]


@pytest.mark.parametrize("new", [DEAD, {**FIT, "units": []}, {**FIT, "units": ["haproxy"]}])
def test_a_new_node_comes_last_because_nobody_speaks_to_it_yet(new):
    member = {**FIT, "units": ["haproxy", "keepalived"], "held": ["192.0.2.10"]}
    nodes = {
        "lb3": {"before": new},
        "lb1": {"before": member},
        "lb2": {"before": {**member, "held": []}},
    }
    assert rolling_order(["lb3", "lb1", "lb2"], record_of(nodes)) == ["lb2", "lb1", "lb3"]
    assert rolling_order(["lb1", "lb2", "lb3"], record_of(nodes), leaving=True) == ["lb3", "lb2", "lb1"]


@pytest.mark.parametrize("ill", [ILL, FAULT, {"msg": "it does not answer", "held": ["192.0.2.10"]}])
def test_what_is_unfit_comes_first(ill):
    found = {"lb1": HOLDER, "lb2": SPARE, "lb3": ill}
    nodes = {name: {"before": OURS, "now": now} for name, now in found.items()}
    assert rolling_order(["lb1", "lb2", "lb3"], record_of(nodes)) == ["lb3", "lb2", "lb1"]


def test_a_member_that_is_down_is_not_new_and_comes_first():
    down = {"before": {**DEAD, **OURS}, "config": {"config": {"node": "lb2"}}}
    nodes = {"lb1": {"before": {**SPARE, **OURS}}, "lb2": down}
    assert rolling_order(["lb1", "lb2"], record_of(nodes)) == ["lb2", "lb1"]
    assert rolling_order(["lb1", "lb2"], record_of({**nodes, "lb2": {**down, "config": {}}})) == ["lb1", "lb2"]


def alone(others, node=None):
    """Ask for lb1; the others are what is known of lb2, lb3 and so on."""
    nodes = {"lb1": {"before": {**FIT, **OURS}, "now": HOLDER if node is None else node}}
    for index, each in enumerate(others, 2):
        nodes[f"lb{index}"] = {"before": {**FIT, **OURS}, **each}
    return stands_alone("lb1", list(nodes), record_of(nodes))


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (ILL, "lb2 has a proxy that does not answer (HTTP 503)"),
        (FAULT, "lb2 is in state FAULT"),
        (DEAD, "lb2 runs no keepalived"),
        ({"msg": "gone", "unreachable": True}, "lb2 cannot be reached"),
        ({**ILL, **DRAIN}, "lb2 has a proxy that does not answer (HTTP 503)"),
    ],
)
def test_the_last_node_that_can_serve_is_not_changed(now, reason):
    said = f"lb1 is the last node that can serve, and is not changed: {reason}: mend that, then run site again"
    unchanged = {"outcome": {"done": True, "same": True}}
    assert alone([{"now": now}]) == alone([{"now": now, **unchanged}]) == said
    assert alone([{"now": now}, {"now": SPARE}]) == ""


@pytest.mark.parametrize("now", [SPARE, {**SPARE, **DRAIN}, {**FAULT, **DRAIN}])
def test_one_that_has_a_fit_or_a_drained_peer_is_changed(now):
    assert alone([{"now": now}]) == ""


def test_a_change_that_mended_the_peer_counts():
    assert alone([{"now": ILL, "outcome": {"done": True}}]) == ""


def test_one_that_serves_nobody_is_changed():
    for node in (SPARE, ILL, {**ILL, "held": ["192.0.2.10"]}, DEAD):
        assert alone([{"now": ILL}], node) == ""


def test_new_nodes_do_not_count():
    assert alone([]) == ""
    assert alone([{"before": DEAD}]) == ""


def test_what_the_peers_run_is_that_of_the_last_look():
    def running(*names):
        return {**FIT, "instances": [{"name": name, "state": "BACKUP"} for name in names]}

    nodes = {
        "lb1": {"now": running("web-v6")},
        "lb2": {"before": FIT, "now": running("web", "api")},
        "lb3": {"before": FIT},
        "lb4": {"now": {"msg": "it does not answer"}},
    }
    assert peers_run("lb1", list(nodes), record_of(nodes)) == ["api", "web"]


def test_a_peer_that_is_changed_runs_everything():
    assert (
        peers_run("lb1", ["lb1", "lb2"], record_of({"lb1": {}, "lb2": {"now": FIT, "outcome": {"done": True}}})) == []
    )


def outcomes(*outcomes):
    """Return the record of lb1, lb2 and so on, whose changes came to this."""
    return record_of({f"lb{number}": {"outcome": outcome} for number, outcome in enumerate(outcomes, 1)})


@pytest.mark.parametrize(
    ("first", "second", "alone"),
    [
        ({"done": True}, {}, False),
        ({"done": True}, {"failure": "the simultaneous reload failed"}, True),
        ({"failure": "it does not start"}, {}, True),
        ({"begun": True}, {}, True),  # lost on the way
    ],
)
def test_left_alone(first, second, alone):
    assert left_alone("lb2", ["lb1", "lb2"], outcomes(first, second)) is alone
    assert left_alone("lb1", ["lb1", "lb2"], outcomes({}, second)) is False


def test_failed_and_reloaded_nodes():
    record = outcomes({"reloaded": True}, {"failure": "it does not start"}, {})
    assert failed_nodes(list(record), record) == ["lb2"]
    assert reloaded_nodes(list(record), record) == ["lb1"]


def test_only_the_nodes_that_reloaded_revert():
    reload = {"word": "one", "addresses": {"lb1": "192.0.2.11", "lb2": "192.0.2.12"}, "vips": ["192.0.2.10"]}
    back = {"word": "one back", "addresses": {"lb2": "192.0.2.12"}, "vips": ["192.0.2.10"], "restore": True}
    assert reload_back(reload, ["lb2"]) == back
