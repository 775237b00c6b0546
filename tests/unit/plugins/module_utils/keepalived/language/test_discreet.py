# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf without secrets, whoever wrote it, and with as much of the rest as can be."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keepalived_secrets import BLOCKS, LINES, OTHER_LINES
from module_utils.basics.discreet import discreet
from module_utils.keepalived.language.discreet import pieces

SECRET = "s3cret"
HIDE = [*LINES, *OTHER_LINES, "auth_pass \\\n    s3cret", "notify_master s3cret"]
SHOW = [
    "global_defs {\n    router_id lb1\n    vrrp_version 3\n    vrrp_garp_master_delay 1\n}\n",
    'vrrp_script proxy {\n    script "/usr/local/bin/check"\n    interval 1\n    init_fail\n}\n',
    "track_file drain {\n    file /run/ha_lb/drain\n    weight 1\n}\n",
    "vrrp_sync_group all {\n    group {\n        web\n        api\n    }\n}\n",
    "vrrp_instance web {\n    interface eth0\n    virtual_router_id 51\n    advert_int 0.1\n    authentication {\n"
    "        auth_type PASS\n    }\n}\n",
    "vrrp_instance web {\n    virtual_ipaddress {\n        192.0.2.10/24 dev eth0 label eth0:1\n    }\n"
    "    unicast_peer {\n        192.0.2.12 min_ttl 255 max_ttl 255\n    }\n}\n",
    "virtual_server 192.0.2.10 80 {\n    lb_algo rr\n    real_server 192.0.2.21 80 {\n        weight 1\n    }\n}\n",
    "include /etc/keepalived/conf.d/*.conf\n",
    "@lb1 vrrp_instance web {\n    @^lb2 priority 100\n}\n",
]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("line", HIDE)
def test_no_secret_is_shown(line, block):
    assert SECRET not in discreet(pieces(block.format(line)))


@pytest.mark.parametrize("text", SHOW)
def test_what_is_no_secret_is_shown(text):
    assert discreet(pieces(text)) == text


def test_the_name_of_a_directive_stays():
    text = 'authentication {\n  auth_pass my s3cret # old\n}\nkey 3 s3cret\nmade_up x\nnotify "/bin/tell x"\n'
    assert discreet(pieces(text)) == (
        'authentication {\n  auth_pass *** # ***\n}\nkey 3 ***\nmade_up ***\nnotify "/bin/tell ***\n'
    )


@given(st.text(alphabet=st.sampled_from("key notify\"'\\#!{}@$\n " + string.ascii_lowercase), max_size=80))
def test_every_text_comes_in_pieces(text):
    assert "".join(piece.text for piece in pieces(text)) == text


@given(st.text(alphabet=string.ascii_letters + string.digits + " \"'\\#{}()$%!", max_size=30))
def test_no_password_breaks_out_of_its_place(text):
    shown = discreet(pieces(f"    auth_pass Xq7{text}Xq7\n    priority 100\n"))
    assert "Xq7" not in shown
    assert shown.endswith("    priority 100\n")
