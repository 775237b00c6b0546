# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule has a fixture in which it finds a mistake (fires), and one in which it finds nothing (silent)."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import nodes, nodes_in
from hypothesis import given
from hypothesis import strategies as st
from module_utils.engines.haproxy.config import PATH as HAPROXY
from module_utils.keepalived.lint.rules.catalogue import RULES
from module_utils.lint.engine import lint

FIXTURES = Path(__file__).parents[6] / "fixtures/lint"
IDS = [rule.id for rule in RULES]
WANTED = [
    *(f"KA{number}" for number in range(101, 177)),
    *(f"LV{number}" for number in range(201, 211)),
    *(f"HX{number}" for number in range(301, 305)),
]


def is_one_sentence(text):
    return bool(text) and "\n" not in text and ". " not in text and not text.endswith(".")


def test_ids_are_unique_and_without_gaps():
    assert sorted(IDS) == sorted(WANTED)


def test_every_rule_has_fixtures():
    assert sorted(path.name for path in FIXTURES.iterdir()) == sorted(IDS)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_texts_of_a_rule_are_one_sentence_each(rule):
    assert is_one_sentence(rule.title)
    assert is_one_sentence(rule.why)
    assert is_one_sentence(rule.fix)
    assert rule.evidence


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_finds_its_mistake(rule):
    folder = FIXTURES / rule.id / "fires"
    findings = lint(nodes_in(folder), [rule])
    assert findings
    for finding in findings:
        assert finding.file in (f"{finding.node}.conf", HAPROXY)
        name = f"{finding.node}.haproxy.cfg" if finding.file == HAPROXY else finding.file
        lines = (folder / name).read_text().splitlines()
        assert 1 <= finding.line <= len(lines)
        assert lines[finding.line - 1].strip()
        assert is_one_sentence(finding.message), finding.message
        assert is_one_sentence(finding.effect), finding.effect
        assert is_one_sentence(finding.fix), finding.fix
        assert all(isinstance(value, str) for value in finding.values.values())


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_finds_nothing_in_a_correct_configuration(rule):
    given_nodes = nodes_in(FIXTURES / rule.id / "silent")
    assert given_nodes
    assert not lint(given_nodes, [rule])


TEXTS = [path.read_text() for path in sorted(FIXTURES.rglob("*.conf"))]
ODD_WORDS = ["", "-1", "0", "256", "999999999", "1e5", "::", "fe80::1%eth0", "192.0.2.1/99", "{", "}", '"', "é", "/"]
WORDS = sorted({word for text in TEXTS for word in text.split()} | set(ODD_WORDS))
ODD_FACTS = {
    "keepalived_version": "x",
    "interfaces": [{"name": "eth0", "addresses": ["192.0.2.11/24", "nonsense"], "own": []}],
}


@st.composite
def torn(draw):
    """Draw a configuration with lines removed and words replaced."""
    lines = draw(st.sampled_from(TEXTS)).splitlines()
    for _change in range(draw(st.integers(0, 6))):
        number = draw(st.integers(0, len(lines) - 1))
        words = lines[number].split(" ")
        words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
        lines[number : number + draw(st.integers(0, 1))] = [" ".join(words)]
    return "\n".join(lines)


@given(torn(), torn(), st.sampled_from([{}, ODD_FACTS]))
def test_no_rule_fails_on_a_mutated_configuration(first, second, facts):
    for finding in lint([*nodes(first, second, lb1=facts)], RULES):
        assert finding.line >= 1
        assert "\n" not in finding.message + finding.effect + finding.fix


def test_no_rule_fails_on_empty_input():
    assert not lint([], RULES)
    assert not lint(nodes("", ""), RULES)
