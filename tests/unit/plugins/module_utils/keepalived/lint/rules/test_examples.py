# SPDX-License-Identifier: GPL-3.0-or-later
"""No rule finds an error or a warning in the configurations that the roles write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from configurations import node
from inputs import KEEPALIVED
from module_utils.cluster.check import nodes_of
from module_utils.keepalived.lint.rules.catalogue import RULES
from module_utils.lint.engine import lint, not_checked
from module_utils.lint.finding import Severity
from rendering import render

EXAMPLES = [path.parents[2] for path in sorted(Path(__file__).parents[7].glob("examples/*/inventory/group_vars/*.yml"))]


def read_example(folder):
    """Return the variables of an example, with ha_lb_nodes as the playbooks derive it from the inventory."""
    group = yaml.safe_load((folder / "inventory/hosts.yml").read_text())["loadbalancers"]["hosts"]
    given = yaml.safe_load((folder / "inventory/group_vars/loadbalancers.yml").read_text())
    return {**given, "ha_lb_nodes": nodes_of(list(group), {name: {**given, **group[name]} for name in group})}


CLUSTERS = {**KEEPALIVED, **{folder.name: read_example(folder) for folder in EXAMPLES}}

PROXIES = {
    "haproxy": ("haproxy_cfg", "haproxy", "haproxy.cfg.j2"),
    "nginx": ("nginx_conf", "nginx", "nginx.conf.j2"),
}
ASKED_FOR = {"quiet": {"KA165"}}
"""By input: rules that it breaks on purpose (it never repeats gratuitous ARP)."""


def addresses(entry):
    said = entry["address"] or entry["ansible_host"]
    return [said] if isinstance(said, str) else list(said)


def ansible_facts(entry):
    v4 = [each for each in addresses(entry) if ":" not in each]
    v6 = [each for each in addresses(entry) if ":" in each]
    eth0 = {
        "ipv4": {"address": v4[0], "netmask": "255.255.255.0"},
        "ipv6": [{"address": each, "prefix": "64", "scope": "global"} for each in v6],
    }
    return {"hostname": entry["name"], "os_family": "Debian", "interfaces": ["eth0"], "eth0": eth0}


def lint_facts(entry, version):
    """Return the facts of a host that the collection has set up."""
    shown = [f"{each}/{64 if ':' in each else 24}" for each in addresses(entry)]
    return {
        "keepalived_version": version,
        "hostname": entry["name"],
        "interfaces": [{"name": "eth0", "addresses": shown, "own": addresses(entry)}],
        "sysctls": {
            "net.ipv4.ip_nonlocal_bind": "1",
            "net.ipv6.ip_nonlocal_bind": "1",
            "net.ipv4.conf.eth0.promote_secondaries": "1",
            "net.ipv4.conf.all.promote_secondaries": "1",
        },
        "configured_addresses": {},
        "users": ["root", "keepalived_script"],
        "files": {
            "/usr/local/libexec/ha_lb/check-proxy": {
                "exists": True,
                "executable": True,
                "shebang": True,
                "writable_by": "",
            }
        },
        "commands": {},
        "firewall": "",
        "virtualization": "kvm",
        "cloud": "",
        "time_synchronised": True,
        "network_services": [],
        "keeps_addresses": True,
        "initial_namespaces": True,
        "guarded": True,
        "heard": [],
    }


def configured(given, version):
    """Return the nodes of a cluster with the configurations that the roles write."""
    nodes = []
    for entry in given["ha_lb_nodes"]:
        mine = {**given, "inventory_hostname": entry["name"], "ansible_facts": ansible_facts(entry)}
        facts = {**lint_facts(entry, version), **proxy(mine)}
        nodes.append(node(entry["name"], render("keepalived", "keepalived.conf.j2", **mine), facts))
    return nodes


def proxy(mine):
    """Return the proxy's configuration as a fact, if the cluster has services."""
    fact, engine, template = PROXIES[mine.get("ha_lb_engine", "haproxy")]
    return {fact: render(engine, template, **mine)} if mine.get("ha_lb_services") else {}


@pytest.mark.parametrize("version", ["2.2.7", "2.4.3"])
@pytest.mark.parametrize("name", CLUSTERS)
def test_nothing_is_found_in_the_role_s_output(name, version):
    nodes = configured(CLUSTERS[name], version)
    assert all(each.instances for each in nodes)
    assert {each.rule for each in lint(nodes, RULES) if each.severity is not Severity.INFO} == ASKED_FOR.get(
        name, set()
    )


def test_all_rules_except_those_of_proxies_are_checked():
    left = not_checked(configured(CLUSTERS["pair"], "2.4.3"), RULES)
    assert [each for each in left if not each.startswith(("HX", "LV"))] == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_rules_of_proxies_are_checked_in_the_examples(folder):
    """With a proxy that listens elsewhere, HX301 fires on every node."""
    given = CLUSTERS[folder.name]
    proxies = {"haproxy_cfg": "frontend other\n    bind 127.0.0.1:80\n", "nginx_conf": ""}
    nodes = [replace(each, facts={**each.facts, **proxies}) for each in configured(given, "2.4.3")]
    assert {each.node for each in lint(nodes, RULES) if each.rule == "HX301"} == {each.name for each in nodes}


def test_a_mistake_in_a_rendered_configuration_is_found():
    nodes = configured(CLUSTERS["pair"], "2.4.3")
    changed = node(
        "lb2", render("keepalived", "keepalived.conf.j2", **{**CLUSTERS["pair"], "keepalived_vrrp_version": 2})
    )
    assert {"KA105", "KA107"} & {each.rule for each in lint([nodes[0], changed], RULES)}
