# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole description of a cluster, checked at once: variables, nodes, VIPs, services, and the hosts' interfaces."""

from __future__ import annotations

import difflib
import re
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence

from ..agent.notify.discreet import stand_in
from ..agent.notify.read import PREFIX as NOTIFY_PREFIX
from ..agent.notify.read import check_status_port, read_notify
from ..basics import schema
from ..basics.errors import Finding, Refused
from ..engines.catalogue import ENGINES, check_port, engine_of
from ..host.http_probe import CHECK_PORT
from ..host.source_build.read import read_source
from ..keepalived.senders import unlike_senders
from ..traffic.read import read_traffic
from ..vrrp.host import check_hosts, read_hosts
from ..vrrp.model import Cluster
from ..vrrp.read import survey, warnings_of
from ..vrrp.settings import OPTIONS, read_settings
from .agreement import disagreements

COLLECTION_VARIABLES = (
    "ha_lb_accept_conflicts",
    "ha_lb_address",
    "ha_lb_admin_networks",
    "ha_lb_apt_wait_seconds",
    "ha_lb_break_lock",
    "ha_lb_check_port",
    "ha_lb_drain_survives_reboot",
    "ha_lb_drill_client",
    "ha_lb_drill_consent",
    "ha_lb_drill_file",
    "ha_lb_drill_junit",
    "ha_lb_drill_margin_seconds",
    "ha_lb_drill_page",
    "ha_lb_drill_reboot",
    "ha_lb_drills",
    "ha_lb_engine",
    "ha_lb_group",
    "ha_lb_in_use",
    "ha_lb_lint_fail_on",
    "ha_lb_lint_file",
    "ha_lb_lint_files",
    "ha_lb_lint_ignore",
    "ha_lb_lint_path",
    "ha_lb_lint_sarif",
    "ha_lb_lint_severity",
    "ha_lb_listen_seconds",
    "ha_lb_lock_wait_seconds",
    "ha_lb_node",
    "ha_lb_pools",
    "ha_lb_preflight_file",
    "ha_lb_preflight_page",
    "ha_lb_remove_all",
    "ha_lb_remove_packages",
    "ha_lb_services",
    "ha_lb_site_file",
    "ha_lb_status_file",
    "ha_lb_taken_vrids",
    "ha_lb_upgrade_back",
    "ha_lb_upgrade_file",
    "ha_lb_versions",
    "ha_lb_vips",
)
NETWORKS = ("ha_lb_admin_networks", *(name for engine in ENGINES for name in engine.variables.networks))
LISTENING = (1, 300)  # seconds; the longest interval of VRRPv2 is 255
SETTINGS_PREFIX = "keepalived_"
PREFIXES = ("ha_lb_", "keepalived_", NOTIFY_PREFIX)
SECRETS = ("keepalived_auth_pass", *(name for engine in ENGINES for name in engine.variables.secrets))
SOURCES = (*(f"{engine.name}_source" for engine in ENGINES if engine.unit.from_source), "keepalived_source")
STATUS_PORTS = tuple(name for engine in ENGINES for name in engine.variables.ports)
ALMOST_THE_SAME = 0.85
NODES = "ha_lb_nodes"  # made of the inventory's group by the playbooks, and no input

SpecErrors = Callable[[Mapping[str, Any], Mapping[str, Any]], List[str]]


