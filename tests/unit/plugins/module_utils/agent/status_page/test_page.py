# SPDX-License-Identifier: GPL-3.0-or-later
"""The status page: its content, who may see it, and that no client blocks it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from html.parser import HTMLParser

import pytest
from module_utils.agent.config import PageConfig
from module_utils.agent.status_page import server as serving
from module_utils.agent.status_page.page import node_status, page
from module_utils.agent.status_page.server import CONNECTIONS, Reply, Sources, StatusServer, allowed, encode, reply_to
from module_utils.agent.systemd import given_sockets

NOW = 1_700_000_100.0
PLACE = {"cluster": "loadbalancers", "node": "lb1"}
INSTANCE = {
    **{"name": "web", "state": "MASTER", "priority": 254, "effective_priority": 254, "since": NOW - 3700.0},
    **{"addresses": ["192.0.2.10/24"], "interface": "eth0", "vrid": 51, "secret": "geheim"},
}
LOOK = {"time": NOW - 1, "answers": True, "running": True, "silent_since": None, "instances": [INSTANCE]}
CHANNEL = {
    **{
        "name": "mail",
        "kind": "mail",
        "whom": "ops@example.org",
        "waiting": 0,
        "lost": 0,
        "delivered": 3,
        "refused": 0,
    },
    **{"last_delivered": NOW, "problem": "", "tests": {}},
}
NOTIFIER = {"channels": [CHANNEL], "held": 0}


class Balance(HTMLParser):
    """Collects the text, and checks that elements are closed."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "


def status(look=None, notifier=None, tracked=None, **agents):
    notifier = NOTIFIER if notifier is None else notifier
    return node_status(PLACE, {**LOOK, **(look or {})}, notifier, tracked or {}, NOW, agents)


def read(text):
    parser = Balance()
    parser.feed(text)
    assert parser.open == []
    return parser.text


def test_node_status():
    data = status()
    assert (data["date"], data["node"], data["problem"], data["drained"]) == (
        "2023-11-14 22:15:00 UTC",
        "lb1",
        "",
        False,
    )
    (web,) = data["instances"]
    assert (web["name"], web["state"], web["priority"], web["since"]) == (
        "web",
        "active",
        254,
        "2023-11-14 21:13:20 UTC",
    )
    assert "geheim" not in json.dumps(data)


@pytest.mark.parametrize(
    ("look", "problem"),
    [
        ({"time": 0.0}, "nobody has looked at keepalived yet"),
        ({"time": NOW - 60}, "nobody has looked at keepalived since 2023-11-14 22:14:00 UTC"),
        ({"answers": False, "silent_since": NOW - 5}, "keepalived does not answer since 2023-11-14 22:14:55 UTC"),
        ({"running": False, "instances": []}, "keepalived does not run"),
    ],
)
def test_problem_of_a_look(look, problem):
    assert status(look)["problem"].startswith(problem)
    assert problem[1:] in read(page(status(look), 5))


def test_the_page_shows_the_same():
    text = read(page(status(), 5))
    for words in (
        "lb1",
        "loadbalancers",
        "web",
        "active",
        "254",
        "for 1 h 1 min",
        "VRID 51 on eth0",
        "ops@example.org",
    ):
        assert words in text


def test_the_page_shows_a_drained_node():
    drained = status(tracked={"drain": "-253\n"})
    assert drained["drained"]
    assert "This node is drained" in read(page(drained, 5))
    assert "The proxy is stopped" in read(page(status(tracked={"proxy": "-254"}), 5))


GUARD = {"installed": True, "age_seconds": 0.2, "unfit": [], "node_unfit": "", "acts": []}
EAR = {"installed": True, "age_seconds": 0.4, "listened_seconds": 60.0, "findings": [], "unreached": []}


def test_an_instance_that_can_take_over():
    (web,) = status(guard=GUARD, ear=EAR)["instances"]
    assert (web["can_take_over"], web["because"]) == (True, "")
    assert "can take over yes" in read(page(status(guard=GUARD), 5))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"guard": {**GUARD, "unfit": [{"name": "web", "why": "does not hear its peers"}]}},
            "it does not hear its peers",
        ),
        ({"guard": {**GUARD, "node_unfit": "has a frozen keepalived"}}, "it has a frozen keepalived"),
        ({"tracked": {"drain": "-253"}}, "the node is drained"),
        ({"tracked": {"proxy": "-254"}}, "the proxy is stopped"),
        ({"look": {"instances": [{**INSTANCE, "state": "FAULT"}]}}, "it is in state FAULT"),
        ({"look": {"answers": False, "silent_since": NOW - 5}}, "keepalived does not answer since"),
    ],
)
def test_an_instance_that_cannot_take_over(changes, why):
    found = status(**{"guard": GUARD, **changes})
    (web,) = found["instances"]
    assert (web["can_take_over"], web["because"][: len(why)]) == (False, why)
    assert f"can take over no, because {why}" in read(page(found, 5))


