# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ansible-doc` says of every plugin, and that it says something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).parents[3] / "plugins"
FILES = sorted([*PLUGINS.glob("modules/*.py"), *PLUGINS.glob("filter/*.py")])


@pytest.fixture(scope="session")
def documented(collections, tmp_path_factory):
    """Return what ansible-doc prints for all plugins of a kind, as data."""
    home = tmp_path_factory.mktemp("ansible")
    own = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(home)}
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_CONFIG"} | own

    def ask(kind, folder):
        names = [f"evenkeel.ha_lb.{path.stem}" for path in FILES if path.parent.name == folder]
        command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "--type", kind, *names]
        result = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")
        return json.loads(result.stdout)

    return {"modules": ask("module", "modules"), "filter": ask("filter", "filter")}


@pytest.fixture
def page(documented, path):
    return documented[path.parent.name][f"evenkeel.ha_lb.{path.stem}"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
class TestPlugin:
    def test_ansible_doc_accepts_it(self, page, path):
        assert page["doc"]["short_description"]
        assert page["doc"]["description"]
        assert page["doc"]["version_added"]
        assert all(option["description"] for option in page["doc"].get("options", {}).values())
        assert all(value["description"] for value in page["return"].values())

    def test_its_example_is_yaml_that_uses_it(self, page, path):
        assert yaml.safe_load(page["examples"])
        assert f"evenkeel.ha_lb.{path.stem}" in page["examples"]

    def test_it_says_of_which_license_it_is(self, path):
        assert "SPDX-License-Identifier: GPL-3.0-or-later" in path.read_text()


def test_all_modules_share_their_defaults():
    """`module_defaults: {group/evenkeel.ha_lb.all: ...}` reaches each of them."""
    runtime = yaml.safe_load((PLUGINS.parent / "meta/runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["all"]) == [path.stem for path in FILES if path.parent.name == "modules"]