def nodes_of(group: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of an inventory group as data: the one place where membership is read."""
    return [
        {
            "name": name,
            "address": hostvars[name].get("ha_lb_address") or [],
            "ansible_host": str(hostvars[name].get("ansible_host") or name),
        }
        for name in group
    ]


def named_nodes(said: Any, group: Sequence[str]) -> dict[str, Any]:
    """Return C({names, refused}): the nodes that are meant by a name, a list of names, or names with commas."""
    items = said if isinstance(said, (list, tuple)) else str(said or "").split(",")
    names = list(dict.fromkeys(str(each).strip() for each in items if str(each).strip()))
    known = ", ".join(group)
    if not names:
        return {
            "names": [],
            "refused": f"ha_lb_node: which node? -e ha_lb_node=NAME says it; the nodes are {known}",
        }
    wrong = [name for name in names if name not in group]
    verb = "is no node" if len(wrong) == 1 else "are no nodes"
    refused = f"ha_lb_node: {' and '.join(wrong)} {verb} of the cluster ({known})" if wrong else ""
    return {"names": names, "refused": refused}


def names_of_ours(hostvars: Mapping[str, Any]) -> list[str]:
    """Return the names of a host's variables that are ours, also those of an engine that is not chosen."""
    ours = (*PREFIXES, *(f"{engine.name}_" for engine in ENGINES))
    return [name for name in hostvars if str(name).startswith(ours) and name != NODES]


def variables_of(hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of one host that are ours by their name; of a secret, only a stand-in of its length.

    Those of an engine that is not chosen are not.
    """
    ours = {name: hostvars[name] for name in hostvars if str(name).startswith(_prefixes(hostvars))}
    return {
        name: "*" * len(str(value)) if name in SECRETS and value else stand_in(name, value)
        for name, value in ours.items()
    }


def check(
    variables: Mapping[str, Any],
    nodes: Any,
    interfaces: Mapping[str, Any],
    spec: Mapping[str, Any],
    spec_errors: SpecErrors,
    hosts: Optional[Mapping[str, Mapping[str, Any]]] = None,
    controller: Optional[Mapping[str, Sequence[str]]] = None,
) -> list[str]:
    """Check everything; return the warnings.

    `spec` is the argument spec of all roles, by variable; `hosts` are the variables of each host, which must agree;
    `controller` says what it has: the inventory's hosts, and which of the source archives (files).
    Raises Refused with every finding.
    """
    ours = _prefixes(variables)
    variables, spec = ({name: each[name] for name in each if name.startswith(ours)} for each in (variables, spec))
    findings = [*_spec_findings(variables, spec, spec_errors), *_unknown(variables, spec)]
    report = schema.collector(findings)
    engine = engine_of(variables, report)
    engine.variables.check(variables, report)
    _read_others(variables, report)
    for name in SOURCES:
        read_source(variables.get(name), name, report, **(controller or {}))
    check_port(variables, engine, report)
    check_status_port(variables, _ports(variables), report)
    findings += _refusal(lambda: read_notify(variables))
    vips = variables.get("ha_lb_vips") or []
    settings = read_settings(_settings(variables), report, SETTINGS_PREFIX)
    of_whole = ("keepalived_sync_groups", "ha_lb_taken_vrids", "ha_lb_in_use")
    cluster, wrong = survey(nodes, vips, settings, *(variables.get(name) or [] for name in of_whole))
    findings += [*(_as_host_variable(finding, nodes) for finding in wrong), *disagreements(hosts or {})]
    known = {finding.path for finding in findings}
    findings += [each for each in _at_hosts(cluster, interfaces, variables) if each.path not in known]
    services, pools = variables.get("ha_lb_services") or [], variables.get("ha_lb_pools") or []
    findings += _refusal(lambda: read_traffic(services, pools, _names(vips), limits=engine.limits))
    if findings:
        raise Refused(findings)
    return warnings_of(cluster)


def _at_hosts(cluster: Cluster, interfaces: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Check the cluster against the interfaces of all hosts."""
    findings = _refusal(lambda: check_hosts(cluster, read_hosts(interfaces)))
    drops = schema.boolean(variables.get("keepalived_drop_strangers", True), "", schema.collector([]))
    return findings or (tuple(unlike_senders(cluster, read_hosts(interfaces))) if drops is True else ())


def _read_others(variables: Mapping[str, Any], report: schema.Report) -> None:
    for name in NETWORKS:
        if name in variables:
            schema.list_of(schema.network, at_least=1)(variables[name], name, report)
    schema.list_of(schema.line)(variables.get("ha_lb_accept_conflicts") or [], "ha_lb_accept_conflicts", report)
    schema.seconds(*LISTENING)(variables.get("ha_lb_listen_seconds", LISTENING[0]), "ha_lb_listen_seconds", report)


def _as_host_variable(finding: Finding, nodes: Any) -> Finding:
    """Name the variable that an address of a node comes from."""
    found = re.match(r"ha_lb_nodes\[(\d+)\]\.address(\[.*|)$", finding.path)
    if not found:
        return finding
    node = nodes[int(found[1])].get("name", found[1])
    return Finding(f"hostvars[{node}].ha_lb_address{found[2]}", finding.message)


def _prefixes(variables: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = variables.get("ha_lb_engine") or ENGINES[0].name
    return (*PREFIXES, *(f"{engine.name}_" for engine in ENGINES if engine.name == chosen))


def _names(vips: Any) -> list[str]:
    """Return the names of VIPs that may be wrong otherwise: a service that asks for one of them is right."""
    if not isinstance(vips, (list, tuple)):
        return []
    return [str(vip["name"]) for vip in vips if isinstance(vip, Mapping) and "name" in vip]


def _refusal(check: Callable[[], object]) -> tuple[Finding, ...]:
    try:
        check()
    except Refused as refused:
        return refused.findings
    return ()


def _settings(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {option: variables.get(SETTINGS_PREFIX + option) for option in OPTIONS}


def _spec_findings(variables: Mapping[str, Any], spec: Mapping[str, Any], spec_errors: SpecErrors) -> Iterator[Finding]:
    ours = {SETTINGS_PREFIX + option for option in OPTIONS}
    for name, value in variables.items():
        if name in spec and name not in ours and not name.startswith(NOTIFY_PREFIX):
            yield from (Finding(name, error) for error in spec_errors({name: spec[name]}, {name: value}))


def _ports(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ports that the status page cannot have: where it is everywhere, those of services neither."""
    taken = {"ha_lb_check_port": variables.get("ha_lb_check_port") or CHECK_PORT}
    taken.update({name: variables[name] for name in STATUS_PORTS if variables.get(name)})
    everywhere = {"0.0.0.0", "::"}.intersection(map(str, _listed(variables.get("notify_status_addresses"))))
    services = _listed(variables.get("ha_lb_services")) if everywhere else []
    for index, service in enumerate(services):
        if isinstance(service, Mapping):
            taken[f"ha_lb_services[{index}].port"] = service.get("port")
    return taken


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _unknown(variables: Mapping[str, Any], spec: Mapping[str, Any]) -> list[Finding]:
    known = sorted([*COLLECTION_VARIABLES, *spec])
    findings = []
    for name in variables:
        close = difflib.get_close_matches(name, known, n=1, cutoff=ALMOST_THE_SAME)
        if name not in known and (close or name.startswith("ha_lb_")):
            findings.append(Finding(name, schema.unknown_key(name, known, "unknown variable")))
    return findings
