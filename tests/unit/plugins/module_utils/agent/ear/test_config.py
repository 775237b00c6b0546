# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.agent.ear.config import Instance, Uplink, Watched, read_instances, read_uplinks

WEB = {
    **{"name": "web", "vrid": 51, "family": "ipv6", "interface": "eth0", "interval_seconds": 1},
    **{"down_timer_adverts": 3, "source": "fe80::1", "peers": ["fe80::2"], "addresses": ["2001:DB8::10/64"]},
}
UPLINK = {"address": "192.0.2.1", "port": None, "interval_seconds": 1, "fall": 3, "rise": 2}


def instances(**more):
    return json.dumps({"node": "lb1", "instances": [{**WEB, **more}]})


def test_instances():
    (web,) = read_instances(instances(transport="unicast", priority=254, preempt=True))
    peers, addresses = frozenset({"fe80::2"}), frozenset({"2001:db8::10"})
    assert web == Instance("web", 51, "ipv6", "eth0", 1.0, 3.0, "fe80::1", peers, addresses)
    assert web.takeover() == 4.0


def test_what_is_not_known_of_multicast():
    (web,) = read_instances(instances(source=None, peers=None, down_timer_adverts=None))
    assert (web.source, web.peers, web.down_adverts) == ("", frozenset(), 3.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON that can be read"),
        ("{", "it is no JSON that can be read"),
        ("[" * 100_000, "it is no JSON that can be read"),
        ("[]", "it has another shape"),
        ("{}", "it has no list, or one that is too long"),
        (json.dumps({"instances": [WEB] * 513}), "it has no list, or one that is too long"),
        (json.dumps({"instances": [WEB, 5]}), "[1] has or lacks"),
        (json.dumps({"instances": [{}]}), "[0] has or lacks 'family'"),
        (instances(vrid=0), "[0] has or lacks 0, which is not from 1 to 255"),
        (instances(family="ipx"), "[0] has or lacks the family 'ipx'"),
        (instances(interval_seconds=float("nan")), "[0] has or lacks nan, which is not from 0.01 to 255"),
        (instances(addresses=["lb1"]), "[0] has or lacks 'lb1', which is no address"),
        (instances(peers=[None]), "[0] has or lacks 'None', which is no address"),
    ],
)
def test_instances_that_cannot_be_read(text, why):
    with pytest.raises(ValueError, match="^" + why.replace("[", r"\[").replace("]", r"\]")):
        read_instances(text)


def test_uplinks():
    listed = json.dumps([UPLINK, {**UPLINK, "address": "2001:DB8::1", "port": 443}])
    assert read_uplinks(listed) == (Uplink("192.0.2.1", None, 1.0, 3, 2), Uplink("2001:db8::1", 443, 1.0, 3, 2))


@pytest.mark.parametrize(
    "wrong",
    [{"address": "gateway"}, {"port": 0}, {"port": 65536}, {"interval_seconds": 0}, {"fall": 0}, {"rise": "x"}],
)
def test_uplinks_that_cannot_be_read(wrong):
    with pytest.raises(ValueError, match=r"^\[0\] has or lacks"):
        read_uplinks(json.dumps([{**UPLINK, **wrong}]))


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=5))
def test_no_data_is_a_traceback(value):
    for read, data in (
        (read_instances, {"instances": [{**WEB, "addresses": value, "vrid": value}]}),
        (read_uplinks, value),
    ):
        try:
            read(json.dumps(data))
        except ValueError as error:
            assert str(error)


def test_a_file_that_changes(tmp_path):
    path = tmp_path / "uplinks.json"
    watched = Watched(str(path), read_uplinks)
    assert (watched.refresh(), watched.value, watched.problem) == (False, (), "")
    path.write_text(json.dumps([UPLINK]))
    assert (watched.refresh(), len(watched.value)) == (True, 1)
    assert watched.refresh() is False
    path.write_text("[{")
    assert (watched.refresh(), len(watched.value)) == (False, 1)
    assert watched.problem == f"{path} cannot be read: it is no JSON that can be read"
    path.unlink()
    assert (watched.refresh(), watched.value, watched.problem) == (True, (), "")


def test_what_is_missing_and_needed_leaves_what_was_known(tmp_path):
    path = tmp_path / "instances.json"
    watched = Watched(str(path), read_instances, "so it waits")
    watched.refresh()
    assert watched.problem == f"{path} is not there: so it waits"
    path.write_text(instances())
    watched.refresh()
    path.unlink()
    assert (watched.refresh(), len(watched.value)) == (False, 1)


def test_a_file_that_may_not_be_read(tmp_path):
    watched = Watched(str(tmp_path), read_uplinks)
    watched.refresh()
    assert watched.problem == f"{tmp_path} cannot be read: Is a directory"
