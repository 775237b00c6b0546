# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja only names and prints: an expression with more than two filters becomes Python, or two variables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
MOST_FILTERS = 2
# What Ansible reads as an expression without braces
BARE = ("changed_when", "failed_when", "that", "until", "when")
TASKS = sorted([*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/**/*.yml")])
TEMPLATES = sorted([*ROOT.glob("playbooks/templates/*"), *ROOT.glob("roles/*/templates/*")])


def texts(value: Any, key: str = "") -> Iterator[str]:
    """Yield the texts of a YAML file, an expression without braces within them."""
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from texts(inner, inner_key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str):
        yield f"{{{{ {value} }}}}" if key in BARE and "{{" not in value else value


def expressions(node: nodes.Node) -> Iterator[nodes.Expr]:
    """Yield the outermost expressions below a node."""
    for inner in node.iter_child_nodes():
        if isinstance(inner, nodes.Expr):
            yield inner
        else:
            yield from expressions(inner)


def filters_of(expression: nodes.Node) -> list[str]:
    """Return the names of the filters of an expression, those of its arguments too."""
    found = [expression.name] if isinstance(expression, nodes.Filter) else []
    return found + [each.name for each in expression.find_all(nodes.Filter)]


def too_long(text: str) -> list[list[str]]:
    """List the filters of every expression that has too many."""
    found = [filters_of(each) for each in expressions(Environment().parse(text))]
    return [each for each in found if len(each) > MOST_FILTERS]


@pytest.mark.parametrize("path", TASKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_expression_of_a_task_or_variable_has_more_than_two_filters(path):
    assert [each for text in texts(yaml.safe_load(path.read_text())) for each in too_long(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_expression_of_a_template_has_more_than_two_filters(path):
    assert too_long(path.read_text()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ a | default([]) | length > 0 }} and {{ b | first }}", []),
        ("{{ a | default([]) | map(attribute='b') | list }}", [["list", "map", "default"]]),
        ("{{ f(a | bool, b | bool) and c | bool }}", [["bool", "bool", "bool"]]),
        (
            "{% for a in b | default([]) | sort | unique %}{{ a is defined }}{% endfor %}",
            [["unique", "sort", "default"]],
        ),
        ("no template | at | all | here", []),
    ],
)
def test_the_count_finds_what_is_planted(text, expected):
    assert [sorted(each) for each in too_long(text)] == [sorted(each) for each in expected]


def test_expressions_without_braces_are_read():
    task = [{"when": ["a | b", "{{ c }}"], "block": [{"ansible.builtin.assert": {"that": "d | e"}}], "name": "f | g"}]
    assert list(texts(task)) == ["{{ a | b }}", "{{ c }}", "{{ d | e }}", "f | g"]
