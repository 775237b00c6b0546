# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node can take over which VIP: every reason with a look that has it, beside one that has it not."""

from __future__ import annotations

import pytest
from module_utils.keepalived.live.standing import OBSTACLES
from module_utils.operations.takeover import DO, explained_seconds, sentences, verdicts
from module_utils.vrrp.read import read_vips
from samples import API, WEB

BACKUP = {
    **{"name": "web", "state": "BACKUP", "addresses": ["192.0.2.10/24"], "priority": 250, "effective_priority": 250},
    **{"preempt": True, "preempt_delay": 5.0, "advert_interval": 0.1, "calm_seconds": 3600.0, "held": []},
}
MASTER = {**BACKUP, "state": "MASTER", "priority": 254, "effective_priority": 254, "held": ["192.0.2.10"]}
GUARD = {"installed": True, "age_seconds": 0.2, "unfit": [], "node_unfit": "", "acts": []}
LOOK = {"running": True, "proxy": "ok", "drain": {"value": 0}, "units": ["keepalived", "nginx"], "guard": GUARD}
HOLDER = {**LOOK, "instances": [MASTER], "held": ["192.0.2.10"]}
FIT = {**LOOK, "instances": [BACKUP], "held": []}
UNFIT = "does not hear its peers' adverts"


def judged(lb2, lb1=None, vips=(WEB,)):
    looks = {"lb1": lb1 or HOLDER, "lb2": lb2}
    found = verdicts(read_vips(list(vips)), looks)
    return found, sentences(found, looks)


def said_of_lb2(*args, **options):
    return judged(*args, **options)[1].get("lb2", [])


def guarded(**said):
    return {**FIT, "guard": {**GUARD, **said}}


def test_of_a_node_that_does_not_say_its_units_the_proxy_has_no_name():
    (said,) = said_of_lb2({**FIT, "proxy": "HTTP 503", "units": ["keepalived"]})
    assert said.endswith(": see systemctl status of its proxy on lb2")


def test_a_fit_pair_can_take_over():
    found, said = judged(FIT)
    assert [(each.node, each.vip, bool(each.obstacle)) for each in found] == [
        ("lb1", "web", False),
        ("lb2", "web", False),
    ]
    assert said == {}
    shown = {"node": "lb2", "vip": "web", "can_take_over": True, "because": "", "do": ""}
    assert found[1].shown({"lb1": HOLDER, "lb2": FIT}) == shown


@pytest.mark.parametrize(
    ("lb2", "why", "do"),
    [
        ({"unreachable": True}, "cannot be reached", "see that Ansible can log in on lb2"),
        ({"msg": "no answer"}, "does not say how it is (no answer)", "see journalctl -u keepalived on lb2"),
        ({**FIT, "running": False, "instances": []}, "runs no keepalived", "systemctl start keepalived on lb2"),
        (
            {**FIT, "proxy": "HTTP 503"},
            "has a proxy that does not answer (HTTP 503)",
            "see systemctl status nginx on lb2",
        ),
        (
            {**FIT, "instances": [{**BACKUP, "state": "FAULT"}]},
            "is in state FAULT",
            "see journalctl -u keepalived on lb2",
        ),
        ({**FIT, "instances": []}, "does not have web", "run site"),
        (guarded(unfit=[{"name": "web", "why": UNFIT}]), UNFIT, "its guard mends that when it may"),
        (guarded(node_unfit="has a keepalived that is frozen"), "has a keepalived that is frozen", "its guard mends"),
        (
            {**FIT, "drain": {"value": -253, "by": "upgrade"}},
            "is drained",
            "when upgrade is dead, upgrade, site or restore",
        ),
    ],
)
def test_a_node_cannot_take_over_and_it_is_said_what_to_do(lb2, why, do):
    (said,) = said_of_lb2(lb2)
    assert said.startswith(f"lb2 cannot take over web, because it {why}: {do}")


@pytest.mark.parametrize(
    "lb2",
    [
        guarded(unfit=[{"name": "other", "why": UNFIT}]),  # of an instance that has none of the VIPs
        guarded(unfit=[{"name": "web", "why": UNFIT}], age_seconds=11.0),  # nobody knows whether that is true still
        guarded(unfit=[{"name": "web", "why": UNFIT}], age_seconds=None),
        {**FIT, "guard": None},
        {**FIT, "drain": {"value": -253, "by": ""}},  # people know
        {**FIT, "drain": {"value": -253, "by": "upgrade"}, "locked": True},
        {},  # not asked
    ],
)
def test_what_keeps_no_node_from_taking_over(lb2):
    assert said_of_lb2(lb2) == []


HIGHER = {**BACKUP, "effective_priority": 254}
LOWER = {**MASTER, "effective_priority": 250}


def away(mine, theirs=None):
    return said_of_lb2({**FIT, "instances": [mine]}, {**HOLDER, "instances": [theirs or LOWER]})


def test_a_first_choice_that_leaves_a_vip_to_a_lower_priority_for_too_long():
    late = explained_seconds(HIGHER) + 1
    assert late == pytest.approx(5 + 4 * 0.1 + 10 + 1)
    slow = {**LOWER, "calm_seconds": 3600.0}
    assert away({**HIGHER, "calm_seconds": late}, slow) == [
        "lb2 cannot take over web, because it has the higher priority (254, lb1 has 250) and does not take it, for "
        "16 s: systemctl restart keepalived on lb2, unless its guard has done so (journalctl -u ha_lb-guard)"
    ]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"calm_seconds": 15.0}, {}),  # it came back a moment ago
        ({}, {"calm_seconds": 15.0}),  # the other one's priority became lower a moment ago
        ({"preempt": False}, {}),
        ({"effective_priority": 250}, {}),  # equals do not preempt
        ({"preempt_delay": 3600.0}, {}),
        ({"advert_interval": 1000.0}, {}),
        ({"name": "former"}, {}),
        ({"state": "MASTER"}, {}),  # two holders are told elsewhere
        ({}, {"state": "BACKUP"}),
    ],
)
def test_what_preemption_explains(mine, theirs):
    assert away({**HIGHER, **mine}, {**LOWER, **theirs}) == []


def test_what_a_node_of_an_older_release_does_not_say_is_no_reason():
    bare = {key: value for key, value in HIGHER.items() if key not in ("preempt", "preempt_delay", "calm_seconds")}
    assert away(bare) == []


def test_a_vip_is_only_promised_where_it_may_be():
    pinned = {**API, "pin": ["lb1"]}
    here = {**HOLDER, "instances": [MASTER, {**MASTER, "name": "api", "addresses": ["192.0.2.20/24"]}]}
    assert said_of_lb2(FIT, here, vips=(WEB, pinned)) == []
    assert said_of_lb2(FIT, here, vips=(WEB, API)) == [
        "lb2 cannot take over api, because it does not have api: run site"
    ]


def test_one_sentence_for_all_vips_of_which_the_same_is_true():
    api = {**BACKUP, "name": "api", "addresses": ["192.0.2.20/24"], "state": "FAULT"}
    both = {**FIT, "instances": [{**BACKUP, "state": "FAULT"}, api]}
    here = {**HOLDER, "instances": [MASTER, {**api, "state": "MASTER"}]}
    (said,) = said_of_lb2(both, here, vips=(WEB, API))
    assert said.startswith("lb2 cannot take over web and api, because it is in state FAULT: ")


def test_there_is_something_to_do_about_every_obstacle():
    assert {*DO} == {*OBSTACLES, "away"}
