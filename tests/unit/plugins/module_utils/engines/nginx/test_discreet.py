# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx.conf without secrets, whoever wrote it, and with as much of the rest as can be."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.discreet import discreet
from module_utils.engines.nginx.discreet import pieces

SECRET = "hunter2"
HIDE = [
    "proxy_set_header Authorization hunter2;",
    'proxy_set_header Authorization "Bearer hunter2";',
    "proxy_set_header Authorization 'Bearer\n hunter2';",
    'add_header X-Token "hunter2" always;',
    'return 200 "hunter2";',
    "return https://example.org/?token=hunter2;",
    'map "hunter2 $host" $known { default 0; }',
    'split_clients "hunter2$remote_addr" $a { * a; }',
    "error_page 403 /hunter2;",
    "set $token hunter2;",
    "if ($http_x_token = hunter2) { return 403; }",
    'if ($http_x_token != "hunter2") { return 403; }',
    "map $http_x_token $known { default 0; hunter2 1; }",
    'map "$host $http_x_token" $known { "~^www hunter2$" 1; }',
    "geo $a { default hunter2; }",
    "split_clients $a $b { 50% hunter2; * hunter2; }",
    "location /hunter2 { proxy_pass http://pool; }",
    "location ~ ^/(hunter2)$ { proxy_pass http://pool; }",
    "proxy_pass http://ann:hunter2@192.0.2.21;",
    "proxy_pass http://pool/?token=hunter2;",
    "rewrite ^/(.*)$ /$1?token=hunter2 break;",
    "fastcgi_param TOKEN hunter2;",
    "env TOKEN=hunter2;",
    'ssl_certificate_key "data:hunter2";',
    "ssl_certificate_key data:$hunter2;",
    "auth_basic hunter2;",
    "auth_basic_user_file /etc/nginx/users hunter2;",
    'secure_link_md5 "$uri hunter2";',
    "content_by_lua_block { local token = 'hunter2'; if a then { hunter2 } }",
    "set_by_lua_block $a { hunter2 }",
    "# hunter2\nmade_up_hunter2 hunter2;",
    "proxy_set_headr X hunter2;",
    'proxy_set_header Authorization "hunter2',
    "hunter2 = hunter2;",
]
SHOW = [
    "user www-data;\nworker_processes auto;\n",
    "http {\n    server {\n        listen 192.0.2.10:80 reuseport;\n        server_name www.example.org;\n    }\n}\n",
    "upstream shop {\n    server 192.0.2.21:80 weight=3 max_fails=3 fail_timeout=10s backup;\n    zone shop 256k;\n}",
    "location / { proxy_pass http://$ha_lb_route_1_1; }",
    "location = / { return 200; }",
    "proxy_set_header Host $http_host;",
    "proxy_redirect off;",
    'map "$host $ha_lb_path" $ha_lb_route_1_1 { default shop; "~^www /v1[^ ]*$" api; }',
    "map $http_upgrade $a { default upgrade; '' close; }",
    "allow 192.0.2.0/24; deny all;",
    "ssl_certificate_key /etc/ssl/shop.key;",
    "client_max_body_size 0; keepalive_timeout 10s; gzip on;",
]


@pytest.mark.parametrize("line", HIDE)
def test_no_secret_is_shown(line):
    shown = discreet(pieces(f"http {{\n{line}\n}}\n"))
    assert SECRET not in shown
    assert "***" in shown


@pytest.mark.parametrize("text", SHOW)
def test_what_is_no_secret_is_shown(text):
    assert discreet(pieces(text)) == text


def test_the_name_of_a_directive_stays():
    text = 'proxy_set_header X-A "b c"; # d\nmade_up a b { c_d e; }'
    assert discreet(pieces(text)) == "proxy_set_header X-A ***; # ***\nmade_up *** { c_d ***; }"


def test_lines_after_a_block_of_values_are_shown():
    assert discreet(pieces("map $http_a $b { c d; } listen 80;")) == "map $http_a $b { ***; } listen 80;"


@given(st.text(alphabet=st.sampled_from("map $a\"'\\#{};\n " + string.ascii_lowercase), max_size=80))
def test_every_text_comes_in_pieces(text):
    assert "".join(piece.text for piece in pieces(text)) == text


@given(st.text(alphabet=string.ascii_letters + string.digits + " \"'\\#{};()$%\n", max_size=30))
def test_no_password_breaks_out_of_its_quotes(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = discreet(pieces(f'    auth_basic "Xq7{quoted}Xq7";\n    listen 80;\n'))
    assert shown == "    auth_basic ***;\n    listen 80;\n"
