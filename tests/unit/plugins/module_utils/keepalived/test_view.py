# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from module_utils.keepalived.view import peers_of


def test_every_peer_once():
    web, api = {"peers": ["192.0.2.13", "192.0.2.12"]}, {"peers": ["192.0.2.12", "2001:db8::12"]}
    assert peers_of([web, api]) == ["192.0.2.12", "192.0.2.13", "2001:db8::12"]
    assert peers_of([{"peers": []}]) == []
