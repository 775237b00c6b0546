# SPDX-License-Identifier: GPL-3.0-or-later
"""The example in a role's README is a play that runs: its syntax, its argument spec, and `validate`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rendering import FACTS

ROOT = Path(__file__).parents[2]
READMES = sorted(ROOT.glob("roles/*/README.md"))
INVENTORY = f"""
[proxies]
lb1 ansible_host=192.0.2.11
lb2 ansible_host=192.0.2.12
[balancers]
lb1
lb2
[all:vars]
ansible_connection=local
ansible_become=false
ansible_python_interpreter={sys.executable}
"""
STEPS = ("stage", "compare", "activate", "restore")


def example_of(readme: Path) -> str:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", readme.read_text(), re.MULTILINE | re.DOTALL)
    return shown


def played(collections: Path, folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a play on this host in check mode, and without its facts."""
    (folder / "inventory").write_text(INVENTORY)
    (folder / "play.yml").write_text(text)
    (folder / "ansible.cfg").touch()
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_NOCOLOR": "1",
    }
    command = ["ansible-playbook", "-i", "inventory", "--check", "--limit", "lb1", *options, "play.yml"]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, **settings}
    )


def validated(collections: Path, folder: Path, text: str, role: str) -> subprocess.CompletedProcess[str]:
    """Run what every run begins with, and which only looks: the argument spec, and `validate`."""
    facts = json.dumps({"ansible_facts": FACTS})
    return played(collections, folder, text, "--tags", f"{role}_validate", "--extra-vars", facts)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_the_example_is_accepted(readme, collections, tmp_path):
    role = readme.parent.name
    (play,) = yaml.safe_load(example_of(readme))
    assert [each["role"] for each in play["roles"]] == [f"evenkeel.ha_lb.{role}"]
    done = validated(collections, tmp_path, example_of(readme), role)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validating arguments against arg spec" in done.stdout
    assert ("Validate |" in done.stdout) == (readme.parent / "tasks/validate.yml").exists()


@pytest.mark.parametrize(
    ("role", "right", "wrong", "message"),
    [
        ("haproxy", "port: 80,", "port: 80000,", "ha_lb_services[0].port: 80000 is not a whole number"),
        ("haproxy", "vars:", "vars:\n        haproxy_maxconn: -5", "haproxy_maxconn: -5 is not a whole"),
        ("keepalived", "/24", "", "192.0.2.10 has no prefix length"),
        ("source", "source_product: haproxy", "source_product: nginx", "must be one of: haproxy, keepalived"),
    ],
)
def test_a_wrong_example_is_refused(role, right, wrong, message, collections, tmp_path):
    text = example_of(ROOT / "roles" / role / "README.md")
    assert right in text
    done = validated(collections, tmp_path, text.replace(right, wrong), role)
    assert done.returncode != 0
    assert message in " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_the_entry_points_are_files(readme):
    named = re.findall(r"^- (`.*?):", readme.read_text(), re.MULTILINE)
    files = {path.stem for path in (readme.parent / "tasks").glob("*.yml")}
    names = [name for line in named for name in re.findall(r"`(\w+)`", line)]
    assert set(names) <= files
    assert readme.parent.name in ("agents", "lvs", "lvs_real_server", "source") or set(STEPS) <= set(names)


def test_every_role_has_a_readme():
    assert {path.name for path in (ROOT / "roles").iterdir()} == {path.parent.name for path in READMES}
