# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.keepalived.live.standing import drained_by, lacks, standing, unable, unfit

VIPS = {"web": ["192.0.2.10"], "api": ["192.0.2.20", "2001:db8::20"]}
WEB = {"name": "web", "state": "MASTER", "addresses": ["192.0.2.10/24"]}
API = {"name": "api_ipv4", "state": "BACKUP", "addresses": ["192.0.2.20/24"]}
LOOK = {"running": True, "proxy": "ok", "instances": [WEB, API], "held": ["192.0.2.10"], "drain": {"value": 0}}
DRAIN = {"drain": {"value": -253, "by": "upgrade"}}
FAULT = [{**WEB, "state": "FAULT"}, API]


def test_standing_of_a_fit_node():
    found = standing(LOOK, VIPS)
    able = {"fit": True, "drained": False, "can_take_over": True, "why": ""}
    assert found == {
        "holds": ["192.0.2.10"],
        **able,
        "vips": {"web": {"holds": ["192.0.2.10"], **able}, "api": {"holds": [], **able}},
    }


@pytest.mark.parametrize(
    ("look", "fit", "why"),
    [
        ({}, False, "does not say how it is (None)"),
        ({"unreachable": True}, False, "cannot be reached"),
        ({"msg": "no answer"}, False, "does not say how it is (no answer)"),
        ({**LOOK, "running": False, "instances": []}, False, "runs no keepalived"),
        ({**LOOK, "proxy": "HTTP 503"}, False, "has a proxy that does not answer (HTTP 503)"),
        ({**LOOK, "instances": FAULT}, False, "is in state FAULT"),
        ({**LOOK, **DRAIN}, True, "is drained"),
        ({**LOOK, **DRAIN, "instances": FAULT}, True, "is drained"),  # where peers do not preempt
        ({**LOOK, **DRAIN, "proxy": "HTTP 503"}, False, "has a proxy that does not answer (HTTP 503)"),
    ],
)
def test_standing_of_a_node_that_cannot_take_over(look, fit, why):
    found = standing(look, VIPS)
    assert (found["fit"], found["can_take_over"], found["why"]) == (fit, False, why)
    assert (unable(look), unfit(look) == "") == (why, fit)


def test_standing_of_one_vip():
    found = standing({**LOOK, "instances": FAULT}, {**VIPS, "new": ["192.0.2.30"]})["vips"]
    assert (found["web"]["can_take_over"], found["web"]["why"]) == (False, "is in state FAULT")
    assert found["api"]["can_take_over"]
    assert (found["new"]["fit"], found["new"]["why"]) == (False, "does not have new")
    drained = standing({**LOOK, **DRAIN}, VIPS)["vips"]["web"]
    assert (drained["fit"], drained["drained"], drained["why"]) == (True, True, "is drained")


def test_lacks_an_instance():
    assert lacks(LOOK, "web") == ""
    assert lacks(LOOK, "mail") == "does not have mail"
    assert lacks({}, "mail") == "does not say how it is (None)"


def test_drained_by():
    assert (drained_by(LOOK), drained_by({**LOOK, **DRAIN}), drained_by({"drain": None})) == ("", "upgrade", "")


GUARD = {"installed": True, "age_seconds": 0.2, "unfit": [], "node_unfit": "", "acts": []}


@pytest.mark.parametrize(
    ("guard", "of_web", "of_api"),
    [
        ({}, "", ""),
        ({"unfit": [{"name": "web", "why": "is deaf"}]}, "is deaf", ""),
        ({"unfit": [{"name": "api_ipv4", "why": "is deaf"}]}, "", "is deaf"),
        ({"node_unfit": "is frozen"}, "is frozen", "is frozen"),
        ({"node_unfit": "is frozen", "age_seconds": 11.0}, "", ""),  # nobody knows whether it still is
        ({"node_unfit": "is frozen", "age_seconds": None}, "", ""),
    ],
)
def test_what_the_guard_says_counts(guard, of_web, of_api):
    found = standing({**LOOK, "guard": {**GUARD, **guard}}, VIPS)
    assert (found["vips"]["web"]["why"], found["vips"]["api"]["why"]) == (of_web, of_api)
    assert (found["fit"], found["can_take_over"]) == (not (of_web or of_api),) * 2
    assert lacks({**LOOK, "guard": {**GUARD, **guard}}, "web") == (of_web or of_api)


def test_who_is_unfit_and_drained_is_drained():
    """Its keepalived may be in FAULT then, of which the guard says the same."""
    look = {**LOOK, **DRAIN, "guard": {**GUARD, "unfit": [{"name": "web", "why": "is deaf"}]}}
    assert (unable(look), unfit(look)) == ("is drained", "")