@pytest.mark.parametrize(
    "changes",
    [
        {
            "guard": {**GUARD, "unfit": [{"name": "web", "why": "is deaf"}], "age_seconds": 11.0}
        },  # it may be true no more
        {"guard": {**GUARD, "unfit": [{"name": "other", "why": "is deaf"}]}},
        {"tracked": {"uplink": "-10"}},
        {"tracked": {"drain": "0", "proxy": ""}},
    ],
)
def test_what_keeps_no_instance_from_taking_over(changes):
    assert status(**{"guard": GUARD, **changes})["instances"][0]["can_take_over"]


def test_the_page_shows_what_the_agents_say():
    act = {"time": NOW - 60, "age_seconds": 60.0, "cause": "keepalived was <frozen>", "did": "killed it"}
    old = {**act, "age_seconds": 86401.0, "did": "did something long ago"}
    found = {"name": "web", "kind": "stranger", "message": "a stranger <x>", "since": NOW - 60}
    lost = {"address": "192.0.2.1", "port": 443, "why": "refused", "for_seconds": 12.0}
    data = status(guard={**GUARD, "acts": [old, act]}, ear={**EAR, "findings": [found], "unreached": [lost]})
    text = read(page(data, 5))
    assert "2023-11-14 22:14:00 UTC: killed it, because keepalived was <frozen>" in text
    assert "long ago" not in text
    assert "Since 2023-11-14 22:14:00 UTC: a stranger <x>" in text
    assert "192.0.2.1 port 443, for 12 s: refused" in text
    assert data["agents_gone"] == []


@pytest.mark.parametrize("name", ["guard", "ear"])
def test_the_page_shows_that_an_agent_does_not_run(name):
    found = status(**{name: {**{"guard": GUARD, "ear": EAR}[name], "age_seconds": None}})
    assert found["agents_gone"] == [f"the {name} does not run: see journalctl -u ha_lb-{name}"]
    assert f"The {name} does not run" in read(page(found, 5))


def test_the_page_shows_why_a_channel_fails():
    failing = {"channels": [{**CHANNEL, "waiting": 4, "lost": 2, "problem": "550 no <b>"}], "held": 1}
    text = page(status(notifier=failing), 5)
    assert "550 no &lt;b&gt;" in text
    assert "4, 2 lost" in read(text)
    assert "1 instance changed too often" in read(text)


def test_names_are_escaped():
    text = page(status({"instances": [{**INSTANCE, "name": "<script>", "state": "INIT"}]}), 5)
    assert "<script>" not in text
    assert "starting" in text


@pytest.mark.parametrize(
    ("peer", "right"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.9", True),
        ("192.0.2.1", False),
        ("::1", False),
        ("2001:db8::5", True),
        ("fe80::1%eth0", False),
    ],
)
def test_allowed(peer, right):
    assert allowed(peer, ("127.0.0.0/8", "2001:db8::/64")) is right


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "look.json").write_text(json.dumps(LOOK))
    (tmp_path / "channels.json").write_text(json.dumps(NOTIFIER))
    return Sources(
        *(tmp_path / f"{name}.json" for name in ("look", "channels")),
        tmp_path,
        *(tmp_path / f"{name}.json" for name in ("guard", "ear")),
    )


CONFIG = PageConfig("loadbalancers", "lb1", ("127.0.0.0/8",))


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /status.json?x=1 HTTP/1.0\r\n\r\n", 200),
        (b"GET /etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"GET /../status.json HTTP/1.1\r\n\r\n", 404),
        (b"POST / HTTP/1.1\r\n\r\n", 405),
        (b"HEAD / HTTP/1.1\r\n\r\n", 405),
        (b"GET / HTTP/2\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
    ],
)
def test_requests(sources, head, code):
    raw = encode(reply_to(head, CONFIG, sources, NOW))
    assert raw.startswith(f"HTTP/1.1 {code} ".encode())
    top, _empty, body = raw.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in top
    for header in (
        b"Content-Security-Policy: default-src 'none'",
        b"X-Content-Type-Options: nosniff",
        b"Cache-Control: no-store",
    ):
        assert header in top
    assert (b"Allow: GET" in top) is (code == 405)


