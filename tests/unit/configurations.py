# SPDX-License-Identifier: GPL-3.0-or-later
"""Make nodes from configurations in tests, and lint them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from module_utils.keepalived.config.model import ConfiguredNode
from module_utils.keepalived.config.read import read_node
from module_utils.keepalived.language.parser import parse
from module_utils.keepalived.lint.rules.catalogue import RULES
from module_utils.lint.engine import lint
from module_utils.lint.finding import LintFinding

PROXIES = {"haproxy_cfg": ".haproxy.cfg", "nginx_conf": ".nginx"}


def node(name: str, text: str, facts: Mapping[str, Any] | None = None) -> ConfiguredNode:
    return read_node(name, parse(text, file=f"{name}.conf", config_id=name), facts)


def nodes(*texts: str, **facts: Any) -> list[ConfiguredNode]:
    """Return lb1, lb2 … with these configurations; keywords are their facts by name."""
    return [node(f"lb{number}", text, facts.get(f"lb{number}")) for number, text in enumerate(texts, 1)]


def nodes_in(folder: Path) -> list[ConfiguredNode]:
    """Return the nodes of a folder: a `<node>.conf` for each one, and optionally facts by node in `facts.json`."""
    fact_file = folder / "facts.json"
    facts = json.loads(fact_file.read_text()) if fact_file.exists() else {}
    return [
        node(path.stem, path.read_text(), {**facts.get(path.stem, {}), **proxies_of(path)})
        for path in sorted(folder.glob("*.conf"))
    ]


def proxies_of(configuration: Path) -> dict[str, str]:
    """Return the proxy's configuration as a fact, from `<node>.haproxy.cfg` or `<node>.nginx` beside the .conf."""
    beside = {fact: configuration.with_suffix(suffix) for fact, suffix in PROXIES.items()}
    return {fact: path.read_text() for fact, path in beside.items() if path.exists()}


def instance(
    lines: str = "",
    *,
    name: str = "VI_1",
    vrid: int = 10,
    priority: int = 254,
    vips: tuple[str, ...] = ("192.0.2.10/24",),
    interface: str = "eth0",
) -> str:
    """Return a vrrp_instance with additional lines; blocks are written `unicast_peer { 192.0.2.12 }`."""
    listed = "".join(f"        {vip}\n" for vip in vips)
    return (
        f"vrrp_instance {name} {{\n    interface {interface}\n    virtual_router_id {vrid}\n"
        f"    priority {priority}\n{spread(lines)}\n    virtual_ipaddress {{\n{listed}    }}\n}}\n"
    )


def spread(lines: str) -> str:
    """Break lines after {, before and after }, and at `;`."""
    return lines.replace("{", "{\n").replace("}", "\n}\n").replace(";", "\n")


def findings(rule: str, *texts: str, **facts: Any) -> list[LintFinding]:
    """Return the findings of one rule in lb1, lb2 …"""
    return list(lint(nodes(*texts, **facts), [each for each in RULES if each.id == rule]))


def places(rule: str, *texts: str, **facts: Any) -> list[str]:
    """Return `node: line` of the findings of one rule."""
    return [
        f"{finding.node}: {texts[int(finding.node[2:]) - 1].splitlines()[finding.line - 1].strip()}"
        for finding in findings(rule, *texts, **facts)
    ]
