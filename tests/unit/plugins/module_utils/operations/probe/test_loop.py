# SPDX-License-Identifier: GPL-3.0-or-later
"""The measuring client against real sockets on loopback."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from module_utils.operations.probe import loop
from module_utils.operations.probe.loop import Pace, Target, measure

QUICK = Pace(interval=0.01, seconds=0.1, connect_timeout=0.05, timeout=0.1)
# For tests that get an answer, however slow this machine is
PATIENT = Pace(interval=0.01, seconds=0.1, connect_timeout=20, timeout=20)
ASK = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\n\r\nweb1 says hello"


@contextmanager
def server(answer, kind=socket.SOCK_STREAM):
    """Serve one connection or datagram after the other; `answer` gets the connection, or tells whether to reply."""
    listening = socket.socket(socket.AF_INET, kind)
    listening.bind(("127.0.0.1", 0))
    listening.settimeout(2)

    def serve():
        while True:
            try:
                if kind == socket.SOCK_DGRAM:
                    data, address = listening.recvfrom(100)
                    listening.sendto(data, address) if answer else None
                else:
                    connection = listening.accept()[0]
                    with connection:
                        answer(connection)
            except OSError:
                return

    if kind == socket.SOCK_STREAM:
        listening.listen(100)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR) if kind == socket.SOCK_STREAM else None
    listening.close()


def http(answer):
    def reply(connection):
        connection.recv(1000)
        connection.sendall(answer)

    return reply


def paced(rows):
    """Tell whether every request had its own turn of 10 ms; if this machine stands still, few requests are left."""
    turns = [(row[0] - row[1]) / QUICK.interval for row in rows]
    return turns == pytest.approx(sorted({round(turn) for turn in turns}), abs=0.01) and turns[-1] < 11


def errors(rows):
    return {row[3] for row in rows}


def test_http_answers_have_the_first_word_of_the_body():
    with server(http(ANSWER)) as port:
        ((began, rows, _missed),) = measure([Target("127.0.0.1", port, "http", ASK)], PATIENT)
    assert began > 1e9
    assert paced(rows)
    assert {(row[3], row[4]) for row in rows} == {("", "web1")}
    assert all(row[2] > 0 for row in rows)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"HTTP/1.1 503 Unavailable\r\n\r\n", "HTTP 503"), (b"", "closed without an answer")],
)
def test_http_errors(answer, error):
    with server(http(answer)) as port:
        ((_began, rows, _missed),) = measure([Target("127.0.0.1", port, "http", ASK)], PATIENT)
    assert errors(rows) == {error}


def test_connection_refused():
    with server(http(ANSWER)) as port:
        pass
    ((_began, rows, _missed),) = measure([Target("127.0.0.1", port, "http", ASK)], QUICK)
    assert errors(rows) == {"ECONNREFUSED"}


def test_a_silent_service_times_out_and_delays_no_other_request():
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        ((_began, rows, _missed),) = measure([Target("127.0.0.1", silent.getsockname()[1], "http", ASK)], QUICK)
    assert errors(rows) == {"no answer"}
    assert paced(rows)
    assert all(row[2] > 0.09 for row in rows)


def test_an_open_tcp_connection_is_an_answer(monkeypatch):
    monkeypatch.setattr(loop, "SILENCE", 0.03)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        ((_began, rows, _missed),) = measure([Target("127.0.0.1", silent.getsockname()[1], "tcp")], PATIENT)
    assert errors(rows) == {""}
    assert min(row[2] for row in rows) < 0.03, "the answer is the connection"
    monkeypatch.setattr(loop, "SILENCE", 20)
    with server(lambda connection: None) as port:
        ((_began, rows, _missed),) = measure([Target("127.0.0.1", port, "tcp")], PATIENT)
    assert errors(rows) == {"closed at once"}


def test_any_udp_datagram_is_an_answer():
    with server(True, socket.SOCK_DGRAM) as port:
        ((_began, rows, _missed),) = measure([Target("127.0.0.1", port, "udp", "who")], PATIENT)
    assert errors(rows) == {""}
    with server(False, socket.SOCK_DGRAM) as port:
        ((_began, rows, _missed),) = measure([Target("127.0.0.1", port, "udp", "who")], QUICK)
    assert errors(rows) == {"no answer"}


def test_several_targets_take_turns():
    with server(http(ANSWER)) as port:
        targets = [Target("127.0.0.1", port, "http", ASK), Target("127.0.0.1", 1, "http", ASK)]
        (_one, good, good_missed), (_other, bad, bad_missed) = measure(targets, PATIENT)
    assert (errors(good), errors(bad)) == ({""}, {"ECONNREFUSED"})
    assert paced(good)
    assert abs(len(good) + good_missed - len(bad) - bad_missed) <= 1


def after_a_jump(seconds, interval=0.02):
    """Measure two targets with a clock that jumps at the beginning."""
    ticks = itertools.chain([0.0] * 4, itertools.count(seconds, 0.001))
    targets = [Target("127.0.0.1", 1), Target("127.0.0.1", 2)]
    ticking = loop.Loop(targets, Pace(interval=interval, seconds=seconds + 0.05), clock=lambda: next(ticks))
    assert ticking.run() == 0.0
    return ticking


def test_every_due_request_is_sent():
    """The number is that of the pace; the clock is steady, whatever this machine does."""
    ticks = itertools.count(0.0, 0.001)
    steady = loop.Loop([Target("127.0.0.1", 1)], Pace(interval=0.01, seconds=0.1), clock=lambda: next(ticks))
    steady.run()
    assert len(steady.requests) == pytest.approx(10, abs=1)
    assert steady.missed == [0]


def test_a_client_that_is_a_little_late_sends_all_that_is_due():
    ticking = after_a_jump(0.05)
    assert len(ticking.requests) >= 6
    assert all(row[1] >= 0 for target in ticking.targets for row in ticking.rows(target, 0.0))
    assert ticking.missed == [0, 0]


def test_a_client_that_stood_still_skips_to_the_next_due_request():
    ticking = after_a_jump(1.0)
    assert len(ticking.requests) < 10
    assert sum(ticking.missed) == pytest.approx(100, abs=2)
    assert abs(ticking.missed[0] - ticking.missed[1]) <= 1


def test_the_last_due_request_is_late_and_not_missed():
    ticking = after_a_jump(0.4, interval=1.0)
    assert (len(ticking.requests), ticking.missed) == (1, [0, 0])
    assert ticking.rows(ticking.targets[0], 0.0)[0][1] >= 0.4


def test_no_request_is_due_after_the_end():
    now = itertools.chain([0.0] * 4, itertools.count(9.0, 0.001))
    over = loop.Loop([Target("127.0.0.1", 1)], Pace(interval=0.1, seconds=1.0), clock=lambda: next(now))
    over.run()
    assert len(over.requests) + over.missed[0] == 10


def test_the_program_stops_when_its_input_ends():
    with server(http(ANSWER)) as port:
        target = {"address": "127.0.0.1", "port": port, "mode": "http", "text": ASK}
        asked = {"targets": [target], "pace": {"interval": 0.002, "least": 1.0, "connect_timeout": 20, "timeout": 20}}
        command = [sys.executable, "-c", Path(loop.__file__).read_text(), json.dumps(asked)]
        done = subprocess.run(command, input=b"", capture_output=True, check=True, timeout=20, env={**os.environ})
    ready, measured = done.stdout.splitlines()
    assert ready == b"ready"
    ((_began, rows, _missed),) = json.loads(measured)
    assert len(rows) >= loop.READY_AFTER
    assert errors(rows) == {""}
