# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole notifier on a virtual clock; test messages; and which files of the core the role copies."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from module_utils.agent.config import Config, Mail
from module_utils.agent.notify import daemon
from module_utils.agent.notify.daemon import Notifier, Paths, paths_from, read_memory
from module_utils.agent.notify.trial import ask, results, sentences, wait_for
from module_utils.agent.systemd import notify_systemd
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
    data = {"time": time, "asked": time, "answers": True, "running": True, "instances": [WEB], **given}
    paths.look.write_text(json.dumps(data))


def test_a_change_is_logged_and_queued(paths, journal):
    made = notifier(paths)
    made.receive('INSTANCE "web" MASTER 254', 10.0)
    assert b"HA_LB_STATE=active\n" in journal.recv(65536)
    assert "web: lb1 is now active, priority 254" in paths.log.read_text()
    assert waiting(made) == ["web: lb1 is now active"]


def test_a_state_outside_notify_on_is_only_logged(paths):
    made = notifier(paths)
    made.receive('INSTANCE "web" BACKUP 244', 10.0)
    assert waiting(made) == []
    assert "backup" in paths.log.read_text()


def test_the_same_state_again_is_ignored(paths):
    made = notifier(paths)
    for time in (10.0, 11.0):
        made.receive('INSTANCE "web" MASTER 254', time)
    assert len(waiting(made)) == 1


def test_a_tracked_file_gives_the_reason(paths):
    (paths.tracked / "drain").write_text("-254\n")
    notifier(paths).receive('INSTANCE "web" FAULT 0', 10.0)
    assert "because the node is drained" in paths.log.read_text()


def test_messages_are_queued_without_a_journal_and_a_log_file(paths, capsys):
    paths.log.mkdir()
    made = notifier(paths)
    made.receive('INSTANCE "web" MASTER 254', 10.0)
    assert len(waiting(made)) == 1
    assert "not in the journal" in capsys.readouterr().out


def test_flapping_ends_in_a_digest_with_the_last_state(paths):
    made = notifier(paths)
    for n in range(25):
        made.receive('INSTANCE "web" MASTER 254', 10.0 + n / 10)
        made.receive('INSTANCE "web" FAULT 0', 10.05 + n / 10)
    made.tick(13.0)
    assert len(waiting(made)) == 3
    made.tick(60.0)
    assert waiting(made)[3] == "web: lb1 is now in fault (47 more changes in 50 s)"
    assert len(paths.log.read_text().splitlines()) == 50


def test_message_numbers_grow_when_the_clock_is_set_back(paths):
    made = notifier(paths)
    for time in (10.0, 5.0, 5.0):
        made.receive(f"TEST t{time}", time)
    assert [each.split()[3] for each in paths.log.read_text().splitlines()] == ["lb1-10000", "lb1-10001", "lb1-10002"]


def test_a_lost_line_is_found_by_two_looks(paths):
    made = notifier(paths)
    made.receive('INSTANCE "web" FAULT 0', 10.0)
    for time in (20.0, 21.0):
        look(paths, time)
        made.tick(time)
    assert waiting(made)[1] == "web: lb1 is now active (was in fault)"


def test_two_looks_may_show_the_same_answer(paths):
    made = notifier(paths)
    made.receive('INSTANCE "web" FAULT 0', 10.0)
    for time in (20.0, 21.0):
        look(paths, time, asked=11.0)
        made.tick(time)
    assert waiting(made)[1] == "web: lb1 is now active (was in fault)"


def test_an_answer_from_before_a_report_is_ignored(paths):
    made = notifier(paths)
    made.receive('INSTANCE "web" FAULT 0', 10.0)
    for time in (20.0, 21.0):
        look(paths, time, asked=9.0)
        made.tick(time)
    assert len(waiting(made)) == 1


def test_every_change_writes_the_channels_file(paths):
    made = notifier(paths)
    made.tick(9.0)
    before = paths.channels.read_text()
    made.receive('INSTANCE "web" BACKUP 244', 10.0)
    made.tick(10.1)
    assert paths.channels.read_text() != before


