# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole description of a cluster, checked at once: variables, nodes, VIPs, services, and the hosts' interfaces."""

from __future__ import annotations

import difflib
from typing import Any, Callable, Mapping, Sequence

from . import shape
from .errors import Finding, Refused
from .traffic.read import read_traffic
from .vrrp.host import check_hosts, read_interfaces
from .vrrp.model import Settings
from .vrrp.read import read_cluster, warnings_of

COLLECTION_VARIABLES = (
    "ha_lb_address",
    "ha_lb_admin_networks",
    "ha_lb_engine",
    "ha_lb_group",
    "ha_lb_pools",
    "ha_lb_services",
    "ha_lb_status_file",
    "ha_lb_vips",
)
PREFIXES = ("ha_lb_", "keepalived_", "haproxy_")
SECRETS = ("keepalived_auth_pass", "haproxy_stats_password")
ALMOST_THE_SAME = 0.85

SpecErrors = Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]]


def nodes_of(group: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of an inventory group as data: the one place where membership is read."""
    return [
        {
            "name": name,
            "addresses": hostvars[name].get("ha_lb_address") or [],
            "ansible_host": str(hostvars[name].get("ansible_host") or name),
        }
        for name in group
    ]


def variables_of(hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of one host that are ours by their name; of a secret, only a stand-in of its length."""
    ours = {name: hostvars[name] for name in hostvars if str(name).startswith(PREFIXES)}
    return {name: "*" * len(str(value)) if name in SECRETS else value for name, value in ours.items()}


def settings_of(variables: Mapping[str, Any], findings: list[Finding]) -> Settings:
    """Read what all instances share, with the defaults that belong to the version."""
    report = shape.collector(findings)
    version = variables.get("keepalived_vrrp_version", 3)
    newest = str(version) != "2"
    highest = 40.95 if newest else 255
    interval = variables.get("keepalived_advert_interval_seconds") or (0.1 if newest else 1)
    read = shape.seconds(0.01 if newest else 1, highest)(interval, "keepalived_advert_interval_seconds", report)
    if not newest and read and read != int(read):
        report("keepalived_advert_interval_seconds", f"{read:g} is not whole, and VRRP version 2 counts whole seconds")
    auth_pass = str(variables.get("keepalived_auth_pass") or "")
    if auth_pass and newest:
        report("keepalived_auth_pass", "VRRP version 3 has no authentication: use version 2, or leave it out")
    if len(auth_pass) > 8:
        report("keepalived_auth_pass", "has more than 8 characters, and VRRP sends the first 8")
    return Settings(
        version=3 if newest else 2,
        transport=variables.get("keepalived_transport", "unicast"),
        advert_interval=read or 1.0,
        down_timer_adverts=int(variables.get("keepalived_down_timer_adverts") or 3),
        auth_pass=auth_pass,
        vmac=bool(variables.get("keepalived_vmac", False)),
    )


def check(
    variables: Mapping[str, Any],
    nodes: Any,
    interfaces: Mapping[str, Any],
    spec: Mapping[str, Any],
    spec_errors: SpecErrors,
) -> list[str]:
    """Check everything; return the warnings.

    `spec` is the argument spec of all roles, by variable. Raises Refused with every finding.
    """
    findings = [Finding("variables", error) for error in _spec_findings(variables, spec, spec_errors)]
    findings += _unknown(variables, spec)
    findings += _statistics(variables)
    settings = settings_of(variables, findings)
    vips = variables.get("ha_lb_vips") or []
    warnings: list[str] = []
    try:
        cluster = read_cluster(nodes, vips, settings, variables.get("keepalived_sync_groups") or [])
        warnings = warnings_of(cluster)
        check_hosts(cluster, {host: read_interfaces(raw) for host, raw in interfaces.items()})
    except Refused as refused:
        findings += refused.findings
    names = [str(vip["name"]) for vip in vips if isinstance(vip, Mapping) and "name" in vip]
    try:
        read_traffic(variables.get("ha_lb_services") or [], variables.get("ha_lb_pools") or [], names)
    except Refused as refused:
        findings += refused.findings
    if findings:
        raise Refused(findings)
    return warnings


def _spec_findings(variables: Mapping[str, Any], spec: Mapping[str, Any], spec_errors: SpecErrors) -> list[str]:
    known = {name: value for name, value in variables.items() if name in spec}
    return spec_errors({name: spec[name] for name in known}, known)


def _unknown(variables: Mapping[str, Any], spec: Mapping[str, Any]) -> list[Finding]:
    known = sorted([*COLLECTION_VARIABLES, *spec])
    findings = []
    for name in variables:
        close = difflib.get_close_matches(name, known, n=1, cutoff=ALMOST_THE_SAME)
        if name not in known and (close or name.startswith("ha_lb_")):
            findings.append(Finding(name, shape.unknown_key(name, known, "unknown variable")))
    return findings


def _statistics(variables: Mapping[str, Any]) -> list[Finding]:
    if not variables.get("haproxy_stats_enabled"):
        return []
    return [
        Finding(name, "is missing: the statistics page has no default user and password")
        for name in ("haproxy_stats_user", "haproxy_stats_password")
        if not variables.get(name)
    ]
