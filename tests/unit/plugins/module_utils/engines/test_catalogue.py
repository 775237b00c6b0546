# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue: an engine is found by its name, every room is whole, and none is named elsewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from module_utils.basics.errors import Finding
from module_utils.basics.schema import collector
from module_utils.engines.catalogue import ENGINES, check_port, engine_named, engine_units, preset
from module_utils.engines.lvs.kernel import REFRESH
from module_utils.traffic.read import read_traffic
from samples import SHOP, refused

ROOT = Path(__file__).parents[5]
CORE = ROOT / "plugins/module_utils"
NAMES = [engine.name for engine in ENGINES]
# keepalived's own keywords begin with lvs_
NAME = re.compile("|".join(name if len(name) > 3 else rf"\b{name}\b" for name in NAMES))
# Who names an engine outside of its room, and why; the rest asks the catalogue.
NAMED = {
    "keepalived/lint/rules/checks.py": "proxies that a check script may ask for, ours and others",
    "keepalived/lint/rules/proxies.py": "rules about haproxy.cfg, whoever wrote it",
    "keepalived/lint/rules/proxy_files.py": "the fact that those rules read",
}


def names_in_strings(source: str) -> list[str]:
    """Return the strings of a program, but for its docstrings, that name an engine."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose]
    return [text for text in texts if isinstance(text, str) and NAME.search(text)]


def without_comments(text: str) -> str:
    return re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE)


def test_an_engine_by_its_name():
    assert [engine_named(name).name for name in NAMES] == NAMES
    assert engine_named("") is ENGINES[0]
    assert refused(engine_named, "stub") == [("ha_lb_engine", f"'stub' is not one of {', '.join(NAMES)}")]


def test_the_units_with_the_chosen_one_first():
    assert [unit["name"] for unit in engine_units("nginx")] == ["nginx", "haproxy", "lvs"]
    assert [unit["name"] for unit in engine_units("stub")] == [unit["name"] for unit in engine_units()] == NAMES
    assert engine_units()[0] == {
        "name": "haproxy",
        "unit": "haproxy",
        "path": "/etc/haproxy/haproxy.cfg",
        "test": "-c -f /etc/haproxy/haproxy.cfg",
        "trial": "haproxy -c -f /etc/haproxy/haproxy.cfg",
        "packages": {"Debian": ["haproxy"]},
        "versioned": ["haproxy"],
        "from_source": True,
        "preempt_delay_seconds": 5.0,
    }
    assert engine_units("nginx")[0]["trial"] == ""


def test_an_engine_without_a_proxy_has_no_unit_and_its_nodes_wait_until_they_know_the_connections():
    lvs = engine_units("lvs")[0]
    assert [lvs[key] for key in ("unit", "path", "test", "trial", "from_source")] == ["", "", "", "", False]
    assert lvs["versioned"] == ["ipvsadm"]
    assert lvs["preempt_delay_seconds"] == 2 * REFRESH
    findings: list[Finding] = []
    check_port({"keepalived_check_port": 9000}, engine_named("lvs"), collector(findings))
    assert findings == []


@pytest.mark.parametrize(
    ("variables", "delay"),
    [
        ({}, 5.0),
        ({"ha_lb_engine": "lvs"}, 20.0),
        ({"ha_lb_engine": "lvs", "keepalived_preempt_delay_seconds": 1}, 1),
        ({"ha_lb_engine": ["lvs"]}, 5.0),
    ],
)
def test_what_an_engine_presets_is_what_nobody_has_said(variables, delay):
    assert preset(variables)["keepalived_preempt_delay_seconds"] == delay
    assert {**preset(variables), **variables} == preset(variables)


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_what_is_wrong_anyway_is_said_by_every_engine(engine):
    services = [{**SHOP, "check": "http", "servers": ["web1"], "routes": ["x"], "algorithm": "fair", "mode": 1}]
    assert [each[0] for each in refused(read_traffic, services, [{"name": []}], ["web"], limits=engine.limits)] == [
        "ha_lb_services[0].mode",
        "ha_lb_services[0].routes[0]",
        "ha_lb_services[0].algorithm",
        "ha_lb_services[0].check",
        "ha_lb_services[0].servers[0]",
        "ha_lb_pools[0].name",
        "ha_lb_pools[0].servers",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, []),
        ({"ha_lb_check_port": 9000}, []),
        ({"nginx_check_port": 9000, "keepalived_check_port": "9000"}, []),
        ({"ha_lb_check_port": 9000, "keepalived_check_port": 9000}, []),
        ({"haproxy_check_port": 9000}, []),
        (
            {"nginx_check_port": 9000},
            [
                (
                    "keepalived_check_port",
                    "is 8405, and nginx_check_port is 9000: set ha_lb_check_port, which is for both",
                )
            ],
        ),
        (
            {"ha_lb_check_port": 9000, "keepalived_check_port": 9001},
            [
                (
                    "keepalived_check_port",
                    "is 9001, and nginx_check_port is 9000: set ha_lb_check_port, which is for both",
                )
            ],
        ),
        ({"ha_lb_check_port": 70000}, [("ha_lb_check_port", "70000 is not a whole number from 1 to 65535")]),
    ],
)
def test_keepalived_asks_where_the_proxy_answers(variables, expected):
    findings: list[Finding] = []
    check_port(variables, engine_named("nginx"), collector(findings))
    assert [(each.path, each.message) for each in findings] == expected


@pytest.mark.parametrize("engine", ENGINES, ids=NAMES)
def test_an_engine_has_a_room_and_a_role_whose_variables_it_knows(engine):
    assert (CORE / "engines" / engine.name / "engine.py").is_file()
    spec = yaml.safe_load((ROOT / "roles" / engine.name / "meta/argument_specs.yml").read_text())
    options = set(spec["argument_specs"]["main"]["options"])
    ours = engine.variables
    assert {*ours.networks, *ours.ports, *ours.secrets} <= options
    assert (f"{engine.name}_check_port" in options) == (engine.unit is not None)
    assert (f"{engine.name}_source" in options) == bool(engine.unit and engine.unit.from_source)
    assert (engine.unit is None) == (engine.by_keepalived is not None)


@pytest.mark.parametrize(
    "path", [path for path in sorted(CORE.rglob("*.py")) if "engines" not in path.parts], ids=lambda path: path.name
)
def test_the_core_names_no_engine_outside_of_its_room(path):
    named = names_in_strings(path.read_text())
    assert bool(named) == (path.relative_to(CORE).as_posix() in NAMED), named


@pytest.mark.parametrize(
    "path", [path for path in sorted((ROOT / "playbooks").rglob("*")) if path.is_file()], ids=lambda path: path.name
)
def test_the_playbooks_name_no_engine(path):
    assert NAME.findall(without_comments(path.read_text())) == []


def test_the_search_finds_what_is_planted():
    assert names_in_strings('"""haproxy."""\nX = "haproxy"\n') == ["haproxy"]
    assert names_in_strings('X = f"{a} -u nginx"\n') == [" -u nginx"]
    assert "nginx" not in without_comments("a: b  # nginx\n# nginx\n")
    assert "nginx" in without_comments("a: nginx#1\n")
