# SPDX-License-Identifier: GPL-3.0-or-later
"""No option that may hold a secret is in the log of a host, or in what `-vvv` and a failure show; in any module."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from module_options import patch_module_args

ROOT = Path(__file__).parents[4]
CANARY = "hunter2"
MODULES = sorted(
    path.stem for path in (ROOT / "plugins/modules").glob("*.py") if "def main" in path.read_text(encoding="utf-8")
)
# What can hold no secret: paths, names, addresses and words of ours. What is not here may be in no log.
PLAIN = {
    "cluster_lock": {"broken", "node", "path", "run"},
    "drill_fault": {"drill", "settings"},
    "host_cleared": {"among", "record"},
    "ipvs_info": {"entries"},
    "keepalived_config": {"node", "path"},
    "notify_test": {"channels", "fifo"},
    "service_config": {
        "drop_in",
        "group",
        "loaded",
        "mode",
        "path",
        "program",
        "record",
        "restart_lines",
        "staged",
        "unit",
    },
    "uplink_probe": {"uplinks"},
    "vip_watch": {"addresses"},
    "vrrp_drain": {"addresses", "admin_socket", "at_boot", "path"},
    "vrrp_info": {"addresses", "peers_run", "pid_file", "path"},
    "vrrp_listeners": {"addresses"},
}


def options_of(name: str) -> dict[str, Any]:
    module = importlib.import_module(f"ansible_collections.evenkeel.ha_lb.plugins.modules.{name}")
    return yaml.safe_load(module.DOCUMENTATION).get("options") or {}


def holding(option: dict[str, Any], plain: bool = False) -> Any:
    """Return a value of the option's type, with the canary wherever a text can stand."""
    text = "/plain" if plain else f"{CANARY} {{\n \"of two lines\": '{CANARY}'\n}}"
    kind = option.get("type", "str")
    if option.get("choices"):
        return option["choices"][0]
    if kind == "list":
        inner = {"type": option.get("elements", "str"), "suboptions": option.get("suboptions")}
        return [holding(inner, plain)]
    if kind == "dict" and option.get("suboptions"):
        return {name: holding(each, plain) for name, each in option["suboptions"].items()}
    values = {"dict": {"any": text, text: [text]}, "raw": [{"any": text}], "bool": True, "int": 1, "float": 1.0}
    return values.get(kind, text)


@pytest.fixture
def started(collections, capsys, monkeypatch):
    """Return what a module logs when it is run with options, and what it prints when it fails."""

    def start(name: str, options: dict[str, Any]) -> tuple[str, str]:
        logged: list[str] = []
        # All that Ansible logs goes through one of these, whether the host has journald or not
        monkeypatch.setattr(AnsibleModule, "_log_to_syslog", lambda _self, text: logged.append(text))
        monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)
        # The last step of its start: here it has logged, and done nothing yet
        monkeypatch.setattr(AnsibleModule, "_set_cwd", lambda self: self.fail_json(msg="it has started"))
        module = importlib.import_module(f"ansible_collections.evenkeel.ha_lb.plugins.modules.{name}")
        # As Ansible hands it over: the task's own no_log overrides what the module asks for
        internal = {"_ansible_verbosity": 3, "_ansible_no_log": False, "_ansible_module_name": name}
        with patch_module_args({**options, **internal}), pytest.raises(SystemExit):
            module.main()
        return "\n".join(logged), capsys.readouterr().out

    return start


@pytest.mark.parametrize("name", MODULES)
def test_an_option_that_may_hold_a_secret_is_shown_nowhere(collections, started, name):
    options = options_of(name)
    plain = PLAIN.get(name, set())
    assert plain <= set(options)
    logged, printed = started(name, {key: holding(each, key in plain) for key, each in options.items()})
    assert json.loads(printed)["msg"] == "it has started"
    assert logged
    assert CANARY not in logged
    assert CANARY not in printed


@pytest.mark.parametrize("name", sorted(set(MODULES) - set(PLAIN)))
@pytest.mark.parametrize("wrong", [CANARY, [CANARY], {CANARY: CANARY}, {"a": [CANARY]}], ids=str)
def test_what_ansible_says_of_a_wrong_type_quotes_no_value(collections, started, name, wrong):
    options = options_of(name)
    for key in options:
        right = {other: holding(each, plain=True) for other, each in options.items() if other != key}
        logged, printed = started(name, {**right, key: wrong})
        assert CANARY not in logged + json.loads(printed)["msg"].replace(f".{CANARY}", ""), key


def test_the_check_finds_what_is_planted(started):
    """`Invoked with path=…`: what is plain is logged, so the log is where the test looks."""
    logged, printed = started("keepalived_config", {"node": "lb1", "path": f"/{CANARY}"})
    assert CANARY in logged
    assert CANARY in printed


def test_every_action_sends_a_module_that_is_tested_here_or_none():
    known = {path.stem for path in (ROOT / "plugins/action").glob("*.py")}
    without_main = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")} - set(MODULES)
    assert without_main <= known
