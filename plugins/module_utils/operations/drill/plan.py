# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drills are run, whether they may be, and what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ...basics import schema
from ...basics.errors import Finding
from ...cluster.record import Record
from ..status import cluster_status
from .catalogue import BY_NAME, DRILLS, Drill

MARGINS = (0.0, 60.0)
PLACE = ("service", "address", "port", "mode")
MODES = ("http", "tcp")


@dataclass(frozen=True)
class Wish:
    """What was asked for, as it came."""

    drills: Any
    group: str
    nodes: Sequence[str]
    consent: Any
    client: str
    hosts: Sequence[str]
    proxy: str
    words: Mapping[str, Any]
    margin: Any
    page: str
    """What the controller lacks for a page, in a sentence; nothing, if it lacks nothing or none is wanted."""


def drill_wanted(drills: Any, **asked: Any) -> dict[str, Any]:
    """Return `drills`, name and title of each, and `refused`, sentences: nobody has agreed, there is no such drill.

    The fields of Wish say what was asked for.
    """
    wish = Wish(drills=drills, **asked)
    findings: list[Finding] = []
    chosen = _chosen(wish, findings)
    if len(wish.nodes) < 2:
        only = ", ".join(wish.nodes) or "none"
        findings.append(Finding("ha_lb_drills", f"the cluster has no node to take over (its nodes: {only})"))
    if wish.client not in (*wish.hosts, "localhost"):
        findings.append(Finding("ha_lb_drill_client", f"{wish.client!r} is not a host of the inventory"))
    if wish.client in wish.nodes:
        findings.append(
            Finding("ha_lb_drill_client", f"{wish.client} is a balancer: it does not see what a client sees")
        )
    schema.seconds(*MARGINS)(wish.margin, "ha_lb_drill_margin_seconds", schema.collector(findings))
    if wish.page:
        findings.append(Finding("ha_lb_drill_page", wish.page))
    if str(wish.consent or "") != wish.group:
        findings.append(Finding("ha_lb_drill_consent", _consent(wish, chosen)))
    named = [{"name": each.name, "title": each.title.format(proxy=wish.proxy)} for each in chosen]
    return {"drills": named, "refused": [str(each) for each in findings]}


def _chosen(wish: Wish, findings: list[Finding]) -> list[Drill]:
    named = [each.strip() for each in wish.drills.split(",")] if isinstance(wish.drills, str) else wish.drills
    if not isinstance(named, (list, tuple)):
        findings.append(Finding("ha_lb_drills", f"{named!r} is not a list of drills"))
        return []
    chosen = []
    for number, name in enumerate(named):
        drill = BY_NAME.get(name) if isinstance(name, str) else None
        if drill is None:
            findings.append(Finding(f"ha_lb_drills[{number}]", schema.unknown_key(name, BY_NAME, f"no drill {name!r}")))
        elif drill.word and not _true(wish.words.get(drill.word)):
            findings.append(Finding(f"ha_lb_drills[{number}]", f"{name} wants -e {drill.word}=true besides"))
        else:
            chosen.append(drill)
    return chosen if named else [each for each in DRILLS if not each.word or _true(wish.words.get(each.word))]


def _true(value: Any) -> bool:
    return str(value).lower() in ("true", "yes")


def _consent(wish: Wish, chosen: Sequence[Drill]) -> str:
    given = f"{wish.consent!r} is not {wish.group}: " if wish.consent else ""
    does = ", ".join(each.does.format(proxy=wish.proxy) for each in chosen) or "nothing"
    return (
        f"{given}a drill breaks a running cluster. On the node of {', '.join(wish.nodes)} that holds the first VIP, "
        f"one after another, each for seconds: {does}. If that may be, -e ha_lb_drill_consent={wish.group}"
    )


def drill_health(vips: Any, record: Record) -> list[str]:
    """Say why no drill may begin: what the newest look at every node, or an answer, shows that is not as it must be."""
    status = cluster_status(vips, record)
    findings = list(dict.fromkeys([*status["findings"], *status["warnings"]]))
    for node, known in record.items():
        instances = (known.get("now") or {}).get("instances") or ()
        lower = [each for each in instances if each["effective_priority"] < each["priority"]]
        if lower and not any(finding.startswith(f"{node} ") for finding in findings):
            findings.append(f"{node}: is drained, or not fit (priority {lower[0]['effective_priority']})")
    return findings


def holder_of(record: Record, address: str) -> str:
    """Return the node that held an address when its cluster was last whole."""
    return next(node for node, known in record.items() if address in (known["before"].get("held") or ()))


def drill_reach(answers: Sequence[Mapping[str, Any]], node_answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say why a client cannot measure, by what it and the nodes were answered by M(vip_probe).

    On the way to a private address there may be a proxy that answers in the place of the cluster, and never fails.
    """
    if not answers:
        return ["there is no service to ask"]
    findings = []
    for each in answers:
        others = {other["what"] for other in node_answers if all(other[key] == each[key] for key in PLACE)}
        if not each["ok"]:
            findings.append(f"{each['address']} port {each['port']}: {each['what']}")
        elif others and each["what"] not in others:
            seen = f"{each['address']} port {each['port']} answers it {each['what']}"
            findings.append(f"{seen}, and the nodes {', '.join(sorted(others))}: that is somebody else")
    return findings


def drill_targets(services: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the services that are measured: one for each address, over HTTP where there is one.

    A server of another protocol may take many connections on which nothing is said for an attack.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for mode in MODES:
        for service in services:
            for address in service["addresses"] if service["mode"] == mode else ():
                chosen.setdefault(address, {**service, "addresses": [address]})
    return list(chosen.values())
