# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of keepalived.conf with the secret s3cret, and blocks in which they may stand."""

from __future__ import annotations

LINES = [
    "auth_pass my s3cret",
    "auth_pass $s3cret",
    "auth_pass ${s3cret}",
    "auth_pass x{s3cret}x",
    "auth_pass x{s3cret{}}",
    "auth_pass x{${s3cret}",
    "auth_pass x}s3cret",
    "auth_pass s3cret;",
    'auth_pass "s3cret',
    'auth_pass x "my s3cret"',
    "auth_type PASS auth_pass s3cret",
    "state auth_pass s3cret",
    "password x s3cret",
    "key s3cret x",
    "key 300 x s3cret",
    "$A=my s3cret\nauth_pass $A",
    "$A=auth_pass my{s3cret\n$A",
    "~LST(i, x, s3cret) auth_pass my $i",
]
BLOCKS = [
    "{}",
    "vrrp_instance a {{\nauthentication {{\n{}\n}}\n}}",
    "vrrp_instance a {{\nauth_hmac {{\n{}\n}}\n}}",
    "vrrp_instance a {{\nvirtual_ipaddress {{\n{}\n}}\n}}",
    "vrrp_instance a {{\nvirtual_routes {{\n{}\n}}\n}}",
    "made {{\nup {{\n{}\n}}\n}}",
]
# Where a program or a person may have one besides
OTHER_LINES = [
    "! auth_pass s3cret",
    "auth_pass x # s3cret",
    "@lb1 auth_pass s3cret",
    "auth_pas s3cret",
    'notify_master "/usr/local/bin/tell --token s3cret"',
    "notify_master '/usr/local/bin/tell --token s3cret' root",
    "notify /usr/local/bin/tell s3cret",
    "script \"curl -H 'X: s3cret' http://192.0.2.1\"",
    'script "TOKEN=s3cret /usr/local/bin/check"',
    'misc_path "/usr/local/bin/check s3cret"',
    "vrrp_notify_fifo_script /usr/local/bin/tell s3cret",
    "priority 100 s3cret",
    "digest s3cret",
    "path /?token=s3cret",
    "payload s3cret",
    "process s3cret",
    "$TOKEN=s3cret",
]
