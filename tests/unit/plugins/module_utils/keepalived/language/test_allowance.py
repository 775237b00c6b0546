# SPDX-License-Identifier: GPL-3.0-or-later
"""Parsing takes time in proportion to the text, and ends, whatever the text is.

Eight times the text takes eight times as long; with quadratic work it would be 64 times. Every text takes at least some
milliseconds, so that other work of the machine hardly matters.
"""

from __future__ import annotations

import time

import pytest
from module_utils.keepalived.language import allowance
from module_utils.keepalived.language.parser import parse

MORE = 8
TOO_MUCH = 28
CALM = 3
LINE = 960
LARGE = "the configuration becomes too large: the rest is not read"


def seconds(text):
    """Return the shortest CPU time of several runs, because other programs run too."""
    taken = []
    for _again in range(CALM):
        begin = time.process_time()
        parse(text, config_id="a", read=lambda pattern, _file: [(pattern, "x\n")])
        taken.append(time.process_time() - begin)
    return min(taken)


def growth(few, many):
    return seconds(many) / seconds(few)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: "}" * n, id="closing braces"),
        pytest.param(lambda n: "{" * n, id="opening braces"),
        pytest.param(lambda n: "a{}" * (n // 3), id="blocks"),
        pytest.param(lambda n: "x " * (n // 2), id="words"),
        pytest.param(lambda n: '"' * n, id="quotes"),
        pytest.param(lambda n: r"\#" * (n // 2), id="escapes"),
        pytest.param(lambda n: "k " + "$A " * (n // 3), id="references"),
        pytest.param(lambda n: "k " + "$B " * (n // 3), id="references to references"),
        pytest.param(lambda n: "k " + "$N " * (n // 3), id="references to nothing"),
        pytest.param(lambda n: "k ${" + "a" * n, id="a name without an end"),
        pytest.param(lambda n: "~LST(" + " " * n + "x", id="blanks for names"),
        pytest.param(lambda n: "~LST(i, " + " " * n + "x{)", id="blanks for values"),
        pytest.param(lambda n: "~SEQ(i, " + " " * n + "x)", id="blanks for a number"),
        pytest.param(lambda n: "~LST({" + "a," * (n // 4) + "}, " + "x," * (n // 4) + ") ", id="names and values"),
    ],
)
def test_time_grows_linearly_with_a_line(text):
    few, many = (
        "$A=x\n$B=$A\n" + "".join(f"{text(length)}\n" for _line in range(12)) for length in (LINE // MORE, LINE)
    )
    assert growth(few, many) < TOO_MUCH


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: "}\n" * n, id="closing braces"),
        pytest.param(lambda n: "a {\n" * n, id="blocks in blocks"),
        pytest.param(lambda n: "prioriti\n" * n, id="unknown words"),
        pytest.param(lambda n: "".join(f"$A{at}= \\\n x \\\n y\n" for at in range(n)), id="definitions"),
        pytest.param(
            lambda n: (
                "$A0=x\n" + "".join(f"$A{at}= \\\n x \\\n $A{at - 1}\n" for at in range(1, n)) + "".join(f"$A{n - 1}\n")
            ),
            id="definitions that end in each other",
        ),
        pytest.param(
            lambda n: "$A0=x\n" + "".join(f"$A{at}=$A{at - 1}\n" for at in range(1, n)) + f"$A{n - 1}\n",
            id="definitions that are each other",
        ),
        pytest.param(lambda n: "include x\n" * n, id="files"),
        pytest.param(lambda n: f"~SEQ(i, {n}) prioriti", id="a repetition of what is wrong"),
    ],
)
def test_time_grows_linearly_with_lines(text):
    assert growth(text(200), text(200 * MORE)) < TOO_MUCH


@pytest.mark.parametrize(
    "text",
    [
        "~SEQ(i, 999999999) x",
        "~SEQ(i, 999999999) " + "}" * 900,
        "~SEQ(i, 999999999) " + "x " * 450,
        "~SEQ(i, 999999999) " + "$i " * 200,
        "~SEQ(i, 999999999) ~SEQ(j, 999999999) x",
        "~SEQ(i, 999999999) ~LST({" + ",".join(f"a{at}" for at in range(150)) + "}, " + "x," * 100 + ") y",
        "$A= \\\n x \\\n ~SEQ(i, 999999999) $B\n$B= \\\n y \\\n z\n$A",
        "use_pid_dir\n" * 12_000,
        "#\n" * 12_000,
        "\n" * 12_000,
        ("x" * 2000 + "\n") * 240,
    ],
    ids=lambda text: repr(text[:40]),
)
def test_time_grows_linearly_with_the_allowance(text, monkeypatch):
    """An endless text is read up to the allowance, and its time is in proportion to it."""
    taken = []
    for enough in (12_000, 12_000 * MORE):
        monkeypatch.setattr(allowance, "ENOUGH", enough)
        assert [problem.message for problem in parse(text).problems if LARGE in problem.message] == [LARGE]
        taken.append(seconds(text))
    assert taken[1] / taken[0] < TOO_MUCH


def test_a_large_configuration_is_within_the_allowance():
    text = "".join(f"vrrp_instance a{at} {{\npriority 100\n}}\n" for at in range(500))
    assert parse(text).problems == ()
