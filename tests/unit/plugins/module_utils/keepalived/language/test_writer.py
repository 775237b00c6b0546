# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs import KEEPALIVED
from module_utils.keepalived.language.parser import parse
from module_utils.keepalived.language.writer import write
from rendering import render

FIXTURES = sorted((Path(__file__).parents[5] / "fixtures/keepalived").glob("*.conf"))
PIECES = (
    "\n",
    " ",
    "{",
    "}\n",
    '"',
    "'",
    "\\",
    "#",
    "!",
    "x",
    "10.0.0.1",
    "vrrp_instance a {",
    "notify ",
    "state BACKUP",
)


def shape(directives):
    """Return a tree without its places."""
    return [
        (directive.keyword, directive.arguments, directive.block if directive.block is None else shape(directive.block))
        for directive in directives
    ]


def assert_round_trip(text):
    tree = parse(text, config_id="lb1")
    written = write(tree)
    again = parse(written)
    assert shape(again.directives) == shape(tree.directives)
    assert write(again) == written
    return again


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_round_trip(path):
    assert assert_round_trip(path.read_text()).problems == ()


@pytest.mark.parametrize("given", KEEPALIVED.values(), ids=KEEPALIVED.keys())
def test_the_role_s_output_round_trips(given):
    assert assert_round_trip(render("keepalived", "keepalived.conf.j2", **given)).problems == ()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("use_pid_dir # comment", "use_pid_dir\n"),
        ("vrrp_instance a{\nstate  BACKUP }", "vrrp_instance a {\n    state BACKUP\n}\n"),
        ("garp_group {}", "garp_group {\n}\n"),
        ('net_namespace "a b"', 'net_namespace "a b"\n'),
        ('net_namespace ""', 'net_namespace ""\n'),
        ('net_namespace "a{#!}"', 'net_namespace "a{#!}"\n'),
        ('"@a" b', '"@a" b\n'),
        ('"include" b', '"include" b\n'),
        ("~SEQ(i, 1, 2) x$i", "x1\nx2\n"),
        ("vrrp_script a { script '/bin/echo \"a b\"' }", "vrrp_script a {\n    script '/bin/echo \"a b\"'\n}\n"),
        ("vrrp_script a { script /bin/true }", "vrrp_script a {\n    script /bin/true\n}\n"),
        (
            'vrrp_script a { script "it\'s "\'"x"\' }',
            'vrrp_script a {\n    script "it\'s "\'"\'"x"\'"\'\n}\n',
        ),
    ],
)
def test_written_text(text, written):
    assert write(parse(text)) == written
    assert_round_trip(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_without_problems_round_trips(text):
    if not parse(text).problems:
        assert_round_trip(text)
