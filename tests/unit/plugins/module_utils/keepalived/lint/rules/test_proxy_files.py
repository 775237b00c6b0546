# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a node become what the engines read, with the places of findings."""

from __future__ import annotations

from configurations import node
from module_utils.keepalived.lint.rules.proxy_files import binds, haproxy, place_of

FACTS = {
    "haproxy_cfg": "frontend web\n    bind 192.0.2.10:80\n",
    "nginx_conf": "server {\n    listen 192.0.2.20:80;\n}\n",
}


def test_binds_of_every_engine():
    found = binds(node("lb1", "", FACTS))
    assert [(each.address, str(place_of(each))) for each in found] == [
        ("192.0.2.10", "/etc/haproxy/haproxy.cfg:2"),
        ("192.0.2.20", "/etc/nginx/nginx.conf:2"),
    ]


def test_sections_of_haproxy():
    (section,) = haproxy(node("lb1", "", FACTS))
    assert (section.kind, section.name, str(place_of(section.lines[1]))) == (
        "frontend",
        "web",
        "/etc/haproxy/haproxy.cfg:2",
    )


def test_what_is_not_known_has_no_proxies():
    assert binds(node("lb1", "")) == haproxy(node("lb1", "")) == ()
