# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that nobody has seen before takes its folder and one tuple, and is then laid out, checked and refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import NODES, POOL, SHOP, VIPS, without

CORE = Path(__file__).parents[5] / "plugins/module_utils"
ENGINE = """
from __future__ import annotations

from ..contract.bind import binds_of
from ..contract.engine import Configuration, Engine, RoleVariables, Unit


def limits(pools, services, modes, report):
    for path, raw in services.items():
        if raw["mode"] == "http":
            report(f"{path}.mode", "stub serves no HTTP: use mode tcp")


def check(variables, report):
    if not variables.get("stub_key"):
        report("stub_key", "is missing: stub does not start without")


ENGINE = Engine(
    name="stub",
    packages={"Debian": ("stub",)},
    versioned=("stub",),
    unit=Unit("stubd", "/etc/stub", "-t", tested_unpacked=True),
    view_of_service=lambda service, number: {"door": f"{number}:{service.port}"},
    view_of_pool=lambda pool: {"balance": pool.algorithm.upper()},
    limits=limits,
    variables=RoleVariables(("stub_networks",), ("stub_status_port",), ("stub_key",), check),
    configuration=Configuration("stub_conf", ("etc/stub",), lambda text: tuple(binds_of(text, ("/etc/stub", 1)))),
)
"""
PROGRAM = """
import json, sys
from types import SimpleNamespace

from module_utils.basics.errors import Refused
from module_utils.cluster.check import check, variables_of
from module_utils.engines.catalogue import engine_units
from module_utils.engines.service_layout import services_result
from module_utils.keepalived.config.input import FACTS
from module_utils.keepalived.lint.rules.proxy_files import binds

asked = json.load(sys.stdin)
try:
    print(json.dumps(eval(asked["what"], {**globals(), **asked})))
except Refused as refused:
    print(json.dumps([[each.path, each.message] for each in refused.findings]))
"""
TCP = {**without(SHOP, "servers"), "mode": "tcp", "pool": "pool"}
SPEC = {"stub_key": {}, "stub_networks": {}, "stub_check_port": {}, "stub_status_port": {}}
CHECK = "check(variables, nodes, {}, spec, lambda spec, values: [])"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Return a function that evaluates an expression in a core that has the third engine."""
    core = tmp_path_factory.mktemp("core") / "module_utils"
    shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("__pycache__"))
    room = core / "engines/stub"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "engine.py").write_text(ENGINE)
    catalogue = core / "engines/catalogue.py"
    before = catalogue.read_text()
    with_stub = "from .stub.engine import ENGINE as STUB\nENGINES = (HAPROXY, NGINX, LVS, STUB)"
    after = before.replace("ENGINES = (HAPROXY, NGINX, LVS)", with_stub)
    assert after != before
    catalogue.write_text(after)

    def evaluate(what, **known):
        command = [sys.executable, "-c", PROGRAM]
        asked = json.dumps({"what": what, "nodes": NODES, "vips": VIPS, "spec": SPEC, **known})
        done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, cwd=core.parent)
        assert done.stderr == ""
        return json.loads(done.stdout)

    return evaluate


def test_it_is_laid_out(ask):
    layout = ask("services_result(services, vips, pools, engine='stub')", services=[TCP], pools=[POOL])
    assert [(each["sockets"], each["door"]) for each in layout["services"]] == [(["192.0.2.10:80"], "1:80")]
    assert [each["balance"] for each in layout["pools"]] == ["ROUNDROBIN"]


def test_it_is_refused_by_name_for_what_it_lacks(ask):
    refusal = [["ha_lb_services[0].mode", "stub serves no HTTP: use mode tcp"]]
    assert ask("services_result(services, vips, engine='stub')", services=[SHOP]) == refusal
    variables = {"ha_lb_engine": "stub", "ha_lb_vips": VIPS, "ha_lb_services": [SHOP], "stub_key": "x"}
    assert ask(CHECK, variables=variables) == refusal


def test_the_variables_of_its_role_are_checked(ask):
    variables = {
        "ha_lb_engine": "stub",
        "ha_lb_vips": VIPS,
        "stub_network": [],
        "stub_networks": ["192.0.2.1/24"],
        "stub_check_port": 9000,
        "notify_status_port": 8406,
        "stub_status_port": 8406,
    }
    assert ask(CHECK, variables=variables) == [
        ["stub_network", "unknown variable; did you mean stub_networks?"],
        ["stub_key", "is missing: stub does not start without"],
        ["stub_networks[0]", "192.0.2.1/24 is not a network; did you mean 192.0.2.0/24?"],
        [
            "keepalived_check_port",
            "is 8405, and stub_check_port is 9000: set ha_lb_check_port, which is for both",
        ],
        ["notify_status_port", "8406 is already stub_status_port"],
    ]
    ours = {"ha_lb_engine": "stub", "stub_key": "xyz", "nginx_max_fails": 1}
    assert ask("variables_of(variables)", variables=ours) == {"ha_lb_engine": "stub", "stub_key": "xxx"}


def test_without_a_choice_it_changes_nothing(ask):
    assert ask("services_result(services, vips, engine='')", services=[SHOP])["services"][0]["name"] == "shop"
    assert ask(CHECK, variables={"ha_lb_vips": VIPS, "ha_lb_services": [SHOP]}) == []


def test_playbooks_and_linter_know_it(ask):
    assert ask("engine_units('stub')")[0] == {
        "name": "stub",
        "unit": "stubd",
        "path": "/etc/stub",
        "test": "-t /etc/stub",
        "trial": "stubd -t /etc/stub",
        "packages": {"Debian": ["stub"]},
        "versioned": ["stub"],
        "from_source": False,
        "preempt_delay_seconds": 5.0,
    }
    assert ask("'stub_conf' in FACTS") is True
    found = ask(
        "[(bind.address, bind.place) for bind in binds(SimpleNamespace(facts=facts))]",
        facts={"stub_conf": "192.0.2.10:80"},
    )
    assert found == [["192.0.2.10", ["/etc/stub", 1]]]