def test_the_page_is_served_without_its_files(tmp_path):
    empty = Sources(*(tmp_path / name for name in "abcde"))
    assert b"Nobody has looked" in encode(reply_to(b"GET / HTTP/1.1\r\n\r\n", CONFIG, empty, NOW))


@contextlib.contextmanager
def serving_at(sources, config=CONFIG):
    """Run a server on loopback until its clients are gone; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=StatusServer(config, sources, [listening]).run)
        thread.start()
        yield listening.getsockname()
        thread.join(5.0)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _soon_idle(monkeypatch):
    monkeypatch.setattr(serving, "IDLE_SECONDS", 0.2)


def get(address, head=b"GET / HTTP/1.1\r\n\r\n"):
    with socket.create_connection(address, timeout=5.0) as client:
        client.sendall(head)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_pages_one_after_the_other(sources):
    with serving_at(sources) as address:
        for _request in range(3):
            assert get(address).startswith(b"HTTP/1.1 200 ")


def test_it_ends_when_nobody_asks_and_systemd_still_listens(sources):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        begin = time.monotonic()
        StatusServer(CONFIG, sources, [listening]).run()
        assert 0.2 <= time.monotonic() - begin < 2.0
        with socket.create_connection(listening.getsockname(), timeout=1.0):
            pass


def test_it_does_not_end_while_a_client_is_connected(sources):
    with serving_at(sources) as address, socket.create_connection(address, timeout=5.0) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        client.settimeout(2 * serving.IDLE_SECONDS)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.sendall(b"\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"


def test_an_address_outside_the_networks_gets_403(sources):
    with serving_at(sources, CONFIG._replace(networks=("192.0.2.0/24",))) as address:
        answer = get(address, b"GET / HTTP/1.1\r\nX: " + b"x" * 4000 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"web" not in answer


def test_slow_clients_do_not_block_others(sources):
    with serving_at(sources) as address:
        slow = [socket.create_connection(address, timeout=5.0) for _number in range(2 * CONNECTIONS)]
        for each in slow[CONNECTIONS:]:
            each.sendall(b"GET / HTTP/1.1\r\nX: ")
        begin = time.monotonic()
        assert get(address).startswith(b"HTTP/1.1 200 ")
        assert time.monotonic() - begin < 2.0
        assert slow[0].recv(1) == b""
        for each in slow:
            each.close()


def test_a_slow_client_is_disconnected(sources, monkeypatch):
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 0.05)
    with serving_at(sources) as address:
        assert get(address, b"GET / HTTP/1.1\r\n") == b""


def test_a_client_that_takes_nothing_is_disconnected(sources, monkeypatch):
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(serving, "reply_to", lambda *_: Reply(200, "x" * 20_000_000))
    with serving_at(sources) as address:
        client = socket.create_connection(address, timeout=5.0)
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with client, contextlib.suppress(ConnectionResetError):
        assert len(b"".join(iter(lambda: client.recv(1 << 20), b""))) < 20_000_000


def test_a_client_with_an_endless_head_is_disconnected(sources):
    with serving_at(sources) as address, contextlib.suppress(ConnectionError):
        assert get(address, b"GET / HTTP/1.1\r\nX: " + b"x" * (3 * serving.LONGEST_HEAD)) == b""


def test_sockets_are_taken_from_systemd_alone():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        copy = os.dup(listening.fileno())
        (taken,) = given_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}, copy)
        with taken:
            assert taken.getsockname() == listening.getsockname()
    assert given_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "1"}) == given_sockets({}) == []


def test_without_a_socket_it_says_what_to_start(tmp_path, monkeypatch):
    (tmp_path / "page").write_text(json.dumps(CONFIG._asdict()))
    for name in ("page", *Sources._fields):
        monkeypatch.setenv(f"HA_LB_{name.upper()}", str(tmp_path / name))
    with pytest.raises(SystemExit, match=r"has opened no socket for it: start ha_lb-status\.socket"):
        serving.main()
