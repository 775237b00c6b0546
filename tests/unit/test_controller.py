# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases of ansible-core may run the collection: said alike everywhere, and refused first thing elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PLAYBOOKS = sorted(ROOT.glob("playbooks/*.yml"))
CHECK = ROOT / "playbooks/tasks/cluster/controller.yml"
ALLOWED = SpecifierSet(yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"])
OLDEST = "2.17.7"
# CVE-2024-11079 was mended in 2.17.7 and in 2.18.1
RELEASES = {
    "2.16.14": False,
    "2.17.0": False,
    "2.17.6": False,
    "2.17.7": True,
    "2.17.14": True,
    "2.18.0rc1": False,
    "2.18.0": False,
    "2.18.1": True,
    "2.18.11": True,
    "2.19.0": True,
    "2.20.1": True,
    "3.0.0": True,
}


def accepts(release: str) -> bool:
    """Tell whether the first task of a playbook accepts a release, by its own expressions."""
    (task,) = yaml.safe_load(CHECK.read_text())
    version = Version(release)
    numbers = {"major": version.major, "minor": version.minor, "revision": version.micro}
    jinja = Environment()
    (core,) = task["vars"].values()
    known = {"__ha_lb_core": jinja.compile_expression(core.strip("{} "))(ansible_version=numbers)}
    return bool(jinja.compile_expression(task["ansible.builtin.assert"]["that"])(**known))


def first_task(file: Path) -> Path:
    """Return the file of the first task that a playbook, or a file of tasks, runs."""
    first = yaml.safe_load(file.read_text())[0]
    first = first["tasks"][0] if "tasks" in first else first
    for how in ("import_playbook", "import_tasks", "include_tasks"):
        if name := first.get(f"ansible.builtin.{how}"):
            return first_task(file.parent / name)
    return file


@pytest.mark.parametrize(("release", "allowed"), RELEASES.items())
def test_the_metadata_and_the_first_task_allow_the_same_releases(release, allowed):
    # Ansible compares without what marks a release as not yet one
    assert (Version(release).base_version in ALLOWED, accepts(release)) == (allowed, allowed)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_it_is_the_first_task_of_every_playbook(playbook):
    assert first_task(playbook) == CHECK


def test_the_oldest_release_is_said_alike():
    assert f"ansible-core {OLDEST} or newer, but not 2.18.0" in " ".join((ROOT / "README.md").read_text().split())
    for name in ("requirements.in", "requirements.txt"):
        pins = (ROOT / "tests/oldest" / name).read_text()
        assert re.findall(r"^ansible-core==(\S+)", pins, re.MULTILINE) == [OLDEST], name
    for role in (ROOT / "roles").glob("*/meta/main.yml"):
        assert yaml.safe_load(role.read_text())["galaxy_info"]["min_ansible_version"] == OLDEST, role
