# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ansible-doc` says of every plugin, and that it says something."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).parents[3] / "plugins"
PROMISED = {
    "cluster_nodes", "cluster_status", "interfaces", "keepalived_lint", "service_layout", "vrid_conflicts",
    "vrrp_layout",
}  # fmt: skip
FILES = sorted([*PLUGINS.glob("modules/*.py"), *(PLUGINS / "filter" / f"{name}.py" for name in PROMISED)])
PRIVATE = sorted(PLUGINS.glob("filter/private_*.py"))


@pytest.fixture(scope="session")
def filters(collections):
    """Return the filters of every file, by the file's name."""
    package = "ansible_collections.evenkeel.ha_lb.plugins.filter"
    stems = [path.stem for path in PLUGINS.glob("filter/*.py")]
    return {stem: importlib.import_module(f"{package}.{stem}").FilterModule().filters() for stem in stems}


@pytest.fixture(scope="session")
def documented(collections, filters, tmp_path_factory):
    """Return what ansible-doc prints for all plugins of a kind, as data."""
    home = tmp_path_factory.mktemp("ansible")
    own = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(home)}
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_CONFIG"} | own

    def ask(kind, names):
        full = [f"evenkeel.ha_lb.{name}" for name in names]
        command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "--type", kind, *full]
        result = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")
        return json.loads(result.stdout)

    modules = [path.stem for path in FILES if path.parent.name == "modules"]
    return {"modules": ask("module", modules), "filter": ask("filter", sorted(set().union(*filters.values())))}


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


@pytest.mark.parametrize("path", [*FILES, *PRIVATE], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_says_of_which_license_it_is(path):
    assert "SPDX-License-Identifier: GPL-3.0-or-later" in path.read_text()


def test_a_filter_is_promised_or_marked_as_private(documented):
    pages = {name.rpartition(".")[2]: page["doc"] for name, page in documented["filter"].items()}
    marked = {name for name, doc in pages.items() if doc["short_description"].startswith("Private to the collection")}
    assert set(pages) - marked == PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_a_promised_filter_has_its_own_file_and_stands_in_the_readme(filters, name):
    assert list(filters[name]) == [name]
    assert f"`{name}`" in (PLUGINS.parent / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_a_promised_filter_documents_what_it_takes(documented, filters, name):
    _piped, *others = inspect.signature(filters[name][name]).parameters.values()
    options = documented["filter"][f"evenkeel.ha_lb.{name}"]["doc"]["options"]
    assert {each.name for each in others if each.kind is each.POSITIONAL_OR_KEYWORD} <= set(options)


@pytest.mark.parametrize("path", PRIVATE, ids=lambda path: path.stem)
def test_a_file_of_private_filters_describes_all_of_them(documented, filters, path):
    """Ansible shows the documentation of the file for every filter in it."""
    page = documented["filter"][f"evenkeel.ha_lb.{min(filters[path.stem])}"]["doc"]
    described = [line.split(")")[0].removeprefix("C(") for line in page["description"] if line.startswith("C(")]
    assert described == sorted(filters[path.stem])


def test_all_modules_share_their_defaults():
    """`module_defaults: {group/evenkeel.ha_lb.all: ...}` reaches each of them."""
    runtime = yaml.safe_load((PLUGINS.parent / "meta/runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["all"]) == [path.stem for path in FILES if path.parent.name == "modules"]
