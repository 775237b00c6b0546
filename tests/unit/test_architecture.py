# SPDX-License-Identifier: GPL-3.0-or-later
"""What the code may import, how long it may get, and that it runs with the Python of the managed hosts."""

from __future__ import annotations

import ast
import graphlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE_UTILS = ROOT / "plugins/module_utils"
# From the lowest to the highest: a room imports those before it. docs/architecture.md says what each is for.
ROOMS = (
    "basics", "host", "lint", "vrrp", "wire", "traffic", "engines", "keepalived", "agent", "cluster", "operations",
)  # fmt: skip
CORE = [path for path in sorted((ROOT / "plugins/module_utils").rglob("*.py")) if path.name != "module_io.py"]
ON_TARGETS = [*CORE, ROOT / "plugins/module_utils/module_io.py", *sorted((ROOT / "plugins/modules").glob("*.py"))]
PYTHON = sorted(path for folder in ("plugins", "lab", "release") for path in (ROOT / folder).rglob("*.py"))
TASKS = sorted(
    path
    for files in ("roles/*/tasks/*.yml", "playbooks/*.yml", "playbooks/tasks/**/*.yml")
    for path in ROOT.glob(files)
)
TEMPLATES = sorted(ROOT.glob("roles/*/templates/*"))
SHIPPED = sorted(
    [
        *(ROOT / name for name in ("README.md", "galaxy.yml")),
        *(
            path
            for folder in ("meta", "playbooks", "plugins", "roles")
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ),
    ]
)

FUNCTION_LINES = 40
FILE_LINES = [*((path, 300) for path in PYTHON), *((path, 80) for path in TASKS), *((path, 100) for path in TEMPLATES)]
COLUMNS = 120
# What cannot be broken: a row of a table in Markdown
UNBREAKABLE = re.compile(r"\|.*\|")
GENERIC_SINCE_3_9 = {"dict", "frozenset", "list", "set", "tuple", "type"}


def foreign_imports(source: str) -> list[str]:
    """List what is imported from outside the standard library and the package itself."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
    return [name for name in names if name.split(".")[0] not in sys.stdlib_module_names]


def long_functions(source: str) -> list[str]:
    """List the functions with more lines than a screen has."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]


def runtime_generics(source: str) -> list[int]:
    """List the lines on which Python 3.8 would fail at `list[int]`: not those of annotations, which are never run."""
    tree = ast.parse(source)
    annotations = [each for node in ast.walk(tree) for each in annotations_of(node)]
    never_run = {id(inner) for annotation in annotations for inner in ast.walk(annotation)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in GENERIC_SINCE_3_9
        and id(node) not in never_run
    ]


