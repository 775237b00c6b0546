# SPDX-License-Identifier: GPL-3.0-or-later
"""The linter as Ansible runs it: two modules, and the playbook around them."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from answers import as_documented

ROOT = Path(__file__).parents[4]
PAIR = {name: str(ROOT / f"examples/lint/{name}.conf") for name in ("lb1", "lb2")}


@pytest.fixture
def run(collections, capsys):
    """Run a module with options, and return its result."""

    def run(name, **options):
        module = importlib.import_module(f"ansible_collections.evenkeel.ha_lb.plugins.modules.{name}")
        with patch_module_args({**options, "_ansible_check_mode": True}), pytest.raises(SystemExit):
            module.main()
        return as_documented(name, json.loads(capsys.readouterr().out))

    return run


def test_findings_are_no_failure_by_default(run):
    answer = run("keepalived_lint", configs=PAIR, sarif=True)
    assert (answer["changed"], answer["counts"]["E"], answer["failure"]) == (False, 3, "")
    assert answer["sarif"]["version"] == "2.1.0"


def test_findings_are_a_failure_with_fail_on(run):
    answer = run("keepalived_lint", configs=PAIR, ignore=["KA128", "KA132@lb1"], fail_on="E")
    assert (answer["failed"], answer["msg"]) == (True, "1 error on lb1 and lb2: KA101")
    assert [each["rule"] for each in answer["findings"] if each["severity"] == "E"] == ["KA101"]


def test_refusals_are_returned_as_data(run):
    answer = run("keepalived_lint", configs={"lb1": "/nowhere/1", "lb2": "/nowhere/2"})
    assert answer["failed"]
    assert [each["path"] for each in answer["findings"]] == ["configs.lb1", "configs.lb2"]


def test_a_fetched_configuration_can_be_linted(run, tmp_path):
    (tmp_path / "keepalived.conf").write_text("include part.conf\n")
    (tmp_path / "part.conf").write_text(Path(PAIR["lb1"]).read_text())
    config = run("keepalived_config", node="lb1", path=str(tmp_path / "keepalived.conf"))["config"]
    assert config["facts"]["hostname"] == os.uname().nodename
    answer = run("keepalived_lint", configs=[config])
    assert {each["file"] for each in answer["findings"]} == {str(tmp_path / "part.conf")}


def test_a_missing_configuration(run, tmp_path):
    answer = run("keepalived_config", node="lb1", path=str(tmp_path / "keepalived.conf"))
    assert answer["msg"] == f"{tmp_path}/keepalived.conf: cannot be read: No such file or directory"


@pytest.fixture
def playbook(collections, tmp_path):
    """Run the playbook in a folder with the pair of the example, and return the process."""
    own = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(tmp_path), "PWD": str(tmp_path)}
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_CONFIG"} | own
    for name, path in PAIR.items():
        (tmp_path / f"{name}.conf").write_text(Path(path).read_text())

    def run(**variables):
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "evenkeel.ha_lb.lint"]
        command += ["-e", json.dumps({"ansible_python_interpreter": sys.executable, **variables})]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_playbook_lints_files_without_hosts(playbook, tmp_path):
    files = {"lb1": "lb1.conf", "lb2": "lb2.conf"}
    result = playbook(ha_lb_lint_files=files, ha_lb_lint_file="lint.json", ha_lb_lint_sarif="lint.sarif")
    assert result.returncode != 0
    assert "3 errors on lb1 and lb2: KA128, KA132 and KA101" in result.stdout + result.stderr
    assert json.loads((tmp_path / "lint.json").read_text())["counts"]["E"] == 3
    (log,) = json.loads((tmp_path / "lint.sarif").read_text())["runs"]
    assert {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["results"]} == set(
        files.values()
    )
