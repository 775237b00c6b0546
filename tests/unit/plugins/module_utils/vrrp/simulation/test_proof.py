# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs of right clusters, and of wrong state machines."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.model import Settings
from module_utils.vrrp.read import read_cluster
from module_utils.vrrp.simulation import outage
from module_utils.vrrp.simulation.events import Advert, Fail, Timeout
from module_utils.vrrp.simulation.machine import TABLE, Machine, Row, State
from module_utils.vrrp.simulation.proof import proof_result, proof_table, prove
from module_utils.vrrp.weights import FAULT_WEIGHT
from samples import API, DUAL, LB1, LB2, LB3, NODES, VERSION_2, WEB, many_nodes, many_vips

SECONDS = 5.0


def proved(nodes=NODES, vips=(WEB, API), **options):
    cluster = read_cluster(nodes, vips, **options)
    return proof_result(prove(cluster, lay_out(cluster)))


def titled(result, title):
    return next(each for each in result["failures"] if each["title"] == title)


def test_prove_a_pair():
    result = proved()
    assert (result["holds"], result["findings"]) == (True, [])
    assert result["normal"] == {"web": "lb1", "api": "lb2"}
    assert titled(result, "lb1 dies") == {
        "parts": [{"kind": "node", "node": "lb1"}],
        "title": "lb1 dies",
        "holders": {"web": "lb2", "api": "lb2"},
        "moves": [{"vip": "web", "from": "lb1", "to": "lb2", "outage_seconds": 0.302, "two_holders_seconds": 0.0}],
        "outage_seconds": 0.302,
        "two_holders_seconds": 0.0,
        "lost": [],
    }


def test_proof_result_is_plain_data():
    result = proved(vips=[DUAL])
    assert json.loads(json.dumps(result)) == result


def test_prove_order_of_failures():
    titles = [each["title"] for each in proved()["failures"]]
    assert titles[:9] == [
        "lb1 dies",
        "lb2 dies",
        "lb1 loses its network",
        "lb2 loses its network",
        "the proxy of lb1 fails",
        "the proxy of lb2 fails",
        "keepalived of lb1 is killed",
        "keepalived of lb2 is killed",
        "lb1 dies and lb2 dies",
    ]
    assert len(titles) == 8 + 8 * 7 / 2 - 2 * 3
    assert "lb1 loses its network and the proxy of lb1 fails" in titles
    assert "lb1 dies and the proxy of lb1 fails" not in titles


@pytest.mark.parametrize(
    ("title", "outage", "two_holders"),
    [
        ("lb1 dies", 0.302, 0.0),
        ("lb1 loses its network", 0.302, 0.0),
        ("the proxy of lb1 fails", 0.008, 0.0),
        ("keepalived of lb1 is killed", 0.0, 0.2),
        ("lb2 dies", 0.0, 0.0),
        ("the proxy of lb1 fails and keepalived of lb1 is killed", 0.302, 0.2),
    ],
)
def test_prove_times_of_a_failure(title, outage, two_holders):
    failure = titled(proved(vips=[WEB]), title)
    assert failure["outage_seconds"] == pytest.approx(outage, abs=0.0011)
    assert failure["two_holders_seconds"] == pytest.approx(two_holders, abs=0.0011)


def test_prove_outage_of_two_failures_has_the_skew_of_the_third_node():
    result = proved([LB1, LB2, LB3], [WEB])
    [heir] = {move["to"] for move in titled(result, "lb1 dies")["moves"]}
    assert titled(result, f"lb1 dies and {heir} dies")["outage_seconds"] == 0.31  # priority 230


UPLINKS = ["192.0.2.1", "192.0.2.2"]


def test_prove_the_loss_of_uplinks():
    result = proved(vips=[WEB], uplinks=UPLINKS)
    assert result["findings"] == []
    alone = titled(result, "lb1 loses its uplinks")
    assert alone["parts"] == [{"kind": "uplink", "node": "lb1"}]
    assert alone["holders"] == {"web": "lb2"}
    # Four intervals until it is noticed, the wait of a holder, and a takeover without a gap
    assert alone["outage_seconds"] == pytest.approx(4.5 + 2 + 0.2, abs=0.11)
    assert titled(result, "lb2 loses its uplinks")["moves"] == []