def annotations_of(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the annotations that stand at this node itself."""
    for field in ("annotation", "returns"):
        annotation = getattr(node, field, None)
        if annotation is not None:
            yield annotation


def lines_of(text: str) -> int:
    """Count the lines that say something."""
    return sum(1 for line in text.splitlines() if line.strip())


def wide_lines(text: str) -> list[str]:
    """List the lines that are too wide, and could be broken."""
    return [line for line in text.splitlines() if len(line) > COLUMNS and not UNBREAKABLE.fullmatch(line)]


def imported_modules(path: Path, core: Path = MODULE_UTILS) -> set[str]:
    """Return the modules of the core that a file of it imports, as dotted names below module_utils."""
    package = path.relative_to(core).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            module = ".".join([*above, *([node.module] if node.module else [])])
            inner = [f"{module}.{each.name}" for each in node.names]
            found |= {each for each in inner if (core / f"{each.replace('.', '/')}.py").exists()} or {module}
    return found


def room_of(module: str) -> str:
    """Return the room of a module by its dotted name: the outermost package."""
    return module.split(".")[0]


def circle_of(arrows: dict[str, set[str]]) -> list[str]:
    """Return the names on a circle of these arrows; none where there is no circle."""
    try:
        graphlib.TopologicalSorter(arrows).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def name_of(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_imports_the_standard_library_and_itself(path):
    assert foreign_imports(path.read_text()) == []


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_a_room_imports_only_rooms_below_it(path):
    room = room_of(path.relative_to(MODULE_UTILS).with_suffix("").as_posix().replace("/", "."))
    below = ROOMS[: ROOMS.index(room) + 1] if room in ROOMS else ()
    assert [each for each in imported_modules(path) if room_of(each) not in below] == []


def test_the_core_has_these_rooms_and_one_loose_file():
    assert {each.name for each in MODULE_UTILS.iterdir() if each.is_dir() and each.name != "__pycache__"} == set(ROOMS)
    assert {each.name for each in MODULE_UTILS.glob("*.py")} == {"__init__.py", "module_io.py"}


def test_no_folder_imports_in_a_circle():
    """Within a room as between rooms: who may be moved, or read alone, is clear."""
    arrows: dict[str, set[str]] = {}
    for path in CORE:
        folder = path.relative_to(MODULE_UTILS).parent.as_posix().replace("/", ".")
        arrows.setdefault(folder, set()).update({each.rpartition(".")[0] for each in imported_modules(path)} - {folder})
    assert circle_of(arrows) == []


def test_the_check_of_circles_finds_what_is_planted():
    assert circle_of({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle_of({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


@pytest.mark.parametrize(("path", "limit"), FILE_LINES, ids=name_of)
def test_no_file_is_too_long(path, limit):
    assert lines_of(path.read_text()) <= limit


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_no_line_is_too_wide(path):
    assert wide_lines(path.read_text()) == []


@pytest.mark.parametrize("path", [each for each in PYTHON if MODULE_UTILS in each.parents], ids=name_of)
def test_no_file_of_the_core_is_longer_than_300_lines_with_the_empty_ones(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_no_function_is_too_long(path):
    assert long_functions(path.read_text()) == []


@pytest.mark.parametrize("path", ON_TARGETS, ids=name_of)
def test_what_runs_on_targets_runs_on_python_3_8(path):
    source = path.read_text()
    ast.parse(source, feature_version=(3, 8))
    assert runtime_generics(source) == []
    assert not source.strip() or "from __future__ import annotations" in source


@pytest.mark.parametrize("path", sorted(ROOT.glob("plugins/**/__init__.py")), ids=name_of)
def test_a_package_says_nothing_itself(path):
    assert path.read_text() == ""


@pytest.mark.parametrize("folder", sorted({path.parent for path in CORE}), ids=name_of)
def test_ansible_finds_every_package(folder):
    """What has no __init__.py is not sent to the managed hosts."""
    assert (folder / "__init__.py").exists()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "import json, os.path\nfrom collections.abc import Mapping\nfrom . import shape\nfrom ..errors import X",
            [],
        ),
        ("import ansible.module_utils.basic", ["ansible.module_utils.basic"]),
        ("from ansible_collections.evenkeel.ha_lb.plugins import x", ["ansible_collections.evenkeel.ha_lb.plugins"]),
        ("def f():\n    from jinja2 import Template", ["jinja2"]),
        ("import json\nimport yaml as y", ["yaml"]),
    ],
)
def test_the_check_of_imports_finds_what_is_planted(source, expected):
    assert foreign_imports(source) == expected


@pytest.mark.parametrize(("body", "expected"), [(39, []), (40, ["f"])])
def test_the_check_of_functions_finds_what_is_planted(body, expected):
    assert long_functions("def f():\n" + "    pass\n" * body) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a: list[int]) -> dict[str, int]:\n    b: tuple[int, ...] = ()", []),
        ("a = list[int]", [1]),
        ("from typing import Callable\nF = Callable[[list[str]], None]", [2]),
        ("a = [[1]]\na[0]", []),
    ],
)
def test_the_check_of_generics_finds_what_is_planted(source, expected):
    assert runtime_generics(source) == expected


def test_the_check_of_columns_finds_what_is_planted():
    assert wide_lines("a" * 120 + "\n" + "b" * 121 + "\n| " + "c" * 120 + " |") == ["b" * 121]


def test_empty_lines_do_not_count():
    assert lines_of("a\n\n  \nb\n") == 2


def names_used(source: str) -> set[str]:
    """Return every name, argument and attribute that the code of a file uses."""
    used = set()
    for node in ast.walk(ast.parse(source)):
        used |= {getattr(node, field) for field in ("id", "arg", "attr") if isinstance(getattr(node, field, None), str)}
    return used


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_knows_no_variable_of_the_playbooks(path):
    assert "__ha_lb" not in path.read_text()


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_hostvars_are_read_in_one_room(path):
    assert "hostvars" not in names_used(path.read_text()) or path.is_relative_to(MODULE_UTILS / "cluster")


def test_the_check_of_names_finds_what_is_planted():
    assert "hostvars" in names_used("def f(hostvars): pass")
    assert "hostvars" in names_used("a = b.hostvars['x']")
    assert "hostvars" not in names_used("a = 'hostvars[lb1].x'")


ACTIONS = sorted((ROOT / "plugins/action").glob("*.py"))
CONTROLLER = [*ACTIONS, *sorted((ROOT / "plugins/plugin_utils").glob("*.py"))]
READERS = {"AnswerAction", "AskingAction", "ProgramAction"}


def bases_of(source: str) -> set[str]:
    """Return the names of what the classes of a file are derived from."""
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    return {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}


@pytest.mark.parametrize("path", CONTROLLER, ids=name_of)
def test_the_controller_reads_answers_of_hosts_in_one_place(path):
    """No action parses JSON itself, or hands on what it has not read by the shape of the module."""
    source = path.read_text()
    assert not {"json", "loads", "from_json"} & names_used(source)
    assert "import json" not in source
    if {"_execute_module", "_low_level_execute_command"} & names_used(source):
        assert "read" in names_used(source) or path.name == "answer.py"


def test_every_module_answers_by_an_action_of_ours():
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
    assert {path.stem for path in ACTIONS} == modules
    asking = {path.stem for path in ACTIONS if bases_of(path.read_text()) & READERS}
    # That one asks nobody
    assert modules - asking == {"cluster_check"}
    assert "_requires_connection = False" in (ROOT / "plugins/action/cluster_check.py").read_text()


@pytest.mark.parametrize("path", TASKS, ids=name_of)
def test_what_a_host_has_written_is_read_by_one_filter(path):
    text = path.read_text()
    assert "from_json" not in text
    assert "from_yaml" not in text
    assert text.count("ansible.builtin.async_status") <= text.count("mode: cleanup") + text.count(".answer('")


@pytest.mark.parametrize("name", sorted(path.stem for path in ROOT.glob("playbooks/*.yml")))
def test_every_playbook_begins_by_looking_at_the_facts(name):
    """Of the balancers, before any other task of them; what is imported has its own look."""
    text = (ROOT / f"playbooks/{name}.yml").read_text()
    plays = re.split(r"^(?=- )", text, flags=re.MULTILINE)
    plays = [each for each in plays if "ha_lb_group" in each.partition("tasks:")[0] and "hosts: localhost" not in each]
    if not plays:
        assert "import_playbook" in text
        return
    first = plays[0].partition("tasks:")[2].partition("tasks/")[2]
    assert first.startswith(("cluster/facts.yml", "cluster/begin.yml"))
    begin = (ROOT / "playbooks/tasks/cluster/begin.yml").read_text()
    assert begin.index("import_tasks: facts.yml") < begin.index("ansible.builtin.set_fact")
