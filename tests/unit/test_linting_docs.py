# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about the linter say what the linter says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml
from module_utils.cluster.variables import COLLECTION_VARIABLES
from module_utils.keepalived.lint.result import lint_result

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import rules_page  # noqa: E402

TEXT = (ROOT / "docs/linting.md").read_text()
PAIR = {"lb1": "lb1.conf", "lb2": "lb2.conf"}


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


def test_the_page_of_rules_is_up_to_date():
    assert rules_page.PAGE.read_text() == rules_page.page(), "python tests/rules_page.py writes it anew"


def test_the_page_quotes_what_is_said_of_the_example(monkeypatch):
    monkeypatch.chdir(ROOT / "examples/lint")
    said = lint_result(PAIR, severity="E")["text"].split("\n\n")
    assert blocks("")[0] == "\n\n".join(part for part in said if not part.startswith("?")) + "\n"


def test_what_the_page_leaves_out_is_left_out(monkeypatch):
    monkeypatch.chdir(ROOT / "examples/lint")
    ignore = yaml.safe_load(blocks("yaml")[0])["ha_lb_lint_ignore"]
    places = {(each["rule"], each["node"]) for each in lint_result(PAIR)["findings"]}
    left = {(each["rule"], each["node"]) for each in lint_result(PAIR, ignore)["findings"]}
    assert places - left == {("KA103", "lb1"), ("KA139", "lb1"), ("KA137", "lb2"), ("KA174", "lb2")}


def test_the_page_has_every_variable_of_the_playbook():
    files = [ROOT / "playbooks/lint.yml", ROOT / "playbooks/tasks/lint/report.yml"]
    used = {name for file in files for name in re.findall(r"(?<!__)\bha_lb_lint_\w+", file.read_text())}
    assert used == set(re.findall(r"`(ha_lb_lint_\w+)`", TEXT))
    assert used == {name for name in COLLECTION_VARIABLES if name.startswith("ha_lb_lint_")}