def test_prove_that_uplinks_never_take_the_last_holder_down():
    result = proved(vips=[WEB], uplinks=UPLINKS)
    for title in (
        "lb1 loses its uplinks and lb2 loses its uplinks",
        "lb2 dies and lb1 loses its uplinks",
        "the proxy of lb2 fails and lb1 loses its uplinks",
        "keepalived of lb2 is killed and lb1 loses its uplinks",
    ):
        failure = titled(result, title)
        assert (failure["holders"], failure["moves"], failure["lost"]) == ({"web": "lb1"}, [], [])


def test_prove_a_fit_node_before_those_that_are_cut_off():
    result = proved([LB1, LB2, LB3], [WEB], uplinks=UPLINKS)
    assert result["holds"]
    heir = titled(result, "lb1 dies")["holders"]["web"]
    pair = titled(result, f"lb1 loses its uplinks and {heir} loses its uplinks")
    assert pair["holders"]["web"] not in ("lb1", heir)
    everybody = titled(result, "all lose their uplinks")
    assert (len(everybody["parts"]), everybody["moves"], everybody["holders"]) == (3, [], {"web": "lb1"})


def test_without_uplinks_nobody_loses_them():
    assert not any("uplinks" in each["title"] for each in proved([LB1, LB2, LB3])["failures"])


@settings(max_examples=15)
@given(st.tuples(st.integers(1, 4), st.integers(1, 4), st.booleans(), st.sampled_from([2, 3])))
def test_prove_any_layout_with_uplinks(cluster):
    nodes, vips, dual, version = cluster
    known = Settings() if version == 3 else VERSION_2
    more = [DUAL] if dual and version == 3 else []
    result = proved(many_nodes(nodes), [*many_vips(vips), *more], settings=known, uplinks=["10.0.2.1"])
    assert result["findings"] == []


def test_prove_finds_uplinks_that_do_not_count(monkeypatch):
    monkeypatch.setattr("module_utils.vrrp.simulation.incidents.UPLINK_WEIGHT", -1)
    assert (
        "lb1 loses its uplinks: web is held by lb1, which cannot serve it"
        in proved(vips=[WEB], uplinks=UPLINKS)["findings"]
    )


def test_prove_finds_uplinks_that_take_the_last_holder_down(monkeypatch):
    monkeypatch.setattr("module_utils.vrrp.simulation.incidents.UPLINK_WEIGHT", FAULT_WEIGHT)
    both = "lb1 loses its uplinks and lb2 loses its uplinks: nobody holds web, although lb1 can"
    assert both in proved(vips=[WEB], uplinks=UPLINKS)["findings"]


def test_prove_lost_vips_are_no_finding():
    result = proved()
    both = titled(result, "lb1 dies and lb2 dies")
    assert both["lost"] == ["web", "api"]
    assert [(move["to"], move["outage_seconds"]) for move in both["moves"]] == [(None, 0.0), (None, 0.0)]
    assert result["holds"]


@pytest.mark.parametrize(
    "options",
    [
        {"settings": VERSION_2},
        {"settings": Settings(preempt=False)},
        {"settings": Settings(transport="multicast")},
        {"settings": Settings(down_timer_adverts=1)},
        {"nodes": [LB1]},
        {"nodes": [LB1, LB2, LB3], "vips": [WEB, DUAL]},
        {"nodes": [LB1, LB2, LB3], "sync_groups": [{"name": "both", "vips": ["web", "api"]}]},
    ],
    ids=str,
)
def test_prove_other_clusters(options):
    assert proved(**options)["findings"] == []


def test_prove_version_2():
    assert titled(proved(settings=VERSION_2), "lb1 dies")["outage_seconds"] == pytest.approx(3.023, abs=0.0011)


def test_prove_pinned_instances():
    cluster = read_cluster([LB1, LB2, LB3], [WEB])
    layout = lay_out(cluster)
    [web] = layout.instances
    pinned = replace(layout, instances=(replace(web, priorities={"lb2": 254, "lb3": 250}),))
    result = proof_result(prove(cluster, pinned))
    assert result["holds"]
    assert titled(result, "lb1 dies")["moves"] == []
    assert titled(result, "lb2 dies")["holders"] == {"web": "lb3"}
    assert titled(result, "lb2 dies and lb3 dies")["lost"] == ["web"]


CLUSTERS = st.tuples(st.integers(1, 4), st.integers(1, 4), st.booleans(), st.booleans())


