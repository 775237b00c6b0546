# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard has mended and the ear has heard is told, once each, also after a restart."""

from __future__ import annotations

import json

import pytest
from module_utils.agent.config import Config, Mail
from module_utils.agent.notify import daemon
from module_utils.agent.notify.daemon import NEWS_SECONDS, Notifier, Paths
from module_utils.agent.notify.message import FIELDS, MessagePlace, as_journal, as_log, news_message
from module_utils.agent.notify.news import (
    FORGET_SECONDS,
    HEARD,
    LONGEST,
    MENDED,
    MOST_BYTES,
    NewsFile,
    Told,
    acts_of,
    as_data,
    findings_of,
    from_data,
    still_there,
    untold,
    with_told,
)
from module_utils.agent.notify.pacing import QUIET_SECONDS

ACT = {
    **{"time": 1_700_000_000.5, "monotonic": 77.0},
    **{"cause": "keepalived did not answer for 2 s", "did": "restarted keepalived"},
}
FINDING = {
    **{"name": "web", "kind": "stranger", "since": 1_700_000_000.0},
    "message": "192.0.2.99 sends adverts of VRID 51 on eth0, with priority 100.",
}
LB1 = MessagePlace("loadbalancers", "lb1")
MAIL = Mail("mail", ("ops@example.org",), "lb@example.org", "192.0.2.25", 587, "none")


def acts(*times):
    return {"acts": [{**ACT, "time": each} for each in times]}


def findings(*names):
    return {"findings": [{**FINDING, "name": each} for each in names]}


def test_the_message_about_an_act():
    (act,) = acts_of({"acts": [ACT]})
    message = news_message(7, LB1, act)
    assert set(message) == set(FIELDS)
    assert message["kind"] == MENDED
    subject = "lb1 has mended itself: restarted keepalived, because keepalived did not answer for 2 s"
    assert message["subject"] == subject
    assert message["text"].splitlines()[2:] == [
        "Cluster: loadbalancers",
        "Node:    lb1",
        "Time:    2023-11-14 22:13:20 UTC",
        "Cause:   keepalived did not answer for 2 s",
        "Done:    restarted keepalived",
        "Next:    nothing, if it does not come again; `journalctl -u ha_lb-guard` there says more",
        "Message: lb1-7",
    ]
    assert as_log(message) == f"2023-11-14 22:13:20 UTC lb1-7 {message['subject']}\n"
    assert b"PRIORITY=4\n" in as_journal(message)


def test_the_message_about_a_finding():
    (finding,) = findings_of({"findings": [FINDING]})
    message = news_message(8, LB1, finding)
    assert (message["kind"], message["instance"]) == (HEARD, "web")
    assert message["subject"] == "lb1 hears: 192.0.2.99 sends adverts of VRID 51 on eth0, with priority 100"
    assert "Next:     find the sender by its address: it, or this cluster, needs another VRID" in message["text"]
    assert "Since:    2023-11-14 22:13:20 UTC" in message["text"]


def test_a_finding_of_a_kind_that_nobody_knows():
    (finding,) = findings_of({"findings": [{**FINDING, "kind": "new"}]})
    assert finding.further == "`status` says more"


@pytest.mark.parametrize(
    "data",
    [
        *(None, [], 5, {}, {"acts": None, "findings": {}}, {"acts": "acts", "findings": "findings"}),
        *({"acts": [each], "findings": [each]} for each in (None, 1, "x", [], {}, {"time": "x"})),
        {"acts": [{**ACT, "time": None}], "findings": [{**FINDING, "since": True}]},
        {"acts": [{**ACT, "time": 1e300}], "findings": [{**FINDING, "since": -1}]},
        {"acts": [{**ACT, "did": 1}], "findings": [{**FINDING, "message": ["x"]}]},
        {"acts": [{**ACT, "time": float("nan")}], "findings": [{**FINDING, "since": float("inf")}]},
    ],
    ids=str,
)
def test_what_is_not_of_that_shape_is_left_out(data):
    assert [*acts_of(data), *findings_of(data)] == []


def test_texts_are_visible_and_short():
    (act,) = acts_of({"acts": [{**ACT, "did": "\x1b[2Jx", "cause": "y" * 1000}]})
    assert act.said == "\\x1b[2Jx"
    assert len(act.cause) == LONGEST


def test_untold_is_what_was_not_told_the_oldest_first():
    told = with_told(Told(), next(acts_of(acts(2.0))), 10.0)
    assert [each.time for each in untold(told, acts_of(acts(3.0, 2.0, 1.0, 1.0)))] == [1.0, 3.0]


