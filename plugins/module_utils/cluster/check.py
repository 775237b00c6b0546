# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole description of a cluster, checked at once: variables, nodes, VIPs, services, and the hosts' interfaces."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence

from ..agent.notify.read import read_notify
from ..basics import schema
from ..basics.errors import Finding, Refused
from ..engines.catalogue import check_port, engine_of
from ..engines.contract.engine import Around, Engine
from ..keepalived.senders import unlike_senders
from ..traffic.advice import traffic_advice
from ..traffic.read import Records, read_traffic
from ..vrrp.host import check_hosts, host_advice, read_hosts
from ..vrrp.model import Cluster
from ..vrrp.read import survey, warnings_of
from ..vrrp.settings import read_settings
from ..vrrp.uplinks import own_addresses
from .agreement import disagreements
from .around import around_of
from .facts import refuse_usurper
from .given import NODES, names_of_ours, prefixes_of, readable
from .run_variables import ACCEPTED, check_accepted
from .sockets import shared_sockets, strange_addresses
from .variables import (
    SETTINGS_PREFIX,
    check_extras,
    check_variables,
    is_read,
    names_for_extras,
    settings_given,
    unknown_variables,
    unread_variables,
    variable_advice,
)

SpecErrors = Callable[[Mapping[str, Any], Mapping[str, Any]], List[str]]


