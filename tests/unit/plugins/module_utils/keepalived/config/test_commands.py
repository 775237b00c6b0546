# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of a configuration: scripts and notifications."""

from __future__ import annotations

import pytest
from configurations import node
from module_utils.keepalived.config.commands import commands, split


def command(text):
    (found,) = commands(node("lb1", text))
    return found


def test_a_quoted_command_line_is_split():
    found = command("""vrrp_script chk {\n script "/bin/sh -c 'pidof haproxy'"\n}\n""")
    assert (found.keyword, found.owner, found.program) == ("script", "vrrp_script chk", "/bin/sh")
    assert found.argv == ("/bin/sh", "-c", "pidof haproxy")
    assert str(found.place) == "lb1.conf:2"


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("vrrp_script chk {\n script /bin/true\n}\n", ""),
        ("vrrp_script chk {\n script /bin/true\n user haproxy\n}\n", "haproxy"),
        (
            "global_defs {\n script_user keepalived_script\n}\nvrrp_script c {\n script /bin/true\n}\n",
            "keepalived_script",
        ),
        ("vrrp_instance A {\n notify_master /bin/true nobody nogroup\n}\n", "nobody"),
    ],
)
def test_the_user_of_a_command(text, user):
    assert command(text).user == user


@pytest.mark.parametrize(
    ("text", "checks"),
    [
        ("vrrp_script chk {\n script /bin/true\n}\n", True),
        ("virtual_server 192.0.2.1 80 {\n real_server 192.0.2.2 80 {\n MISC_CHECK {\n misc_path /a\n}\n}\n}\n", True),
        ("vrrp_instance A {\n notify /bin/true\n}\n", False),
        ("virtual_server 192.0.2.1 80 {\n quorum_down /a\n}\n", False),
    ],
)
def test_checks_and_notifications(text, checks):
    assert command(text).checks is checks


@pytest.mark.parametrize(
    "text",
    ['vrrp_script c {\n script "</run/ok"\n}\n', "vrrp_script c {\n script\n}\n", 'vrrp_script c {\n script ""\n}\n'],
)
def test_lines_that_run_no_program(text):
    assert commands(node("lb1", text)) == ()


def test_with_an_unclosed_quote_a_line_is_split_at_blanks():
    assert split("""/bin/echo 'a b""") == ("/bin/echo", "'a", "b")
