# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.operations.site.order import peers_run, rolling_order, stands_alone

FIT = {"running": True, "proxy": "ok", "instances": [{"name": "web", "state": "BACKUP"}]}
DEAD = {"running": False, "proxy": "ok", "instances": [], "held": []}
ILL = {**FIT, "proxy": "HTTP 503", "held": []}
FAULT = {**FIT, "instances": [{"name": "web", "state": "FAULT"}], "held": []}
SPARE = {**FIT, "held": []}
HOLDER = {**FIT, "held": ["192.0.2.10"]}
DRAIN = {"drain": {"value": -253, "since": 0.0, "survives_reboot": False, "by": ""}}
OURS = {"units": ["keepalived"]}


def test_those_that_hold_nothing_come_first_in_a_rolling_change():
    hostvars = {
        "lb1": {"__ha_lb_before": {"held": ["192.0.2.10", "192.0.2.20"]}},
        "lb2": {"__ha_lb_before": {"held": ["192.0.2.30"]}},
        "lb3": {"__ha_lb_before": {"held": []}},
        "lb4": {},
    }
    assert rolling_order(["lb1", "lb2", "lb3", "lb4"], hostvars) == ["lb3", "lb4", "lb2", "lb1"]


def test_the_order_is_that_of_the_last_look():
    held, none = {"held": ["192.0.2.10"]}, {"held": []}
    hostvars = {
        "lb1": {"__ha_lb_before": held, "__ha_lb_now": none},
        "lb2": {"__ha_lb_before": none, "__ha_lb_now": held},
    }
    assert rolling_order(["lb1", "lb2"], hostvars) == ["lb1", "lb2"]
    assert rolling_order(["lb2", "lb1"], hostvars) == ["lb1", "lb2"]


@pytest.mark.parametrize("new", [DEAD, {**FIT, "units": []}, {**FIT, "units": ["haproxy"]}])
def test_a_new_node_comes_last_because_nobody_speaks_to_it_yet(new):
    member = {**FIT, "units": ["haproxy", "keepalived"], "held": ["192.0.2.10"]}
    hostvars = {
        "lb3": {"__ha_lb_before": new},
        "lb1": {"__ha_lb_before": member},
        "lb2": {"__ha_lb_before": {**member, "held": []}},
    }
    assert rolling_order(["lb3", "lb1", "lb2"], hostvars) == ["lb2", "lb1", "lb3"]
    assert rolling_order(["lb1", "lb2", "lb3"], hostvars, leaving=True) == ["lb3", "lb2", "lb1"]


@pytest.mark.parametrize("ill", [ILL, FAULT, {"msg": "it does not answer", "held": ["192.0.2.10"]}])
def test_what_is_unfit_comes_first(ill):
    found = {"lb1": HOLDER, "lb2": SPARE, "lb3": ill}
    hostvars = {name: {"__ha_lb_before": OURS, "__ha_lb_now": now} for name, now in found.items()}
    assert rolling_order(["lb1", "lb2", "lb3"], hostvars) == ["lb3", "lb2", "lb1"]


def test_a_member_that_is_down_is_not_new_and_comes_first():
    down = {"__ha_lb_before": {**DEAD, **OURS}, "__ha_lb_config": {"config": {"node": "lb2"}}}
    hostvars = {"lb1": {"__ha_lb_before": {**SPARE, **OURS}}, "lb2": down}
    assert rolling_order(["lb1", "lb2"], hostvars) == ["lb2", "lb1"]
    assert rolling_order(["lb1", "lb2"], {**hostvars, "lb2": {**down, "__ha_lb_config": {}}}) == ["lb1", "lb2"]


def alone(others, node=None):
    """Ask for lb1; the others are what is known of lb2, lb3 and so on."""
    hostvars = {"lb1": {"__ha_lb_before": {**FIT, **OURS}, "__ha_lb_now": HOLDER if node is None else node}}
    for index, each in enumerate(others, 2):
        hostvars[f"lb{index}"] = {"__ha_lb_before": {**FIT, **OURS}, **each}
    return stands_alone("lb1", list(hostvars), hostvars)


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
    unchanged = {"__ha_lb_done": True, "__ha_lb_same": True}
    assert alone([{"__ha_lb_now": now}]) == alone([{"__ha_lb_now": now, **unchanged}]) == said
    assert alone([{"__ha_lb_now": now}, {"__ha_lb_now": SPARE}]) == ""


@pytest.mark.parametrize("now", [SPARE, {**SPARE, **DRAIN}, {**FAULT, **DRAIN}])
def test_one_that_has_a_fit_or_a_drained_peer_is_changed(now):
    assert alone([{"__ha_lb_now": now}]) == ""


def test_a_change_that_mended_the_peer_counts():
    assert alone([{"__ha_lb_now": ILL, "__ha_lb_done": True}]) == ""


def test_one_that_serves_nobody_is_changed():
    for node in (SPARE, ILL, {**ILL, "held": ["192.0.2.10"]}, DEAD):
        assert alone([{"__ha_lb_now": ILL}], node) == ""


def test_new_nodes_do_not_count():
    assert alone([]) == ""
    assert alone([{"__ha_lb_before": DEAD}]) == ""


def test_what_the_peers_run_is_that_of_the_last_look():
    hostvars = {
        "lb1": {"__ha_lb_now": {**FIT, "instances": [{"name": "web-v6"}]}},
        "lb2": {"__ha_lb_before": FIT, "__ha_lb_now": {"instances": [{"name": "web"}, {"name": "api"}]}},
        "lb3": {"__ha_lb_before": FIT},
        "lb4": {"__ha_lb_now": {"msg": "it does not answer"}},
    }
    assert peers_run("lb1", list(hostvars), hostvars) == ["api", "web"]


def test_a_peer_that_is_changed_runs_everything():
    assert peers_run("lb1", ["lb1", "lb2"], {"lb1": {}, "lb2": {"__ha_lb_now": FIT, "__ha_lb_done": True}}) == []
