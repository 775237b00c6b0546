# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.bundle import CORE, bundle, core_files, needed

MODULES = sorted(
    path.relative_to(CORE).with_suffix("").as_posix().replace("/", ".")
    for path in CORE.rglob("*.py")
    if path.name not in ("__init__.py", "module_io.py")
)


@pytest.fixture
def run(tmp_path):
    """Run a program as a host does: it has Python, and neither this directory nor these variables."""

    def run(text):
        command = [sys.executable, "-I", "-"]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=tmp_path, env={})

    return run


def imported(path):
    """Yield the files that a file of the core imports when it runs, by its syntax tree."""
    tree = ast.parse((CORE / path).read_text())
    typing_only = [node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    never = {id(inner) for node in typing_only for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in never:
            module = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            if (CORE / module.with_suffix(".py")).is_file():
                yield module.with_suffix(".py")
            else:
                yield from (module / f"{each.name}.py" for each in node.names)


def closure(entry):
    found, wanted = set(), [Path(f"{entry.replace('.', '/')}.py")]
    while wanted:
        path = wanted.pop()
        if path not in found:
            found |= {path, *(folder / "__init__.py" for folder in path.parents)}
            wanted += imported(path)
    return found


@pytest.mark.parametrize("entry", MODULES)
def test_a_module_needs_what_its_syntax_tree_says(entry):
    assert set(needed(entry)) == closure(entry)


def test_a_file_comes_after_those_that_it_imports():
    paths = list(needed("keepalived.live.look"))
    assert paths[-1] == Path("keepalived/live/look.py")
    for position, path in enumerate(paths):
        assert [each for each in imported(path) if each not in paths[:position]] == []


def test_a_module_that_is_missing_is_named():
    with pytest.raises(HaLbError, match=r"host\.nothing"):
        needed("host.nothing")


def test_the_files_are_a_package_that_runs(tmp_path):
    files = core_files(["agent.guard.daemon", "agent.status_page.server"], str(tmp_path / "ha_lb"))
    for each in files:
        path = Path(each["path"])
        if "content" in each:
            path.write_text(each["content"])
        else:
            path.mkdir()
    command = [sys.executable, "-c", "import ha_lb.agent.guard.daemon, ha_lb.agent.status_page.server"]
    subprocess.run(command, check=True, env={"PYTHONPATH": str(tmp_path)}, cwd="/")


def test_a_function_of_the_core_runs_with_nothing_but_python(run):
    dump = json.dumps([])
    assert json.loads(run(bundle("keepalived.live.status", "read_status", dump)).stdout) == []


def test_what_is_not_ascii_comes_through(run):
    done = run(bundle("basics.address", "bare", "…'\"\\"))
    assert "HaLbError: '…\\'\"\\\\' is not an address" in done.stderr
    assert done.stdout == ""