def nodes_of(group: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of an inventory group as data: the one place where membership is read.

    Raises Refused with every address that cannot be read.
    """
    return [_node(name, hostvars[name]) for name in group]


def _node(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    refuse_usurper(name, variables)
    given = {f"hostvars[{name}].{each}": variables.get(each) for each in ("ha_lb_address", "ansible_host")}
    address, ansible_host = tuple(readable(given, known=given).values())
    return {
        "name": name,
        "address": [] if address is None or address == "" else address,
        "ansible_host": str(ansible_host or name),
    }


def named_nodes(said: Any, group: Sequence[str]) -> dict[str, Any]:
    """Return C({names, refused}): the nodes that are meant by a name, a list of names, or names with commas."""
    listed = said if isinstance(said, (list, tuple)) else [said or ""]
    written = [each.split(",") if isinstance(each, str) else [schema.quoted(each)] for each in listed]
    names = list(dict.fromkeys(name.strip() for each in written for name in each if name.strip()))
    known = ", ".join(group)
    if not names:
        return {
            "names": [],
            "refused": f"ha_lb_node: which node? -e ha_lb_node=NAME says it; the nodes are {known}",
        }
    wrong = [name if schema.NAME.match(name) else schema.quoted(name) for name in names if name not in group]
    verb = "is no node" if len(wrong) == 1 else "are no nodes"
    refused = f"ha_lb_node: {' and '.join(wrong)} {verb} of the cluster ({known})" if wrong else ""
    return {"names": names, "refused": refused}


def variables_of(hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of one host that are ours by their name; of a secret, only what stands in for it.

    Those of an engine that is not chosen are not. Raises Refused with everything that cannot be read.
    """
    ours = prefixes_of(hostvars)
    return readable({name: hostvars[name] for name in names_of_ours(hostvars) if name.startswith(ours)})


def check(
    variables: Mapping[str, Any],
    nodes: Any,
    interfaces: Mapping[str, Any],
    spec: Mapping[str, Any],
    spec_errors: SpecErrors,
    hosts: Optional[Mapping[str, Mapping[str, Any]]] = None,
    controller: Optional[Mapping[str, Sequence[str]]] = None,
    lacking: Optional[Mapping[str, Sequence[str]]] = None,
) -> list[str]:
    """Check everything; return the warnings.

    `spec` is the argument spec of all roles, by variable; `hosts` are the variables of each host, which must agree;
    `controller` says what it has: the inventory's hosts, and which of the source archives (files); `lacking` are the
    modules that the kernel of each host should have, and has not.
    Raises Refused with every finding.
    """
    variables, nodes = _plain(variables, nodes)
    ours = prefixes_of(variables)
    variables, spec = ({name: each[name] for name in each if name.startswith(ours)} for each in (variables, spec))
    findings = [*_spec_findings(variables, spec, spec_errors), *unknown_variables(variables, spec)]
    report = schema.collector(findings)
    engine = engine_of(variables, report)
    findings += _of_one_host(variables, engine, controller or {})
    check_accepted(variables.get(ACCEPTED), _names(nodes), report)
    vips = variables.get("ha_lb_vips") or []
    settings = read_settings(settings_given(variables), report, SETTINGS_PREFIX)
    of_whole = ("keepalived_sync_groups", "ha_lb_taken_vrids", "ha_lb_in_use")
    given = [*(variables.get(name) or [] for name in of_whole), variables.get("ha_lb_uplinks", [])]
    cluster, wrong = survey(nodes, vips, settings, *given)
    findings += [*(_as_host_variable(finding, nodes) for finding in wrong), *disagreements(hosts or {})]
    findings += _of_other_hosts(variables, hosts or {}, engine, interfaces, controller or {})
    known = {finding.path for finding in findings}
    findings += [each for each in _at_hosts(cluster, interfaces, variables) if each.path not in known]
    advice = [*unread_variables(variables, spec), *variable_advice(variables)]
    around = around_of(variables, nodes, interfaces, lacking or {})
    findings += _of_traffic(variables, engine, around, advice)
    if findings:
        raise Refused(findings)
    return [*warnings_of(cluster), *host_advice(cluster, read_hosts(interfaces)), *advice]


def _plain(variables: Mapping[str, Any], nodes: Any) -> tuple[Mapping[str, Any], Any]:
    """Return both as plain data. Raises Refused with everything that cannot be read."""
    read = readable({**variables, NODES: nodes}, known=(*variables, NODES))
    return read, read.pop(NODES)


def _of_traffic(variables: Mapping[str, Any], engine: Engine, around: Around, advice: List[str]) -> list[Finding]:
    """Find what is wrong with services, pools and what is added to them; warnings go to `advice`."""
    findings: list[Finding] = []
    services, pools = (variables.get(name, []) for name in ("ha_lb_services", "ha_lb_pools"))

    def limits(pools: Records, services: Records, modes: Mapping[str, str], report: schema.Report) -> None:
        if engine.limits:
            engine.limits(pools, services, modes, report)
        engine.check_around(pools, services, around, report)

    findings += _refusal(
        lambda: advice.extend(traffic_advice(read_traffic(services, pools, around.vips, limits=limits)))
    )
    names = names_for_extras(services, pools)
    check_extras(variables, engine.variables.extras, names, schema.collector(findings))
    return findings


def _of_one_host(
    variables: Mapping[str, Any], engine: Engine, controller: Mapping[str, Sequence[str]]
) -> list[Finding]:
    """Find what is wrong with the variables of one host that mean something without the other hosts."""
    findings: list[Finding] = []
    report = schema.collector(findings)
    check_variables(variables, engine, report, controller)
    check_port(variables, engine, report)
    return [*findings, *shared_sockets(variables, engine), *_refusal(lambda: read_notify(variables))]


def _of_other_hosts(
    first: Mapping[str, Any],
    hosts: Mapping[str, Mapping[str, Any]],
    engine: Engine,
    interfaces: Mapping[str, Any],
    controller: Mapping[str, Sequence[str]],
) -> Iterator[Finding]:
    """Find what is wrong with the variables in which a host differs from the first, and with its addresses."""
    said = set(_of_one_host(first, engine, controller)) if hosts else set()
    for host, variables in hosts.items():
        own = [] if variables == first else _of_one_host(variables, engine, controller)
        own += strange_addresses(variables, engine, interfaces.get(host) or ())
        for each in own:
            if each not in said:
                yield Finding(f"hostvars[{host}].{each.path}", each.message)


def _at_hosts(cluster: Cluster, interfaces: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Check the cluster against the interfaces of all hosts."""
    findings = _refusal(lambda: check_hosts(cluster, read_hosts(interfaces)))
    if not findings:
        findings = tuple(own_addresses(cluster, read_hosts(interfaces)))
    drops = schema.boolean(variables.get("keepalived_drop_strangers", True), "", schema.collector([]))
    return findings or (tuple(unlike_senders(cluster, read_hosts(interfaces))) if drops is True else ())


def _as_host_variable(finding: Finding, nodes: Any) -> Finding:
    """Name the variable that an address of a node comes from."""
    found = re.match(r"ha_lb_nodes\[(\d+)\]\.address(\[.*|)$", finding.path)
    if not found:
        return finding
    node = nodes[int(found[1])].get("name", found[1])
    return Finding(f"hostvars[{node}].ha_lb_address{found[2]}", finding.message)


def _names(nodes: Any) -> list[str]:
    """Return the names of nodes, also of those that are wrong otherwise."""
    listed = nodes if isinstance(nodes, (list, tuple)) else ()
    return [str(node["name"]) for node in listed if isinstance(node, Mapping) and "name" in node]


def _refusal(check: Callable[[], object]) -> tuple[Finding, ...]:
    try:
        check()
    except Refused as refused:
        return refused.findings
    return ()


def _spec_findings(variables: Mapping[str, Any], spec: Mapping[str, Any], spec_errors: SpecErrors) -> Iterator[Finding]:
    """Find what the argument specs refuse of the variables that no table has: those of an engine without one."""
    for name, value in variables.items():
        if name in spec and not is_read(name):
            yield from (Finding(name, error) for error in spec_errors({name: spec[name]}, {name: value}))