def test_a_finding_is_told_again_after_it_has_been_gone_for_long():
    there = list(findings_of(findings("web")))
    told = with_told(Told(), there[0], 10.0)
    told = still_there(told, there, 10_000.0)
    assert untold(told, there) == []
    told = still_there(told, [], 9_999.0 + FORGET_SECONDS)
    assert untold(told, there) == []
    told = still_there(told, [], 10_000.0 + FORGET_SECONDS)
    assert untold(told, there) == there


def test_what_was_told_is_known_after_a_restart():
    told = with_told(with_told(Told(), next(acts_of(acts(1.0))), 5.0), next(findings_of(findings("web"))), 5.0)
    again = from_data(json.loads(json.dumps(as_data(told))), 9e9)
    assert (again.acts, again.findings) == (told.acts, {"stranger web": 9e9})


def test_a_file_is_read_again_when_it_is_another(tmp_path):
    path = tmp_path / "guard.json"
    file = NewsFile(path)
    assert file.read() == {}
    path.write_text('{"acts": 1}')
    assert file.read() == {"acts": 1}
    path.write_text('{"acts": 22}')
    assert file.read() == {"acts": 22}
    for torn in ("{", "[" * 100_000, "x" * (MOST_BYTES + 1)):
        path.write_text(torn)
        assert file.read() == {}
    path.unlink()
    assert file.read() == {}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a function that starts a notifier whose channel gets these words, with the same files each time."""
    monkeypatch.setattr(daemon, "JOURNAL", str(tmp_path / "journal"))
    names = {name: tmp_path / name for name in Paths._fields}
    for name in ("tracked", "state"):
        names[name].mkdir()

    def start(*words, most=3):
        return Notifier(
            Config("loadbalancers", "lb1", words or ("active", MENDED, HEARD), most, (MAIL,)), Paths(**names)
        )

    return start


def waiting(notifier):
    files = sorted((notifier.paths.state / "queue/mail").iterdir())
    return [json.loads(path.read_text())["subject"].split(":")[0] for path in files]


def write(path, data):
    path.write_text(json.dumps(data))


def test_news_are_told_once_also_after_a_restart(made):
    notifier = made()
    write(notifier.paths.guard, acts(1.0))
    write(notifier.paths.heard, findings("web"))
    for now in (10.0, 20.0):
        notifier.tick(now)
    assert waiting(notifier) == ["lb1 has mended itself", "lb1 hears"]
    again = made()
    write(again.paths.guard, acts(1.0, 25.0))
    again.tick(30.0)
    assert waiting(again) == ["lb1 has mended itself", "lb1 hears", "lb1 has mended itself"]
    assert len(again.paths.log.read_text().splitlines()) == 3


def test_news_are_looked_for_now_and_then_whatever_the_clock_does(made):
    notifier = made()
    notifier.tick(10.0)
    write(notifier.paths.guard, acts(1.0))
    notifier.tick(10.0 + NEWS_SECONDS / 2)
    assert waiting(notifier) == []
    notifier.tick(5.0)
    assert waiting(notifier) == ["lb1 has mended itself"]
    write(notifier.paths.guard, acts(2.0))
    notifier.tick(3600.0)
    assert len(waiting(notifier)) == 2


def test_words_outside_notify_on_are_only_logged(made):
    notifier = made(HEARD)
    write(notifier.paths.guard, acts(1.0))
    write(notifier.paths.heard, findings("web"))
    notifier.tick(10.0)
    assert waiting(notifier) == ["lb1 hears"]
    assert "lb1 has mended itself" in notifier.paths.log.read_text()


def test_what_there_is_no_room_for_is_told_later(made):
    notifier = made(most=2)
    write(notifier.paths.guard, acts(1.0, 2.0, 3.0))
    for now in (10.0, 20.0, 69.0):
        notifier.tick(now)
    assert len(waiting(notifier)) == 2
    notifier.tick(72.0)
    assert len(waiting(notifier)) == 3


def test_news_do_not_overtake_changes_that_are_held_back(made):
    notifier = made(most=1)
    for now, state in ((10.0, "MASTER"), (10.1, "BACKUP"), (10.2, "MASTER")):
        notifier.receive(f'INSTANCE "web" {state} 254', now)
    write(notifier.paths.guard, acts(1.0))
    notifier.tick(11.0)
    assert waiting(notifier) == ["web"]
    notifier.tick(11.0 + QUIET_SECONDS)
    notifier.tick(120.0)
    assert waiting(notifier) == ["web", "web", "lb1 has mended itself"]
