# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that runs no module is named, with what its shell, sudo or su said."""

from __future__ import annotations

import pytest
from module_utils.host.unanswered import plain_answer

CLOSED = "Shared connection to 192.0.2.11 closed.\r\n"


@pytest.mark.parametrize(
    ("stdout", "stderr", "words"),
    [
        ("/bin/sh: 1: sudo: not found\r\n", CLOSED, "lb1: no module runs there: /bin/sh: 1: sudo: not found"),
        ("ops is not in the sudoers file.\r\n", CLOSED, "ops is not in the sudoers file."),
        ("", "/bin/sh: 1: /usr/bin/python3: not found\n", "lb1: no module runs there: /bin/sh: 1: /usr/bin/python3"),
        ("", CLOSED, "lb1: no module runs there: it says nothing"),
        ("x" * 10_000 + " ValueError: the end", "", " ValueError: the end"),
    ],
)
def test_a_host_without_an_answer_is_named(stdout, stderr, words):
    said = plain_answer({"failed": True, "module_stdout": stdout, "module_stderr": stderr, "rc": 1}, "lb1")
    assert said["failed"] is True
    assert words in said["msg"]
    assert len(said["msg"]) < 400


@pytest.mark.parametrize("said", [{"changed": False}, {"failed": True, "msg": "held"}, '{"text": 1}', None])
def test_an_answer_is_left_as_it_is(said):
    assert plain_answer(said, "lb1") is said
