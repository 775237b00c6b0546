# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's defaults, its argument spec and its tasks tell one story."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

# What the variables of a role begin with, where that is not its name: people are told, and agents tell them
PREFIXES = {"agents": "notify"}
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())


def load(path: Path):
    return (yaml.safe_load(path.read_text()) if path.exists() else None) or {}


def options_of(role: Path):
    return load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def differences(defaults, options):
    """List the variables whose default and whose documented default differ: templates count as the text they are."""
    documented = {name: option["default"] for name, option in options.items() if "default" in option}
    return sorted(
        name for name in {*defaults, *documented} if repr(defaults.get(name, "-")) != repr(documented.get(name, "-"))
    )


def assigned(value):
    """Yield the names of the variables that tasks set: by register, set_fact, vars and loop_var."""
    if isinstance(value, list):
        for each in value:
            yield from assigned(each)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in ("register", "loop_var", "index_var"):
                yield inner
            elif key == "vars" and "ansible.builtin.include_role" in value:
                pass  # the variables of that role
            elif key in ("vars", "ansible.builtin.set_fact"):
                yield from (name for name in inner if name != "cacheable")
            else:
                yield from assigned(inner)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
class TestRole:
    def test_defaults_and_argument_spec_agree(self, role):
        assert differences(load(role / "defaults/main.yml"), options_of(role)) == []

    def test_defaults_and_argument_spec_have_the_same_order(self, role):
        assert list(load(role / "defaults/main.yml")) == list(options_of(role))

    def test_every_variable_is_described(self, role):
        texts = {name: option.get("description") for name, option in options_of(role).items()}
        assert [name for name, text in texts.items() if not text or not "".join(text).rstrip().endswith(".")] == []

    def test_every_variable_has_a_type(self, role):
        assert [name for name, option in options_of(role).items() if "type" not in option] == []

    def test_public_variables_begin_with_the_role(self, role):
        assert [
            name for name in options_of(role) if not name.startswith(f"{PREFIXES.get(role.name, role.name)}_")
        ] == []

    def test_internal_variables_begin_with_the_role_and_two_underscores(self, role):
        names = [*load(role / "vars/main.yml")]
        for path in sorted(role.glob("tasks/*.yml")) + sorted(role.glob("handlers/*.yml")):
            names += assigned(yaml.safe_load(path.read_text()))
        assert [name for name in names if not name.startswith(f"__{role.name}_") and name != "ansible_become"] == []

    def test_variables_of_the_collection_are_read_in_defaults_only(self, role):
        files = [
            path for path in role.glob("*/*") if path.is_file() and path.parent.name in ("tasks", "templates", "vars")
        ]
        used = {path.name: re.findall(r"(?<![\w.$])ha_lb_\w+(?=\s*[|}\[)])", path.read_text()) for path in files}
        assert {name: found for name, found in used.items() if found} == {}

    def test_private_variables_of_others_are_not_read(self, role):
        others = "|".join(["ha_lb", *(other.name for other in ROLES if other != role)])
        files = [path for path in role.rglob("*") if path.is_file()]
        used = {path.name: re.findall(rf"\b__(?:{others})_\w+", path.read_text()) for path in files}
        assert {name: found for name, found in used.items() if found} == {}

    def test_it_depends_on_no_other_role(self, role):
        meta = load(role / "meta/main.yml")
        assert meta["dependencies"] == []
        assert meta["galaxy_info"]["license"] == "GPL-3.0-or-later"


