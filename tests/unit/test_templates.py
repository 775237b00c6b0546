# SPDX-License-Identifier: GPL-3.0-or-later
"""Every template of every role, printed for many inputs: nothing unsaid in what comes out, and its scripts right."""

from __future__ import annotations

import re
import subprocess
from collections import Counter

import pytest
from inputs import INPUTS
from rendering import ROLES, render, templates_of

UNSAID = r"\b(?:None|True|False|[Uu]ndefined)\b|\{\{|\}\}|\{%"
PRINTED = [
    pytest.param(role, template, given, id=f"{role}-{template}-{name}")
    for role, inputs in INPUTS.items()
    for template in templates_of(role)
    for name, given in inputs.items()
]


@pytest.mark.parametrize("path", sorted(ROLES.glob("*/templates/*")), ids=lambda path: path.name)
def test_a_file_ends_with_a_newline(path):
    assert path.read_text().endswith("\n")


@pytest.mark.parametrize(("role", "template", "given"), PRINTED)
def test_nothing_is_left_unsaid(role, template, given):
    text = render(role, template, **given)
    assert re.findall(UNSAID, text) == []
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert Counter(text)["{"] == Counter(text)["}"]


@pytest.mark.parametrize(
    ("role", "template", "given"),
    [each for each in PRINTED if each.id.endswith(("-no firewall", "-pair", "-http"))],
)
def test_scripts_are_right_in_their_language(role, template, given):
    text = render(role, template, **given)
    if text.startswith("#!/"):
        shell = text[2:].split("\n", 1)[0].split()
        checked = subprocess.run([*shell, "-n"], input=text, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")