@settings(max_examples=15)
@given(CLUSTERS)
def test_prove_any_layout_within_the_bounds_of_the_protocol(cluster):
    nodes, vips, preempt, dual = cluster
    result = proved(
        many_nodes(nodes), [*many_vips(vips), *([DUAL] if dual else [])], settings=Settings(preempt=preempt)
    )
    assert result["findings"] == []
    for failure in result["failures"]:
        assert failure["outage_seconds"] <= 0.3 + 0.1 * (256 - 254 + 4 + 20 * (nodes - 2)) / 256 + 0.0005
        assert failure["two_holders_seconds"] <= 0.3 + 0.1


def test_prove_a_large_cluster_in_time():
    begin = time.monotonic()
    result = proved(many_nodes(8), many_vips(16))
    assert time.monotonic() - begin < SECONDS
    assert result["holds"]
    assert len(result["failures"]) == 32 + 32 * 31 / 2 - 8 * 3


# What is not proved


@pytest.mark.parametrize(
    ("key", "row", "finding"),
    [
        ((State.BACKUP, Advert), Row(State.BACKUP, Machine._discard), "nothing fails: web does not come to rest"),
        (
            (State.BACKUP, Timeout),
            Row(State.BACKUP, Machine._hold_back),
            "nothing fails: nobody holds web, although lb1 can",
        ),
        ((State.ACTIVE, Fail), Row(State.FAULT, Machine._disarm), "the proxy of lb1 fails: web is held by lb1 and lb2"),
    ],
)
def test_prove_finds_a_wrong_machine(monkeypatch, key, row, finding):
    monkeypatch.setitem(TABLE, key, row)
    result = proved(vips=[WEB])
    assert not result["holds"]
    assert finding in result["findings"]


def test_prove_finds_a_vip_that_stays(monkeypatch):
    monkeypatch.setitem(outage.FAILURES, "keepalived", lambda simulation, node: simulation.end(node))
    findings = proved(vips=[WEB])["findings"]
    assert findings[:2] == [
        "keepalived of lb1 is killed: web is held by lb1 and lb2",
        "keepalived of lb1 is killed: web has two holders for 0.702 s, and 0.402 s are the most",
    ]


def test_prove_finds_families_on_different_nodes():
    cluster = read_cluster(NODES, [DUAL])
    layout = lay_out(cluster)
    four, six = (replace(each, sync_group=None) for each in layout.instances)
    apart = replace(layout, instances=(four, replace(six, priorities={"lb2": 254, "lb1": 250})), sync_groups={})
    result = proof_result(prove(cluster, apart))
    assert result["findings"][0] == "nothing fails: the families of dual part: IPv4 on lb1, IPv6 on lb2"
    assert "NOT PROVED: nothing fails: the families of dual part" in proof_table(result)


# The table


def test_proof_table():
    assert proof_table(proved(vips=[WEB])).splitlines() == [
        "what fails                   VIPs that move  outage   two holders",
        "lb1 dies                     web lb1→lb2     0.302 s  0",
        "lb2 dies                     none            0        0",
        "lb1 loses its network        web lb1→lb2     0.302 s  0",
        "lb2 loses its network        none            0        0",
        "the proxy of lb1 fails       web lb1→lb2     0.008 s  0",
        "the proxy of lb2 fails       none            0        0",
        "keepalived of lb1 is killed  web lb1→lb2     0        0.200 s",
        "keepalived of lb2 is killed  none            0        0",
        "all 22 pairs: one holder each, but for 16 that leave no node for a VIP; longest outage 0.302 s "
        "(lb1 loses its network and the proxy of lb1 fails)",
    ]


def test_proof_table_of_lost_vips_and_wrong_pairs(monkeypatch):
    assert "lb1 dies                     web lb1→lost    no end  0" in proof_table(proved([LB1], [WEB])).splitlines()
    monkeypatch.setitem(TABLE, (State.ACTIVE, Fail), Row(State.FAULT, Machine._disarm))
    table = proof_table(proved(vips=[WEB]))
    assert "\nthe proxy of lb1 fails and keepalived of lb2 is killed" in table
    assert "all 22 pairs" not in table


def test_proof_table_of_uplinks():
    lines = proof_table(proved([LB1, LB2, LB3], [WEB], uplinks=UPLINKS)).splitlines()
    assert [line.split("  ")[0] for line in lines[13:]] == [
        "lb1 loses its uplinks",
        "lb2 loses its uplinks",
        "lb3 loses its uplinks",
        "all lose their uplinks",
        "all 93 pairs: one holder each; longest outage 6.731 s (the proxy of lb1 fails and lb2 loses its uplinks)",
    ]
