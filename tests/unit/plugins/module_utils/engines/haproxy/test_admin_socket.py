# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import threading

import pytest
from module_utils.engines.haproxy.admin_socket import ask, shed, unlearned

WHOLE = "0x55e0: [21/Nov/2026:19:00:00] id=tables disabled=0 flags=0x6213 resync_timeout=<PAST> task_calls=12\n"
PEER = "  0x55e1: id=lb2(remote,active) addr=192.0.2.12:8406 last_status=ESTA flags=0x0\n"


@pytest.fixture
def haproxy(tmp_path):
    """Answer one command on a socket, and keep it."""
    path, heard = tmp_path / "admin.sock", []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer():
            connection = listener.accept()[0]
            with connection:
                heard.append(connection.recv(4096).decode())
                connection.sendall(WHOLE.encode())

        thread = threading.Thread(target=answer)
        thread.start()
        yield path, heard
        thread.join()


def test_a_command_and_its_answer(haproxy):
    path, heard = haproxy
    assert ask(path, "show peers") == WHOLE
    assert heard == ["show peers\n"]


def test_clients_are_asked_for_another_connection(haproxy):
    path, heard = haproxy
    shed(path, True)
    assert heard == ["experimental-mode on; set var proc.ha_lb_drain int(1)\n"]


def test_without_a_haproxy_nothing_is_said(tmp_path):
    assert ask(tmp_path / "none.sock", "show peers") == ""


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("\n", []),
        (WHOLE + PEER, []),
        (WHOLE.replace("0x6213", "0x0") + PEER, ["tables"]),
        (WHOLE.replace("0x6213", "0x6201"), ["tables"]),
        ("Unknown command\n", []),
    ],
)
def test_tables_that_are_not_whole(said, names):
    assert unlearned(said) == names
