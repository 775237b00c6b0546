# SPDX-License-Identifier: GPL-3.0-or-later
"""The notifier as a whole, on a clock of its own; tests on demand; and what of the core a node gets."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from module_utils.agent.config import Config, Mail
from module_utils.agent.notify import daemon
from module_utils.agent.notify.daemon import Notifier, Paths, paths_from, read_memory, say_alive
from module_utils.agent.notify.trial import ask, results, sentences, wait_for
from module_utils.basics.errors import HaLbError

ROOT = Path(__file__).parents[6]
CORE = ROOT / "plugins/module_utils"
MAIL = Mail("mail", ("ops@example.org",), "lb@example.org", "192.0.2.25", 587, "none")
CONFIG = Config("loadbalancers", "lb1", ("active", "fault", "stopped", "silent"), 3, (MAIL,))
WEB = {"name": "web", "state": "MASTER", "effective_priority": 254}


@pytest.fixture
def paths(tmp_path, monkeypatch):
    monkeypatch.setattr(daemon, "JOURNAL", str(tmp_path / "journal"))
    names = {name: tmp_path / name for name in Paths._fields}
    for name in ("tracked", "state"):
        names[name].mkdir()
    return Paths(**names)


@pytest.fixture
def journal(paths):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(daemon.JOURNAL)
        yield listening


def notifier(paths):
    return Notifier(CONFIG, paths)


def waiting(made):
    """Return the subjects that wait for mail."""
    files = sorted((made.paths.state / "queue/mail").iterdir())
    return [json.loads(path.read_text())["subject"] for path in files]


def look(paths, time, **given):
    said = {"time": time, "asked": time, "answers": True, "running": True, "instances": [WEB], **given}
    paths.look.write_text(json.dumps(said))


def test_a_change_is_logged_and_queued(paths, journal):
    made = notifier(paths)
    made.hear('INSTANCE "web" MASTER 254', 10.0)
    assert b"HA_LB_STATE=active\n" in journal.recv(65536)
    assert "web: lb1 is now active, priority 254" in paths.log.read_text()
    assert waiting(made) == ["web: lb1 is now active"]


def test_what_nobody_wants_is_only_logged(paths):
    made = notifier(paths)
    made.hear('INSTANCE "web" BACKUP 244', 10.0)
    assert waiting(made) == []
    assert "backup" in paths.log.read_text()


def test_the_same_state_again_is_nothing(paths):
    made = notifier(paths)
    for time in (10.0, 11.0):
        made.hear('INSTANCE "web" MASTER 254', time)
    assert len(waiting(made)) == 1


def test_a_reason_is_found(paths):
    (paths.tracked / "drain").write_text("-254\n")
    notifier(paths).hear('INSTANCE "web" FAULT 0', 10.0)
    assert "because the node is drained" in paths.log.read_text()


def test_without_a_journal_or_a_log_file_people_are_told(paths, capsys):
    paths.log.mkdir()
    made = notifier(paths)
    made.hear('INSTANCE "web" MASTER 254', 10.0)
    assert len(waiting(made)) == 1
    assert "not in the journal" in capsys.readouterr().out


def test_flapping_ends_in_a_digest_with_the_last_state(paths):
    made = notifier(paths)
    for n in range(25):
        made.hear('INSTANCE "web" MASTER 254', 10.0 + n / 10)
        made.hear('INSTANCE "web" FAULT 0', 10.05 + n / 10)
    made.tick(13.0)
    assert len(waiting(made)) == 3
    made.tick(60.0)
    assert waiting(made)[3] == "web: lb1 is now in fault (47 more changes in 50 s)"
    assert len(paths.log.read_text().splitlines()) == 50


def test_numbers_only_grow(paths):
    made = notifier(paths)
    for time in (10.0, 5.0, 5.0):
        made.hear(f"TEST t{time}", time)
    assert [each.split()[3] for each in paths.log.read_text().splitlines()] == ["lb1-10000", "lb1-10001", "lb1-10002"]


def test_what_was_lost_is_found_by_looking(paths):
    made = notifier(paths)
    made.hear('INSTANCE "web" FAULT 0', 10.0)
    for time in (20.0, 21.0):
        look(paths, time)
        made.tick(time)
    assert waiting(made)[1] == "web: lb1 is now active (was in fault)"


def test_an_answer_that_stands_for_a_second_is_enough(paths):
    made = notifier(paths)
    made.hear('INSTANCE "web" FAULT 0', 10.0)
    for time in (20.0, 21.0):
        look(paths, time, asked=11.0)
        made.tick(time)
    assert waiting(made)[1] == "web: lb1 is now active (was in fault)"


def test_an_older_answer_says_nothing_of_what_was_told_since(paths):
    made = notifier(paths)
    made.hear('INSTANCE "web" FAULT 0', 10.0)
    for time in (20.0, 21.0):
        look(paths, time, asked=9.0)
        made.tick(time)
    assert len(waiting(made)) == 1


def test_each_change_leaves_a_trace_for_those_who_look(paths):
    made = notifier(paths)
    made.tick(9.0)
    before = paths.channels.read_text()
    made.hear('INSTANCE "web" BACKUP 244', 10.0)
    made.tick(10.1)
    assert paths.channels.read_text() != before


def test_a_killed_keepalived_is_told(paths):
    made = notifier(paths)
    made.hear('INSTANCE "web" MASTER 254', 10.0)
    for time in (20.0, 21.0):
        look(paths, time, running=False, instances=[])
        made.tick(time)
    assert waiting(made)[1] == "web: lb1 is now stopped (was active)"


def test_after_a_restart_it_knows_what_it_said(paths):
    notifier(paths).hear('INSTANCE "web" MASTER 254', 10.0)
    again = notifier(paths)
    again.hear('INSTANCE "web" MASTER 254', 20.0)
    for time in (21.0, 22.0):
        look(paths, time)
        again.tick(time)
    assert len(waiting(again)) == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"states": {"web": 1}, "pacing": {}, "number": 1}'])
def test_a_memory_that_is_lost(tmp_path, text):
    (tmp_path / "known.json").write_text(text)
    assert read_memory(tmp_path / "known.json")[0] == {}


def test_a_full_disk_stops_nothing(paths, monkeypatch, capsys):
    made = notifier(paths)
    show = daemon.write_whole

    def full(path, text, durable=True):
        raise OSError("No space left on device")

    monkeypatch.setattr(daemon, "write_whole", full)
    made.hear('INSTANCE "web" MASTER 254', 10.0)
    assert "No space left" in capsys.readouterr().out
    monkeypatch.setattr(daemon, "write_whole", show)
    made.tick(11.0)
    assert json.loads(paths.channels.read_text())["channels"][0]["waiting"] == 1


def test_the_unit_names_the_paths():
    environment = {f"HA_LB_{name.upper()}": f"/{name}" for name in Paths._fields}
    assert paths_from(environment).fifo == Path("/fifo")
    unit = (ROOT / "roles/agents/templates/notify.service.j2").read_text()
    assert [name for name in environment if f"{name}=" not in unit] == []


def test_systemd_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    say_alive("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        say_alive("WATCHDOG=1")
        assert systemd.recv(100) == b"WATCHDOG=1"


def test_a_test_is_asked_for_and_answered(paths):
    os.mkfifo(paths.fifo)
    reading = os.open(paths.fifo, os.O_RDWR | os.O_NONBLOCK)
    ask(paths.fifo, "t-1")
    made = notifier(paths)
    for line in os.read(reading, 100).decode().splitlines():
        made.hear(line, 10.0)
    os.close(reading)
    made.tick(11.0)
    assert waiting(made) == ["test: lb1 can reach you"]
    (found,) = wait_for(paths.channels, "t-1", 0.0)
    assert (found["channel"], found["done"], found["delivered"]) == ("mail", False, False)
    with pytest.raises(HaLbError, match="does not answer"):
        wait_for(paths.channels, "t-2", 0.0)


def test_a_test_without_a_notifier(paths):
    with pytest.raises(HaLbError, match="run `site`"):
        ask(paths.fifo, "t")
    with pytest.raises(HaLbError, match="run `site`"):
        wait_for(paths.channels, "t", 0.0)
    os.mkfifo(paths.fifo)
    with pytest.raises(HaLbError, match="systemctl status ha_lb-notify"):
        ask(paths.fifo, "t")


def test_what_became_of_a_test():
    channels = [
        {"name": "mail", "whom": "ops@example.org", "waiting": 0, "problem": "", "tests": {"t": ""}},
        {"name": "sms", "whom": "sms.example.org", "waiting": 0, "problem": "x", "tests": {"t": "HTTP 401"}},
        {"name": "chat", "whom": "chat.example.org", "waiting": 3, "problem": "timed out", "tests": {}},
    ]
    assert sentences(results({"channels": channels}, "t")) == [
        "mail (ops@example.org): delivered",
        "sms (sms.example.org): not delivered: HTTP 401",
        "chat (chat.example.org): not delivered: it still waits, and 2 before it: timed out",
    ]
    assert sentences([]) == ["nobody is told: notify_mail, notify_webhooks and notify_commands are empty"]
