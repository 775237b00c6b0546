# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as Ansible finds them: names, and errors in place of tracebacks. What they do is tested with the core."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from itertools import product
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from samples import NODES, POOL, SHOP, VIPS, record_of

FILES = sorted((Path(__file__).parents[4] / "plugins/filter").glob("*.py"))
PACKAGE = "ansible_collections.evenkeel.ha_lb.plugins.filter"
NONSENSE = [None, 5, "text", [5], ["lb1"], {"a": 1}, [{"name": 1}]]
HOSTVARS = {"lb1": {"ansible_host": "192.0.2.11"}, "lb2": {"ha_lb_address": "192.0.2.12"}}
FACTS = {"interfaces": ["eth0"], "eth0": {"ipv4": {"address": "192.0.2.11", "netmask": "255.255.255.0"}}}


@pytest.fixture(scope="module")
def filters(collections):
    modules = [importlib.import_module(f"{PACKAGE}.{path.stem}") for path in FILES]
    return {name: each for module in modules for name, each in module.FilterModule().filters().items()}


@pytest.fixture
def filter_of(filters):
    return filters.__getitem__


def needed_by(function):
    """Count the arguments that a filter must have; of one that passes on whatever it is given, the usual two."""
    parameters = inspect.signature(function).parameters.values()
    named = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    return sum(each.default is each.empty for each in named) if named else 2


def test_nonsense_is_an_error_of_the_filter(filters):
    for name, function in filters.items():
        for arguments in product(NONSENSE, repeat=needed_by(function)):
            try:
                function(*arguments)
            except AnsibleFilterError as error:
                assert str(error), name


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("cluster_nodes", (["lb1"], HOSTVARS), [{"name": "lb1", "address": [], "ansible_host": "192.0.2.11"}]),
        (
            "unreadable",
            (["lb1"], {"lb1": {"said": {"findings": [{"path": "ha_lb_vips", "message": "has no end"}]}}}, "said"),
            ["ha_lb_vips: has no end"],
        ),
        ("interfaces", (FACTS,), [{"name": "eth0", "addresses": ["192.0.2.11/24"], "own": ["192.0.2.11"]}]),
        (
            "rolling_order",
            (["lb1", "lb2"], record_of({"lb1": {"before": {"held": ["192.0.2.10"]}}, "lb2": {}})),
            ["lb2", "lb1"],
        ),
        ("peers_run", ("lb1", ["lb1"], record_of({"lb1": {}})), []),
        ("stands_alone", ("lb1", ["lb1"], record_of({"lb1": {}})), ""),
    ],
)
def test_what_a_filter_returns(filter_of, name, arguments, expected):
    assert filter_of(name)(*arguments) == expected


def test_filters_that_return_more(filter_of):
    assert len(filter_of("vrrp_layout")(NODES, VIPS)["layout"]["instances"]) == 2
    assert [each["name"] for each in filter_of("service_layout")([SHOP], VIPS, [POOL])["pools"]] == ["pool", "shop"]
    status = filter_of("cluster_status")(VIPS, record_of({"lb1": {}}))
    assert {"findings", "rows", "shared", "table", "warnings"} <= set(status)
    assert sorted(filter_of("site_summary")(record_of({"lb1": {}}), [], [])) == ["failed", "nodes", "says"]
    assert filter_of("split_brain")(VIPS, NODES, HOSTVARS) == {"vips": [], "causes": [], "says": []}


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "vrrp_layout",
            (NODES, [{"name": "web", "addresses": ["192.0.2.10"]}]),
            "ha_lb_vips[0].addresses[0]: 192.0.2.10 has no",
        ),
        ("service_layout", ([{**SHOP, "port": 70000}], VIPS), "ha_lb_services[0].port: 70000 is not a whole number"),
        ("cluster_nodes", (5, HOSTVARS), "cluster_nodes cannot make sense of its input: TypeError: "),
        ("cluster_nodes", (["lb9"], HOSTVARS), "cluster_nodes cannot make sense of its input: KeyError: 'lb9'"),
    ],
)
def test_errors_say_what_is_wrong(filter_of, name, arguments, message):
    with pytest.raises(AnsibleFilterError) as error:
        filter_of(name)(*arguments)
    assert message in str(error.value)


def test_an_option_that_is_mistyped(filter_of):
    with pytest.raises(AnsibleFilterError, match="advert_intervall"):
        filter_of("vrrp_layout")(NODES, VIPS, advert_intervall=1)


def is_import(node):
    return isinstance(node, (ast.Import, ast.ImportFrom))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestFile:
    def test_it_imports_the_core_only_inside_its_functions(self, path):
        """To find one filter, every worker of Ansible loads all of these files."""
        first = [ast.unparse(node) for node in ast.parse(path.read_text()).body if is_import(node)]
        allowed = ("from __future__ import", "from collections.abc import", "from typing import", "from ..plugin_utils")
        assert [line for line in first if not line.startswith(allowed)] == []

    def test_what_it_imports_exists(self, path, collections):
        imports = [node for node in ast.walk(ast.parse(path.read_text())) if is_import(node)]
        for each in (node for node in imports if node.level):
            module = importlib.import_module("." * each.level + each.module, PACKAGE)
            for alias in each.names:
                assert hasattr(module, alias.name) or importlib.import_module(f"{module.__name__}.{alias.name}")


def test_what_is_loaded_is_handed_on(filter_of):
    assert filter_of("loaded")("loadbalancers") == "loadbalancers"
    assert "ansible_collections.evenkeel.ha_lb.plugins.module_utils.cluster.check" in sys.modules
