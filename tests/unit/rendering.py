# SPDX-License-Identifier: GPL-3.0-or-later
"""The templates of the roles, printed without Ansible: the variables of each role as its templates see them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.filter import core, mathstuff
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.nativetypes import NativeEnvironment
from module_utils.agent.notify.read import notify_config
from module_utils.agent.real_server import modules_of
from module_utils.cluster.layout_result import layout_result
from module_utils.engines.catalogue import engine_units
from module_utils.engines.service_layout import kernel_needs, services_result, virtual_servers
from module_utils.host.bundle import core_files
from module_utils.keepalived.senders import vrrp_senders
from module_utils.keepalived.view import peers_of
from module_utils.vrrp.host import interfaces_from_facts
from module_utils.vrrp.leaving import leave_weight
from module_utils.vrrp.uplinks import uplinks_config

ROLES = Path(__file__).parents[2] / "roles"
FACTS = {
    "hostname": "lb1",
    "os_family": "Debian",
    "interfaces": ["eth0"],
    "eth0": {
        "ipv4": {"address": "192.0.2.11", "netmask": "255.255.255.0"},
        "ipv6": [{"address": "2001:db8::11", "prefix": "64", "scope": "global"}],
    },
}
PLAY = {"ansible_managed": "Ansible managed", "ansible_facts": FACTS, "inventory_hostname": "lb1"}


def environment(kind: type[Environment]) -> Environment:
    """Make a Jinja environment with Ansible's own filters, and ours without Ansible around them."""
    loader = FileSystemLoader([ROLES, *ROLES.glob("*/templates")])
    made = kind(undefined=StrictUndefined, loader=loader, trim_blocks=True)
    made.filters = {
        **core.FilterModule().filters(),
        **mathstuff.FilterModule().filters(),
        **made.filters,  # those of Jinja know its own Undefined
        "evenkeel.ha_lb.vrrp_layout": layout_result,
        "evenkeel.ha_lb.service_layout": services_result,
        "evenkeel.ha_lb.engine_units": engine_units,
        "evenkeel.ha_lb.kernel_needs": kernel_needs,
        "evenkeel.ha_lb.virtual_servers": virtual_servers,
        "evenkeel.ha_lb.interfaces": interfaces_from_facts,
        "evenkeel.ha_lb.notify_config": notify_config,
        "evenkeel.ha_lb.core_files": core_files,
        "evenkeel.ha_lb.leave_weight": leave_weight,
        "evenkeel.ha_lb.peers_of": peers_of,
        "evenkeel.ha_lb.real_server_modules": modules_of,
        "evenkeel.ha_lb.uplinks_config": uplinks_config,
        "evenkeel.ha_lb.vrrp_senders": vrrp_senders,
    }
    return made


VALUES, TEXTS = environment(NativeEnvironment), environment(Environment)


@functools.cache
def declared(role: str) -> dict[str, Any]:
    """Return what the role says of its variables: values, and templates of values."""
    files = [yaml.safe_load((ROLES / role / file / "main.yml").read_text()) for file in ("defaults", "vars")]
    pairs = [pair for file in files for pair in file.items() if not pair[0].endswith(("_files", "_scripts"))]
    return {
        name: VALUES.from_string(value) if isinstance(value, str) and "{{" in value else value for name, value in pairs
    }


def variables_of(role: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a role as its templates see them, but for those that hold printed templates."""
    variables = {**PLAY, **given}
    for name, value in declared(role).items():
        if name not in given:
            variables[name] = value.render(variables) if isinstance(value, Template) else value
    return variables


def templates_of(role: str) -> Iterable[str]:
    """Yield the names of the templates that are a file each."""
    for path in sorted((ROLES / role / "templates").iterdir()):
        if not any(f"include '{path.name}'" in other.read_text() for other in path.parent.iterdir()):
            yield path.name


def render(role: str, name: str, **given: Any) -> str:
    """Print a template as Ansible does: with the newline at its end that Jinja takes away."""
    return TEXTS.get_template(f"{role}/templates/{name}").render(variables_of(role, given)) + "\n"
