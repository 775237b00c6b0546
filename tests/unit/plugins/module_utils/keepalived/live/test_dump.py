# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.keepalived.live import dump
from module_utils.keepalived.live.dump import held_addresses, instance_states, lacking, patience, watches_files


@pytest.fixture
def keepalived(tmp_path, monkeypatch):
    """Return the files of a keepalived that answers a signal, atomically, with a dump of no instances."""
    pid_file, path = tmp_path / "keepalived.pid", tmp_path / "keepalived.json"
    pid_file.write_text("4711\n")

    def answer(pid, signal):
        assert (pid, signal) == (4711, dump.JSON_SIGNAL)
        fresh = tmp_path / "fresh"
        fresh.write_text("[]")
        fresh.rename(path)

    monkeypatch.setattr(os, "kill", answer)
    return pid_file, path


def test_a_keepalived_that_answers(keepalived):
    assert instance_states(*keepalived) == []


def test_an_old_answer_is_not_taken_for_the_new_one(keepalived):
    keepalived[1].write_text("an old one")
    assert instance_states(*keepalived) == []


def test_a_keepalived_that_does_not_answer(keepalived, monkeypatch):
    monkeypatch.setattr(os, "kill", lambda pid, signal: None)
    monkeypatch.setattr(dump, "ANSWER_SECONDS", 0.05)
    with pytest.raises(HaLbError, match=r"^keepalived runs, but does not write its status to .*keepalived.json$"):
        instance_states(*keepalived)


@pytest.mark.parametrize("text", [None, "", "nonsense"])
def test_no_process_id(keepalived, text):
    keepalived[0].unlink() if text is None else keepalived[0].write_text(text)
    assert instance_states(*keepalived) is None


def test_a_process_that_is_gone(keepalived, monkeypatch):
    def nobody(pid, signal):
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", nobody)
    assert instance_states(*keepalived) is None


def test_only_root_may_ask(keepalived, monkeypatch):
    def forbidden(pid, signal):
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    with pytest.raises(HaLbError, match=r"^only root may ask keepalived: log in as root, or use become$"):
        instance_states(*keepalived)


def states(*names):
    return [
        {"name": f"vip{index}", "state": name, "adverts_received": 10, "adverts_sent": 20, "advert_interval": 1.5}
        for index, name in enumerate(names)
    ]


def later(instances, **counts):
    return [{**each, **counts} for each in instances]


HEARS_NOTHING = "instance vip1 is a backup and hears no adverts: see that VRRP (IP protocol 112) comes through to it"


@pytest.mark.parametrize(
    ("wanted", "instances", "proxy", "expected"),
    [
        ("nothing", None, "HTTP 503", ""),
        ("settled", None, "ok", "keepalived does not run"),
        ("settled", states("MASTER", "BACKUP", "FAULT"), "HTTP 503", ""),
        ("settled", states("MASTER", "INIT"), "ok", "instance vip1 is in state INIT"),
        ("fit", None, "ok", "keepalived does not run"),
        ("fit", states("FAULT"), "ok", "instance vip0 is in state FAULT"),
        ("fit", states("BACKUP"), "HTTP 503", "the proxy does not answer to health checks (HTTP 503)"),
        (
            "fit",
            states("FAULT", "INIT"),
            "timed out",
            "instance vip0 is in state FAULT and instance vip1 is in state INIT"
            " and the proxy does not answer to health checks (timed out)",
        ),
    ],
)
def test_lacking(wanted, instances, proxy, expected):
    assert lacking(wanted, instances, proxy) == expected


