# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx.conf as it is read: where it listens."""

from __future__ import annotations

import time

import pytest
from module_utils.engines.nginx.config import binds


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("listen 80;", [("", ("ipv4",))]),
        ("listen *:80 default_server;", [("", ("ipv4",))]),
        ("listen 192.0.2.10:443 ssl;", [("192.0.2.10", ())]),
        ("listen [::]:80;", [("", ("ipv6",))]),
        ("listen [::]:80 ipv6only=off;", [("", ("ipv4", "ipv6"))]),
        ("listen [2001:db8::10]:443;", [("2001:db8::10", ())]),
        ("listen unix:/run/nginx.sock;", []),
        ("# listen 80;", []),
    ],
)
def test_binds(line, expected):
    found = binds(f"server {{\n    {line}\n}}\n")
    assert [(each.address, each.families) for each in found] == expected
    assert all(each.place == ("/etc/nginx/nginx.conf", 2) for each in found)


@pytest.mark.parametrize("text", ["listen" + " " * 500_000, "listen " * 140_000, "listen ;\n" * 50_000])
def test_a_text_of_a_megabyte_is_read_in_its_time(text):
    began = time.process_time()
    assert binds(text) == ()
    assert time.process_time() - began < 5