def test_a_killed_keepalived_is_reported(paths):
    made = notifier(paths)
    made.receive('INSTANCE "web" MASTER 254', 10.0)
    for time in (20.0, 21.0):
        look(paths, time, running=False, instances=[])
        made.tick(time)
    assert waiting(made)[1] == "web: lb1 is now stopped (was active)"


def test_states_are_known_after_a_restart(paths):
    notifier(paths).receive('INSTANCE "web" MASTER 254', 10.0)
    again = notifier(paths)
    again.receive('INSTANCE "web" MASTER 254', 20.0)
    for time in (21.0, 22.0):
        look(paths, time)
        again.tick(time)
    assert len(waiting(again)) == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"states": {"web": 1}, "pacing": {}, "number": 1}'])
def test_read_memory_of_a_damaged_file(tmp_path, text):
    (tmp_path / "known.json").write_text(text)
    assert read_memory(tmp_path / "known.json", 0.0)[0] == {}


def test_a_full_disk_does_not_stop_the_notifier(paths, monkeypatch, capsys):
    made = notifier(paths)
    show = daemon.write_whole

    def full(path, text, **_how):
        raise OSError("No space left on device")

    monkeypatch.setattr(daemon, "write_whole", full)
    made.receive('INSTANCE "web" MASTER 254', 10.0)
    assert "No space left" in capsys.readouterr().out
    monkeypatch.setattr(daemon, "write_whole", show)
    made.tick(11.0)
    assert json.loads(paths.channels.read_text())["channels"][0]["waiting"] == 1


def test_the_unit_sets_every_path():
    environment = {f"HA_LB_{name.upper()}": f"/{name}" for name in Paths._fields}
    made = paths_from({**environment, "HA_LB_CONFIG": "notify.json", "CREDENTIALS_DIRECTORY": "/run/credentials"})
    assert (made.fifo, made.config) == ("/fifo", "/run/credentials/notify.json")
    unit = (ROOT / "roles/agents/templates/notify.service.j2").read_text()
    assert [name for name in environment if f"{name}=" not in unit] == []


def test_notify_systemd(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify_systemd("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify_systemd("WATCHDOG=1")
        assert systemd.recv(100) == b"WATCHDOG=1"


def test_a_test_message_is_requested_and_sent(paths):
    os.mkfifo(paths.fifo)
    reading = os.open(paths.fifo, os.O_RDWR | os.O_NONBLOCK)
    ask(paths.fifo, "t-1")
    made = notifier(paths)
    for line in os.read(reading, 100).decode().splitlines():
        made.receive(line, 10.0)
    os.close(reading)
    made.tick(11.0)
    assert waiting(made) == ["test: lb1 can reach you"]
    (found,) = wait_for(paths.channels, "t-1", 0.0)
    assert (found["channel"], found["done"], found["delivered"]) == ("mail", False, False)
    with pytest.raises(HaLbError, match="does not answer"):
        wait_for(paths.channels, "t-2", 0.0)


def test_a_test_message_without_a_notifier(paths):
    with pytest.raises(HaLbError, match="run `site`"):
        ask(paths.fifo, "t")
    with pytest.raises(HaLbError, match="run `site`"):
        wait_for(paths.channels, "t", 0.0)
    os.mkfifo(paths.fifo)
    with pytest.raises(HaLbError, match="systemctl status ha_lb-notify"):
        ask(paths.fifo, "t")


def test_results_as_sentences():
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


def test_the_log_is_for_everybody_and_what_its_owner_made_of_it_stays(paths):
    before = os.umask(0o077)
    try:
        made = notifier(paths)
        made.receive('INSTANCE "web" MASTER 254', 10.0)
        assert paths.log.stat().st_mode & 0o777 == 0o644
        assert (paths.state / "known.json").stat().st_mode & 0o777 == 0o600
        paths.log.chmod(0o640)
        made.receive('INSTANCE "web" BACKUP 254', 11.0)
        assert paths.log.stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)