@pytest.mark.parametrize(
    ("drained", "proxy", "expected"),
    [
        (True, "ok", ""),
        (False, "ok", "instance vip0 is in state FAULT"),
        (True, "HTTP 503", "the proxy does not answer to health checks (HTTP 503)"),
    ],
)
def test_a_drained_node_may_be_in_fault(drained, proxy, expected):
    assert lacking("fit", states("FAULT"), proxy, drained=drained) == expected


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        (later(states("MASTER", "BACKUP"), adverts_received=9, adverts_sent=19), ""),
        (later(states("BACKUP", "MASTER"), adverts_received=9, adverts_sent=19), ""),
        (later(states("MASTER", "BACKUP"), adverts_received=4711, adverts_sent=4711), ""),
        (states("MASTER")[:0], ""),
        (later(states("MASTER", "BACKUP"), adverts_sent=19), HEARS_NOTHING),
        (later(states("MASTER", "BACKUP"), adverts_received=9), "instance vip0 is active and sends no adverts"),
        (states("MASTER", "BACKUP"), f"instance vip0 is active and sends no adverts and {HEARS_NOTHING}"),
        (None, f"instance vip0 is active and sends no adverts and {HEARS_NOTHING}"),
    ],
)
def test_who_is_fit_has_heard_or_sent_an_advert(earlier, expected):
    assert lacking("fit", states("MASTER", "BACKUP"), "ok", earlier) == expected


@pytest.mark.parametrize(
    ("peers_run", "expected"), [((), HEARS_NOTHING), (("vip0", "vip1"), HEARS_NOTHING), (("vip0",), "")]
)
def test_a_backup_of_which_no_peer_speaks_yet_may_be_silent(peers_run, expected):
    earlier = later(states("MASTER", "BACKUP"), adverts_sent=19)
    assert lacking("fit", states("MASTER", "BACKUP"), "ok", earlier, peers_run=peers_run) == expected


def test_an_active_one_sends_whoever_runs_it():
    earlier = later(states("MASTER"))
    assert lacking("fit", states("MASTER"), "ok", earlier, peers_run=("vip9",)) != ""


def test_who_is_fit_watches_its_files():
    earlier = later(states("MASTER"), adverts_sent=19)
    said = lacking("fit", states("MASTER"), "ok", earlier, watching=False)
    assert said.startswith("keepalived does not watch its tracked files")
    assert lacking("settled", states("MASTER"), "ok", earlier, watching=False) == ""


@pytest.mark.parametrize(
    ("links", "expected"),
    [(["socket:[1]", "anon_inode:inotify"], True), (["anon_inode:[timerfd]"], False), ([], False)],
)
def test_files_are_watched_by_a_child(tmp_path, links, expected):
    (tmp_path / "pid").write_text("7\n")
    (tmp_path / "7/task/7").mkdir(parents=True)
    (tmp_path / "7/task/7/children").write_text("8 ")
    (tmp_path / "8/fd").mkdir(parents=True)
    for number, link in enumerate(links):
        (tmp_path / "8/fd" / str(number)).symlink_to(link)
    assert watches_files(tmp_path / "pid", tmp_path) is expected


def test_what_cannot_be_told_of_files_is_no_finding(tmp_path):
    assert watches_files(tmp_path / "pid", tmp_path)


def test_patience_is_that_of_the_slowest():
    assert patience(states("MASTER", "BACKUP")) == 3.0
    assert patience(None) == patience([]) == 0.0


LINKS = [
    {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
    {"ifname": "eth0", "addr_info": [{"local": "192.0.2.11"}, {"local": "2001:db8::11"}, {"family": "inet"}]},
    {"ifname": "eth1"},
    {},
]


def test_held_addresses():
    def run(command):
        assert command == ["ip", "-json", "address"]
        return 0, json.dumps(LINKS), ""

    assert held_addresses(run) == {"127.0.0.1", "192.0.2.11", "2001:db8::11"}


def test_ip_that_fails():
    with pytest.raises(HaLbError, match=r"^ip address: cannot open netlink socket$"):
        held_addresses(lambda command: (1, "", "cannot open netlink socket\n"))


def test_a_node_without_a_proxy_is_fit_without_one():
    assert lacking("fit", [], "none") == ""
    assert lacking("fit", [], "refused") == "the proxy does not answer to health checks (refused)"
