# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy.cfg as it is read: where it listens, its sections, its times."""

from __future__ import annotations

import time

import pytest
from module_utils.engines.haproxy.config import binds, seconds, sections


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bind 192.0.2.10:443 ssl crt /etc/x.pem", [("192.0.2.10", (), False)]),
        ("bind 192.0.2.10:80,192.0.2.20:80", [("192.0.2.10", (), False), ("192.0.2.20", (), False)]),
        ("bind :443", [("", ("ipv4",), False)]),
        ("bind *:443", [("", ("ipv4",), False)]),
        ("bind [::]:443 v4v6", [("", ("ipv4", "ipv6"), False)]),
        ("bind :::443", [("", ("ipv6",), False)]),
        ("bind [2001:db8::10]:443", [("2001:db8::10", (), False)]),
        ("bind quic4@192.0.2.10:443", [("192.0.2.10", (), False)]),
        ("bind ipv6@:443", [("", ("ipv6",), False)]),
        ("bind 192.0.2.10:443 transparent", [("192.0.2.10", (), True)]),
        ("bind /run/haproxy.sock", []),
        ("bind unix@/run/haproxy.sock", []),
        ('bind "${ADDRESS}:80"', []),
        ("bind web.example.net:80", []),
        ("bind", []),
        ("# bind 192.0.2.10:80", []),
    ],
)
def test_binds(line, expected):
    found = binds(f"frontend web\n    {line}\n")
    assert [(each.address, each.families, each.transparent) for each in found] == expected
    assert all(each.place == ("/etc/haproxy/haproxy.cfg", 2) for each in found)


def test_sections_have_lines_with_places():
    text = "# begin\nglobal\n    maxconn 5 # five\n\nbackend web\n    server a 192.0.2.21:80\n"
    first, second = sections(text)
    assert (first.kind, [line.words for line in first.all("maxconn")]) == ("global", [("maxconn", "5")])
    assert (second.kind, second.name, second.lines[1].place) == ("backend", "web", ("/etc/haproxy/haproxy.cfg", 6))


@pytest.mark.parametrize("text", ["", "bind 192.0.2.10:80\n", 'global\n    description "not closed\n', "\0"])
def test_what_is_no_configuration_has_no_binds(text):
    assert binds(text) == ()


@pytest.mark.parametrize(
    ("word", "expected"),
    [("30s", 30), ("500", 0.5), ("500ms", 0.5), ("1h", 3600), ("2d", 172800), ("x", None), ("", None), ("-1s", None)],
)
def test_seconds(word, expected):
    assert seconds(word) == expected


@pytest.mark.parametrize("text", ["frontend x\n bind " + "a" * 900_000, "frontend x\n" + " log '\n" * 100_000])
def test_a_text_of_a_megabyte_is_read_in_its_time(text):
    began = time.process_time()
    assert binds(text) == ()
    assert time.process_time() - began < 5
