# SPDX-License-Identifier: GPL-3.0-or-later
"""No problem quotes a secret, wherever it stands and whatever characters it has."""

from __future__ import annotations

import pytest
from keepalived_secrets import BLOCKS, LINES
from module_utils.keepalived.language.parser import parse

SECRET = "s3cret"


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("line", LINES)
def test_no_problem_quotes_a_secret(line, block):
    assert not [problem for problem in parse(block.format(line)).problems if SECRET in problem.message]


@pytest.mark.parametrize(
    ("block", "line", "messages"),
    [
        ("authentication", "auth_pass my s3cret", ["auth_pass: keepalived ignores ***"]),
        ("auth_hmac", "key 300 s3cret", ["key: 300 is not a number from 1 to 255"]),
        ("auth_hmac", "key s3cret", ["key needs a word after it", "key: *** is not a number from 1 to 255"]),
        ("auth_hmac", "key 1 s3cret", []),
        ("authentication", "auth_type s3cret", ["auth_type: s3cret is not PASS or AH"]),
    ],
)
def test_words_that_are_no_secret_are_shown(block, line, messages):
    problems = parse(f"vrrp_instance a {{\n{block} {{\n{line}\n}}\n}}").problems
    assert [problem.message for problem in problems] == messages


def test_the_tree_keeps_the_secret():
    (instance,) = parse("vrrp_instance a {\nauthentication {\nauth_pass my s3cret\n}\n}").directives
    assert instance.block[0].block[0].arguments == ("my", SECRET)


def test_lines_after_a_secret_are_shown():
    problems = parse("vrrp_instance a {\nauthentication {\nauth_pass x{y\n}\nauth_typ\n}\n}").problems
    assert any("auth_typ" in problem.message for problem in problems)


def test_a_password_without_its_keyword_is_not_shown():
    problems = parse("vrrp_instance a {\nauthentication {\nauth_type PASS\ns3cret\n}\n}").problems
    assert [problem.message for problem in problems] == ["keepalived does not know *** in authentication"]
