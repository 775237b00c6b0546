# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy.cfg without secrets, whoever wrote it, and with as much of the rest as can be."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.discreet import discreet, hidden_texts
from module_utils.engines.haproxy.discreet import pieces

SECRET = "hunter2"
HIDE = [
    "stats auth admin:hunter2",
    "  stats auth admin:hunter2 # hunter2",
    "# stats auth admin:hunter2",
    "stat auth admin:hunter2",
    '"stats" auth admin:hunter2',
    "stats realm hunter2",
    "user ann insecure-password hunter2",
    "user ann password hunter2 groups admins",
    "http-request set-header Authorization Bearer\\ hunter2",
    'http-request set-header Authorization "Bearer hunter2" if { path /x }',
    "http-request add-header X-Token hunter2 unless is_local",
    "http-request set-var(txn.token) str(hunter2)",
    "http-request deny unless { req.hdr(x-token) -m str hunter2 }",
    "http-request deny unless { str(hunter2) -m found }",
    "http-response set-header X-Token hunter2",
    'http-request return status 200 content-type text/plain string "hunter2"',
    "http-check send meth GET uri /?token=hunter2 hdr Authorization hunter2",
    "option httpchk GET /?token=hunter2",
    "tcp-check send AUTH\\ hunter2\\r\\n",
    "acl known req.hdr(x-token) -m str hunter2",
    "acl known http_auth(hunter2(",
    "use-server one if { req.cook(session) hunter2 }",
    "server one 192.0.2.21:80 cookie hunter2 check",
    "server one 192.0.2.21:80 sni str(hunter2)",
    "server one 192.0.2.21:80 made-up hunter2",
    "default-server cookie hunter2",
    "dynamic-cookie-key hunter2",
    "setenv TOKEN hunter2",
    "presetenv TOKEN hunter2",
    "redirect location https://example.org/?token=hunter2 if { path / }",
    "lua-load /etc/haproxy/a.lua hunter2",
    "command /usr/bin/agent --token hunter2",
    "no option httplog hunter2",
    "log-format hunter2",
    "set-dumpable-made-up hunter2",
    "Hunter2 hunter2",
    "stats auth \\\nadmin:hunter2",
    "stats auth 'admin:hunter2\nmode http",
    "stats auth admin:\x1dhunter2",
    ".if defined(hunter2)",
]
SHOW = [
    "frontend shop",
    "    bind 192.0.2.10:443 ssl crt /etc/ssl/shop.pem alpn h2,http/1.1",
    "    mode http",
    "    no option",
    "    option httplog",
    "    timeout client 30s",
    "    stats socket /run/haproxy/admin.sock mode 660 level admin",
    "    use_backend api if { req.hdr(host),field(1,:),lower -m str www.example.org } { path -m beg /v1 /v2 }",
    "    use_backend api if is_api !is_old || is_new",
    "    acl is_api path_beg /api",
    "    acl www hdr(host) -i www.example.org",
    "    http-request deny unless { src 192.0.2.0/24 2001:db8::/32 }",
    "    default_backend shop",
    "    server one 192.0.2.21:80 weight 3 check inter 2000ms fall 3 rise 2 backup",
    "    default-server fastinter 500ms downinter 1s on-marked-down shutdown-sessions",
    "    retry-on conn-failure empty-response",
    "    user haproxy",
]


@pytest.mark.parametrize("line", HIDE)
def test_no_secret_is_shown(line):
    shown = discreet(pieces(f"listen a\n{line}\n    mode http\n"))
    assert SECRET not in shown.lower()
    assert "***" in shown


@pytest.mark.parametrize("line", SHOW)
def test_what_is_no_secret_is_shown(line):
    assert discreet(pieces(f"{line}\r\n\n")) == f"{line}\r\n\n"


def test_the_name_of_a_directive_stays():
    assert (
        discreet(pieces("    stats auth a:b # c\n  made-up a b if x")) == "    stats auth *** # ***\n  made-up *** if x"
    )


def test_what_follows_on_the_next_line_is_hidden():
    assert discreet(pieces("    option httplog\\\n  word\n  mode tcp")) == "    option httplog\\\n  ***\n  mode tcp"


@given(st.text(alphabet=st.sampled_from("stats auth\"'\\#{}\n if-m" + string.ascii_lowercase), max_size=80))
def test_every_text_comes_in_pieces(text):
    assert "".join(piece.text for piece in pieces(text)) == text
    assert all(each in text for each in hidden_texts(pieces(text)))


@given(st.text(alphabet=string.ascii_letters + string.digits + " \"'\\#{}()$%", max_size=30))
def test_no_password_breaks_out_of_its_place(text):
    shown = discreet(pieces(f"    stats auth admin:Xq7{text}Xq7\n    mode http\n"))
    assert "Xq7" not in shown
    assert shown.endswith("    mode http\n")
