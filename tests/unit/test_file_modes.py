# SPDX-License-Identifier: GPL-3.0-or-later
"""No file that may hold a secret is for all to read: every file that a role writes, with its mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from inputs import CLUSTER
from rendering import render
from samples import SHOP

ROOT = Path(__file__).parents[2]
CANARY = "hunter2"
# Every variable of a role that may hold a secret; what only the notifier reads is written as `secret`
MAY_HOLD_SECRETS: dict[str, dict[str, Any]] = {
    "keepalived": {**CLUSTER, "keepalived_vrrp_version": 2, "keepalived_auth_pass": CANARY},
    "haproxy": {
        "ha_lb_vips": CLUSTER["ha_lb_vips"],
        "ha_lb_services": [SHOP],
        "haproxy_stats_enabled": True,
        "haproxy_stats_user": CANARY,
        "haproxy_stats_password": CANARY,
        "haproxy_extra_global": CANARY,
        "haproxy_extra_defaults": CANARY,
        "haproxy_extra_frontends": {"shop": CANARY},
        "haproxy_extra_backends": {"shop": CANARY},
        "haproxy_extra_sections": CANARY,
    },
    "nginx": {
        "ha_lb_vips": CLUSTER["ha_lb_vips"],
        "ha_lb_services": [SHOP],
        "nginx_extra_main": CANARY,
        "nginx_extra_http": CANARY,
        "nginx_extra_stream": CANARY,
        "nginx_extra_servers": {"shop": CANARY},
        "nginx_extra_upstreams": {"shop": CANARY},
    },
    "agents": {"notify_webhooks": [{"name": "a", "url": f"http://192.0.2.1/{CANARY}", "headers": {"X": CANARY}}]},
}
WITHOUT_SECRETS = ("lvs", "lvs_real_server")
WRITERS = ("evenkeel.ha_lb.service_config", "evenkeel.ha_lb.keepalived_simultaneous_reload")


def files_of(role: str) -> list[dict[str, Any]]:
    variables = yaml.safe_load((ROOT / "roles" / role / "vars/main.yml").read_text())
    return [each for value in variables.values() if isinstance(value, list) for each in value if isinstance(each, dict)]


def for_all(mode: str) -> bool:
    """Tell whether others may read a file of this mode."""
    return bool(int(mode, 8) & 0o004)


def holds_a_secret(role: str, file: dict[str, Any]) -> bool:
    if "secret" in file:
        return True
    template = re.search(r"'ansible.builtin.template', '([\w.-]+)'", file.get("content", ""))
    return bool(template) and CANARY in render(role, template[1], **MAY_HOLD_SECRETS[role])


def open_files(role: str, files: list[dict[str, Any]]) -> list[str]:
    return [each["path"] for each in files if holds_a_secret(role, each) and for_all(each.get("mode", "0644"))]


def tasks_of(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from tasks_of(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from tasks_of(each)


@pytest.mark.parametrize("role", MAY_HOLD_SECRETS)
def test_no_file_with_a_secret_is_for_all_to_read(role):
    files = files_of(role)
    assert any(holds_a_secret(role, each) for each in files)
    assert open_files(role, files) == []


def test_every_role_that_writes_files_is_here():
    assert {path.parents[1].name for path in ROOT.glob("roles/*/vars/main.yml") if files_of(path.parents[1].name)} == {
        *MAY_HOLD_SECRETS,
        *WITHOUT_SECRETS,
    }


@pytest.mark.parametrize("role", MAY_HOLD_SECRETS)
def test_every_variable_that_may_hold_a_secret_is_here(role):
    """Lines in an engine's own language, and what is called after a secret."""
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults/main.yml").read_text())
    named = {name for name in defaults if re.search(r"_extra_|password|auth_pass|webhooks|stats_user", name)}
    assert named <= set(MAY_HOLD_SECRETS[role])


def test_what_puts_a_configuration_in_force_makes_no_file_for_all():
    found = [
        (path.relative_to(ROOT).as_posix(), task[writer].get("mode", "0640"))
        for path in sorted(ROOT.glob("roles/*/tasks/*.yml"))
        for task in tasks_of(yaml.safe_load(path.read_text()))
        for writer in WRITERS
        if writer in task
    ]
    assert len(found) > 5
    assert [(path, mode) for path, mode in found if for_all(mode)] == []
    for writer in WRITERS:
        text = (ROOT / "plugins/modules" / f"{writer.rpartition('.')[2]}.py").read_text()
        assert 'type: str, default: "0640"' in text


def test_the_check_finds_what_is_planted():
    template = "{{ lookup('ansible.builtin.template', 'haproxy.cfg.j2') }}"
    planted = [{"path": "/a", "content": template}, {"path": "/b", "secret": "x"}, {"path": "/c", "content": "x"}]
    assert open_files("haproxy", planted) == ["/a", "/b"]
    assert open_files("haproxy", [{**each, "mode": "0640"} for each in planted]) == []
