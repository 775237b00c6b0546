# SPDX-License-Identifier: GPL-3.0-or-later
"""Against real sockets: what a client sees is the kernel's business as much as the server's."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import pytest
from module_utils.host import http_probe as probe
from module_utils.host.http_probe import asked_from_elsewhere, health, http_answer, requests_of, tcp_answer


@contextmanager
def listening(serve):
    """Let `serve` have one connection on loopback; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            connection = server.accept()[0]
            with connection:
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def replies(reply):
    """Answer a request, or hang up after it."""

    def serve(connection):
        connection.recv(4096)
        connection.sendall(reply)

    return serve


def greets(connection):
    connection.sendall(b"220 hello")


def hangs_up(connection):
    pass


def waits(connection):
    """Say nothing until the other side has had enough."""
    while connection.recv(4096):
        pass


def http(status):
    return f"HTTP/1.0 {status} x\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("reply", "ok", "what"),
    [
        (http(200), True, "HTTP 200"),
        (http(301), True, "HTTP 301"),
        (http(404), True, "HTTP 404"),
        (http(500), False, "HTTP 500"),
        (http(503), False, "HTTP 503"),
        (b"", False, "Remote end closed connection without response"),
        (b"220 mail.example.org ESMTP\r\n", False, "220 mail.example.org ESMTP"),
    ],
)
def test_http_answer(reply, ok, what):
    with listening(replies(reply)) as port:
        answer = http_answer("127.0.0.1", port)
    assert (answer.ok, answer.what) == (ok, what)
    assert 0 < answer.seconds < probe.PATIENCE


def test_http_answer_asks_what_it_is_told():
    received = []
    with listening(lambda connection: received.append(connection.recv(4096))) as port:
        http_answer("127.0.0.1", port, "/v1/x", {"Host": "example.org", "X-Canary": "1"}, "HEAD")
    request = received[0].decode().splitlines()
    assert request[0] == "HEAD /v1/x HTTP/1.1"
    assert {"Host: example.org", "X-Canary: 1", "Connection: close"} <= set(request)
    assert sum(line.startswith("Host:") for line in request) == 1


def test_nobody_listens(closed_port):
    for answer in (http_answer("127.0.0.1", closed_port), tcp_answer("127.0.0.1", closed_port)):
        assert (answer.ok, answer.what) == (False, "Connection refused")


def test_http_server_says_nothing(monkeypatch):
    monkeypatch.setattr(probe, "PATIENCE", 0.2)
    with listening(waits) as port:
        answer = http_answer("127.0.0.1", port)
    assert (answer.ok, answer.what) == (False, "timed out")
    assert answer.seconds >= 0.2


@pytest.mark.parametrize(
    ("serve", "silence", "ok", "what"),
    [(waits, 0.1, True, "open"), (greets, 20, True, "open"), (hangs_up, 20, False, "closed at once")],
)
def test_tcp_answer(monkeypatch, serve, silence, ok, what):
    monkeypatch.setattr(probe, "SILENCE", silence)
    with listening(serve) as port:
        answer = tcp_answer("127.0.0.1", port)
    assert (answer.ok, answer.what) == (ok, what)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [(http(200), "ok"), (http(404), "HTTP 404"), (b"", "Remote end closed connection without response")],
)
def test_health(reply, expected):
    with listening(replies(reply)) as port:
        assert health(port) == expected


ROUTE = {"pool": "a", "host": (), "path": (), "path_prefix": (), "method": (), "header": None}
SERVICE = {"name": "shop", "mode": "http", "addresses": ["192.0.2.10"], "port": 80, "pool": "a", "routes": ()}


@pytest.mark.parametrize(
    ("service", "path", "headers", "method"),
    [
        ({}, "/", {}, "GET"),
        ({"routes": [{**ROUTE, "path": ["/x"]}]}, "/", {}, "GET"),  # the default pool answers anything
        ({"pool": None, "mode": "tcp"}, "/", {}, "GET"),
        ({"pool": None, "routes": [{**ROUTE, "path": ["/x", "/y"]}]}, "/x", {}, "GET"),
        ({"pool": None, "routes": [{**ROUTE, "path_prefix": ("/v1",)}]}, "/v1", {}, "GET"),
        (
            {
                "pool": None,
                "routes": [{**ROUTE, "host": ["a.example.org"], "method": ["PUT"], "header": ["X-A", ["1", "2"]]}],
            },
            "/",
            {"Host": "a.example.org", "X-A": "1"},
            "PUT",
        ),
    ],
)
def test_a_request_that_somebody_must_answer(service, path, headers, method):
    assert requests_of([{**SERVICE, **service}]) == [
        {
            "service": "shop",
            "mode": service.get("mode", "http"),
            "address": "192.0.2.10",
            "port": 80,
            "path": path,
            "headers": headers,
            "method": method,
        }
    ]


def test_each_address_is_asked():
    requests = requests_of([{**SERVICE, "addresses": ["192.0.2.10", "2001:db8::10"]}, {**SERVICE, "name": "b"}])
    assert [(each["service"], each["address"]) for each in requests] == [
        ("shop", "192.0.2.10"),
        ("shop", "2001:db8::10"),
        ("b", "192.0.2.10"),
    ]


def test_port_0_stands_for_no_proxy():
    assert health(0) == "none"


def test_a_node_that_has_a_vip_does_not_ask_it():
    services = [{**SERVICE, "addresses": ["192.0.2.10", "2001:db8::10"]}]
    asked = asked_from_elsewhere(services, ["192.0.2.10", "192.0.2.11"])
    assert [each["addresses"] for each in asked] == [["2001:db8::10"]]
    assert asked_from_elsewhere(services, []) == services


def test_a_service_of_datagrams_is_not_asked():
    assert requests_of([{**SERVICE, "mode": "udp"}]) == []
