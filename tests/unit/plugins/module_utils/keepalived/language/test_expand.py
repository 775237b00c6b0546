# SPDX-License-Identifier: GPL-3.0-or-later
"""The preprocessor. Expected values were measured with keepalived 2.2.7 and 2.3.3."""

from __future__ import annotations

import pytest
from module_utils.keepalived.language import allowance
from module_utils.keepalived.language.parser import parse


def expanded(text, **options):
    """Return the expanded lines, and the messages that are not about unknown words."""
    options = {"config_id": "main", "environment": {"NAME": "value"}, **options}
    tree = parse(text, "dir/f", **options)
    return [" ".join(word.text for word in each.words) for each in tree.directives], [
        problem.message for problem in tree.problems if not problem.message.startswith("keepalived does not know")
    ]


def all_lines(text, **options):
    found, problems = expanded(text, **options)
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A=one\nk$A k", ["kone k"]),
        ("$A=one\n$B=${A}two\nk${B}x", ["konetwox"]),
        ("$A=1\n$B=${A}\n$A=2\nk$B", ["k2"]),
        ("$A=one\nk_$A, z", ["k_one, z"]),
        ("$A=\nk_${A}_", ["k__"]),
        ("$A=x # comment\nk_${A}_", ["k_x_"]),
        ("pa$$word $x-y", ["pa$$word $x-y"]),
        ("$C=$D\nk$C z", ["k$D z"]),
        ("$M= \\\n m1 \\\n # nothing \\\n m2\n$M", ["m1", "m2"]),
        ("$M= \\\n m1 \\\n\nafter\n$M", ["after", "m1"]),
        ("$L= \\\n a \\\n $K \\\n c\n$K= \\\n b1 \\\n b2\n$L", ["a", "b1", "b2", "c"]),
        ("$_HASH=other\nk${_HASH}", ["kother"]),
    ],
)
def test_definitions(text, expected):
    assert all_lines(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("k_${_INSTANCE}", "k_main"),
        ("k_${_PWD}", "k_dir"),
        ("k_${_ENV NAME}_${_ENV OTHER}", "k_value_"),
        ("k_${_RANDOM}_${_RANDOM 5}_${_RANDOM 7 9}", "k_0_5_7"),
        ("k${_HASH}comment", "k"),
        ("k${_BANG}comment", "k"),
    ],
)
def test_built_in_definitions(text, expected):
    assert all_lines(text) == [expected]


def test_env_needs_keepalived_2_4():
    assert expanded("k_${_ENV NAME}", version=(2, 4, 0)) == (["k_value"], [])
    assert "${_ENV NAME} is not defined" in expanded("k_${_ENV NAME}", version=(2, 3, 3))[1][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@main a\n@other b\n@^main c\n@^other d", ["a", "d"]),
        ("@main $A=1\n@other $A=2\nk$A", ["k1"]),
        ("$M= \\\n a \\\n @other b \\\n @main c\n$M", ["a", "c"]),
        ("$R=@main\n$R k", ["k"]),
        ("@main", []),
        ("@^other @main a", ["@main a"]),
    ],
)
def test_conditions(text, expected):
    assert all_lines(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~SEQ(i, 3) s_$i", ["s_1", "s_2", "s_3"]),
        ("~SEQ(i, 0) s_$i", ["s_1", "s_0"]),
        ("~SEQ(i, -2) s_$i", ["s_-1", "s_-2"]),
        ("~SEQ(i,3,2)s_$i", ["s_3", "s_2"]),
        ("~SEQ(i, 1, 4, 10) s_$i", ["s_1", "s_5", "s_9"]),
        ("$N=2\n~SEQ(i, 1, $N) s_$i", ["s_1", "s_2"]),
        ("~SEQ(i, 1, 2) ~SEQ(j, 8, 7) s_${i}_${j}", ["s_1_8", "s_1_7", "s_2_8", "s_2_7"]),
        ("~SEQx(i, 9, 11) s_$i", ["s_9", "s_a", "s_b"]),
        ("~SEQx(i, 0x10, 0x10, 040) s_$i", ["s_10", "s_20"]),
        ("~LST(i, a, b) s_$i", ["s_a", "s_b"]),
        ("~LST({i, j}, {a, 1}, {b}) s_${i}_${j}", ["s_a_1", "s_b_"]),
        (
            "$M= \\\n n1_$i \\\n ~SEQ(j, 1, 2) n2_$j \\\n n3\n~SEQ(i, 1, 2) $M",
            ["n1_1", "n2_1", "n2_2", "n3", "n1_2", "n2_1", "n2_2", "n3"],
        ),
        ("$S=~SEQ(v, 1, 2) v_\n${S}x$v", ["v_x1", "v_x2"]),
        ("~SEQ(i, 1, 2)", []),
    ],
)
def test_repetitions(text, expected):
    assert all_lines(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "~SEQ(i)",
        "~SEQ(i, 1, 0, 3) s",
        "~SEQ(i, 1, -1, 3) s",
        "~SEQ(i, 1, 2, 3, 4) s",
        "~SEQ(i, x) s",
        "~SEQ(i, 09) s",
        "~SEQx(i, -1, 3) s",
        "~SEQ({i}, 3) s",
        "~SEQ i",
        "~LST(i) s",
        "~LST(i, {a, b}) s",
        "~LST(i, a} s",
        "~LST(i, a{b) s",
    ],
)
def test_repetitions_that_are_refused(text):
    found, problems = expanded(text)
    assert (found, problems) == ([], [f"{text[:4]} is not as keepalived wants it"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$A=x${A}\nk $A", "too long, or one contains itself"),
        ("$A=$B\n$B=$A\nk $A", "too long, or one contains itself"),
        ("$A= \\\n a \\\n $A\n$A", "too long, or one contains itself"),
        ("$A=" + 200 * "x" + "\nk " + 10 * "$A ", "too long, or one contains itself"),
        ("$A= \\\n a \\\n b\nk ${A} more", "$A stands for several lines"),
        ("k ${NONE} {", "${NONE} is not defined, so keepalived takes its braces"),
        ("interface $NONE", "$NONE is not defined: keepalived takes it as it is written"),
        ('$A="\nk $A', "a quote is not closed"),
    ],
)
def test_definitions_that_are_refused(text, message):
    assert any(message in each for each in expanded(text)[1])


def test_a_password_may_look_like_a_definition():
    text = "vrrp_instance a {\nauthentication {\nauth_type PASS\nauth_pass $ecret\n}\n}"
    assert parse(text).problems == ()


def test_an_endless_repetition_is_limited(monkeypatch):
    monkeypatch.setattr(allowance, "ENOUGH", 5000)
    tree = parse("~SEQ(i, 1, 999999999) x")
    assert 0 < len(tree.directives) < 200
    assert [each.message for each in tree.problems if each.kind == "limit"] == [
        "the configuration becomes too large: the rest is not read"
    ]


def test_a_replaced_word_has_the_place_of_its_reference():
    (directive,) = parse("$A=a b\n  k $A c").directives
    assert [(word.text, *word.place[1:]) for word in directive.words] == [
        ("k", 2, 3),
        ("a", 2, 5),
        ("b", 2, 5),
        ("c", 2, 8),
    ]


def test_later_lines_of_a_definition_have_their_own_places():
    tree = parse("$A= \\\n  k \\\n  l\n$A")
    assert [(each.keyword, *each.place[1:]) for each in tree.directives] == [("k", 4, 1), ("l", 3, 3)]