@pytest.mark.parametrize(
    ("defaults", "options", "expected"),
    [
        ({"a": 1, "b": "{{ x }}"}, {"a": {"default": 1}, "b": {"default": "{{ x }}"}}, []),
        ({"a": 1}, {"a": {"default": 2}}, ["a"]),
        ({"a": 1}, {"a": {"default": "1"}}, ["a"]),
        ({"a": 1}, {"a": {"default": True}}, ["a"]),
        ({"a": 1.0}, {"a": {"default": 1}}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({}, {"a": {"default": None}}, ["a"]),
        ({}, {"a": {"type": "str"}}, []),
    ],
)
def test_the_comparison_finds_what_is_planted(defaults, options, expected):
    assert differences(defaults, options) == expected


def test_assigned_finds_what_is_planted():
    tasks = [
        {"name": "a", "register": "one", "block": [{"ansible.builtin.set_fact": {"two": 2, "cacheable": False}}]},
        {"vars": {"three": 3}, "loop_control": {"loop_var": "four"}},
        {"vars": {"other_role": 3}, "ansible.builtin.include_role": {"name": "other"}},
    ]
    assert list(assigned(tasks)) == ["one", "two", "three", "four"]


@pytest.mark.parametrize("role", ["haproxy", "keepalived", "nginx"])
def test_a_service_has_its_steps_as_files_of_one_name(role):
    """In place of flags: who includes the role says by the file what is to be done."""
    files = {path.stem for path in (ROOT / "roles" / role / "tasks").glob("*.yml")}
    assert {"main", "validate", "stage", "compare", "activate", "restore"} <= files
    main = [task["name"].lower() for task in load(ROOT / "roles" / role / "tasks/main.yml")]
    assert main == ["validate", "stage", "activate"]
    for step in ("compare", "activate", "restore"):
        text = (ROOT / "roles" / role / f"tasks/{step}.yml").read_text()
        assert f"register: __{role}_in_force" in text or "put_in_force" in text


@pytest.mark.parametrize("name", ["site/roll", "upgrade/upgrade_node", "drill/step"])
def test_each_step_of_a_long_run_gives_a_sign_of_life(name):
    """Before anything else: a lock that is silent for too long is taken over."""
    tasks = load(ROOT / f"playbooks/tasks/{name}.yml")
    first = next(each for each in tasks if "block" in each)["block"][:2]
    assert "Refresh the heartbeat" in [each["name"] for each in first]


def tasks_of(tasks):
    """Yield all tasks of a list, also those of its blocks."""
    for task in tasks or ():
        inner = [*task.get("block", ()), *task.get("rescue", ()), *task.get("always", ())]
        yield from tasks_of(inner) if inner else [task]


PLAYBOOKS = sorted([*ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/**/*.yml")])


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_the_whole_cluster_is_judged_once_and_not_on_each_node(path):
    """With 50 nodes, each judgement reads 50 answers."""
    for play in load(path):
        for task in tasks_of(play.get("tasks", []) if "hosts" in play else [play]):
            if re.search(r"cluster_status|__ha_lb_(verdict|status|split)\b", str(task)):
                assert task.get("run_once") is True, task["name"]


RUN = ROOT / "playbooks/tasks/cluster/begin.yml"


def names_in(path, keywords):
    """Return the names that the tasks of a file of playbooks set by these keywords."""
    found = set()
    for entry in load(path):
        for task in tasks_of(entry.get("tasks", []) if "hosts" in entry else [entry]):
            facts = task.get("ansible.builtin.set_fact", {}) if "set_fact" in keywords else {}
            found |= {*facts} | ({task["register"]} if "register" in keywords and "register" in task else set())
    return found


def test_what_belongs_to_a_run_begins_with_it():
    """Facts and registered variables outlive a playbook; a second one of the same process must not read them."""
    begun = names_in(RUN, ("set_fact",))
    others = [path for path in PLAYBOOKS if path != RUN]
    noted = set().union(*(names_in(path, ("set_fact",)) for path in others))
    registered = {path: names_in(path, ("register",)) for path in others}
    variables = "".join(path.read_text() for path in ROOT.glob("playbooks/vars/*.yml"))
    read_elsewhere = {
        name
        for path, names in registered.items()
        for name in names
        if re.search(rf"\b{name}\b", variables)
        or any(re.search(rf"\b{name}\b", other.read_text()) for other in others if other != path)
    }
    assert sorted((noted | read_elsewhere) - begun - ON_LOCALHOST) == []


# Set and read by the plays on localhost, which set them anew in every playbook
ON_LOCALHOST = {"__ha_lb_linted", "__ha_lb_targets", "__ha_lb_wanted"}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_failure_is_a_value(path):
    """Not the absence of a variable: that of another playbook may still be there."""
    assert re.findall(r"__ha_lb_\w+ is (?:not )?defined", path.read_text().replace("__ha_lb_part_of", "")) == []


def test_nobody_else_sets_a_variable_of_the_cluster():
    """`include_vars` outranks the variables of plays, blocks and tasks: one of the same name would have no effect."""
    variables = {*load(ROOT / "playbooks/vars/cluster.yml")}
    for path in PLAYBOOKS:
        assert variables.isdisjoint(assigned(yaml.safe_load(path.read_text()))), path.name


# Programs that are found by any PATH: that of the login has no sbin, and outlives `su`
ANYWHERE = ("dpkg-query ", "for try in ", "{{ __ha_lb_tests[")
RUNNING = ("command", "raw", "script", "shell")


def tasks_in(path):
    """Yield the tasks of a playbook, or of a file of tasks."""
    loaded = load(path) or []
    for each in loaded:
        yield from tasks_of(each.get("tasks", ()) if "hosts" in each else [each])


def run_by_ansible(tasks):
    """Yield the command of every task that runs one by a module of Ansible."""
    for task in tasks_of(tasks):
        for module in RUNNING:
            given = task.get(f"ansible.builtin.{module}")
            if given is not None:
                yield given if isinstance(given, str) else given.get("cmd", given)


TASKS = sorted([*PLAYBOOKS, *ROOT.glob("roles/*/tasks/*.yml")])


@pytest.mark.parametrize("path", TASKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_program_that_only_root_finds_is_run_by_a_module_of_ours(path):
    assert [each for each in run_by_ansible(tasks_in(path)) if not str(each).startswith(ANYWHERE)] == []


def test_a_program_that_only_root_finds_is_noticed():
    tasks = [{"block": [{"ansible.builtin.command": {"cmd": "sysctl -p"}}], "rescue": [{"ansible.builtin.raw": "nft"}]}]
    assert list(run_by_ansible(tasks)) == ["sysctl -p", "nft"]


# These have no connection
WITHIN_ANSIBLE = ("assert", "debug", "fail", "set_fact")


@pytest.mark.parametrize("path", TASKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_becomes_root_on_the_controller(path):
    """By the variable too, because that of an inventory (`ansible_become: true` for all) outranks the keyword."""
    for task in tasks_in(path):
        here = task.get("delegate_to") == "localhost" and not any(
            f"ansible.builtin.{each}" in task for each in WITHIN_ANSIBLE
        )
        if here:
            assert (task.get("become"), task.get("vars", {}).get("ansible_become")) == (False, False), task["name"]
