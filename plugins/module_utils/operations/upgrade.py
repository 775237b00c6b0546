# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing the version of packages: what there is, what is to be, what speaks against it, and how it went."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from ..basics.errors import HaLbError
from ..basics.table import columns
from ..cluster.record import Record
from ..host.runner import Runner
from ..keepalived.live.standing import drained_by

NONE = "(none)"
STATUS_FILE = "/var/lib/dpkg/status"
COLUMNS = ("node", "package", "before", "after", "result")
CANNOT_RUN = (126, 127)  # of a shell: not to be executed, a library that is missing


@dataclass(frozen=True)
class Package:
    """What apt knows of a package; `available` are the versions that a source still has."""

    name: str
    installed: str
    candidate: str
    available: tuple[str, ...]
    held: bool = False


@dataclass(frozen=True)
class UpgradePlan:
    """`changes` are C({package, before, after, back}), `back` telling whether the one before is still to be had."""

    changes: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    refused: tuple[str, ...]


def look(names: Sequence[str], run: Runner) -> list[Package]:
    """Ask apt for these packages.

    Raises HaLbError when it does not say.
    """
    policy = _said(run, ["apt-cache", "policy", *names])
    held = _said(run, ["apt-mark", "showhold"]).split()
    return [_package(name, policy, name in held) for name in names]


def plan(
    packages: Mapping[str, Sequence[Package]], versions: Mapping[str, Any], noted: Optional[Mapping[str, str]] = None
) -> UpgradePlan:
    """Say what is to change: to apt's candidates, to `versions` (by the keys of `packages`), or to what is noted."""
    keys = ", ".join(packages)
    refused = [f"ha_lb_versions: unknown key {key}; the keys are {keys}" for key in versions if key not in packages]
    notes: list[str] = []
    changes: list[dict[str, Any]] = []
    for key, members in packages.items():
        for each in members:
            asked = versions.get(key) if noted is None else noted.get(each.name, each.installed)
            target = str(asked or each.candidate)
            against = _against(each, target)
            if each.held and target != each.installed and not asked:
                notes.append(f"{each.name} stays at {each.installed}: it is on hold (apt-mark unhold {each.name})")
            elif against:
                refused.append(against)
            elif target != each.installed:
                back = each.installed in each.available
                changes.append({"package": each.name, "before": each.installed, "after": target, "back": back})
    return UpgradePlan(tuple(changes), tuple(notes), tuple(refused))


def trial(package: str, version: str, command: Sequence[str], run: Runner, folder: Path) -> str:
    """Let the new version of a program, unpacked and not installed, test the configuration; return what it refuses.

    Says nothing where it cannot be asked, because it needs other libraries than there are, or cannot be fetched alone.
    """
    fetch = (
        f"cd '{folder}' && apt-get -q -o APT::Sandbox::User=root download '{package}={version}' && dpkg-deb -x *.deb ."
    )
    if run(["sh", "-c", fetch])[0]:
        return ""
    code, out, err = run(["env", f"PATH={folder}/usr/sbin:{folder}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin", *command])
    if code == 0 or code in CANNOT_RUN:
        return ""
    lines = [line for line in (out + err).splitlines() if line.strip()]
    said = lines[-1].strip() if lines else f"exit {code}"
    return f"{package} {version} refuses the configuration that is in force: {said}"


def upgrade_report(record: Record, order: Sequence[str]) -> dict[str, Any]:
    """Judge a run of upgrade by what it noted of every node; `order` are those that were to be changed.

    Of the record of a node this reads `plan` and `versions` (what M(upgrade_plan) returned before and after) and
    `outcome`. Returns `rows` (node, package, before, after, result), `table` and `findings` (a sentence for each node
    that is not as it was to be: why, in which state it is, and what to do).
    """
    rows = [row for node, known in record.items() for row in _rows(node, known, node in order)]
    return {
        "rows": rows,
        "table": "\n".join(columns([COLUMNS, *([row[column] for column in COLUMNS] for row in rows)])),
        "findings": [finding for node in order for finding in _failed(node, record[node])],
    }


def upgradable(record: Record, named: Sequence[str]) -> list[str]:
    """Return the nodes of `named` that have something to change, or were left drained by a run that was killed."""
    return [
        node for node in named if record[node]["plan"].get("changes") or drained_by(record[node].get("before") or {})
    ]


def upgrade_refusals(record: Record, named: Sequence[str]) -> list[str]:
    """Return what speaks against the upgrade of these nodes, a sentence each, every one once."""
    return list(dict.fromkeys(reason for node in named for reason in record[node]["plan"].get("refused") or ()))


def upgrade_packages(unit: Mapping[str, Any], sources: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the packages that an upgrade changes, by the key of their version in `ha_lb_versions`.

    `unit` is the chosen engine (see engines.catalogue.engine_units). A program that is built from source, and so has
    something in `sources`, has no package.
    """
    packages = {"keepalived": ["keepalived"], unit["name"]: list(unit["versioned"])}
    return {key: names for key, names in packages.items() if not sources.get(key)}


def package_arguments(changes: Sequence[Mapping[str, Any]], to: str) -> list[str]:
    """Return what apt is told to install, C(package=version), for these changes; `to` is `before` or `after`."""
    return [f"{change['package']}={change[to]}" for change in changes]


def _rows(node: str, known: Mapping[str, Any], upgrading: bool) -> Iterator[dict[str, Any]]:
    plan, outcome = known.get("plan") or {}, known["outcome"]
    now = (known.get("versions") or {}).get("installed") or {}
    targets = {change["package"] for change in plan.get("changes") or ()}
    for package, before in (plan.get("installed") or {}).items():
        result = "unchanged"
        if upgrading and package in targets:
            result = "done" if outcome["done"] else "failed" if outcome["failure"] else "left alone"
        yield {
            "node": node,
            "package": package,
            "before": before,
            "after": now.get(package, "unknown"),
            "result": result,
        }


def _failed(node: str, known: Mapping[str, Any]) -> Iterator[str]:
    outcome = known["outcome"]
    if outcome["done"]:
        return
    if not outcome["failure"]:
        yield f"node {node}: left alone, because another node failed: run upgrade again when that is mended"
        return
    failure = " ".join(str(outcome["failure"]).split()).rstrip(".")
    again = outcome["not_restored"]
    if not (known.get("versions") or {}).get("installed"):
        state = "it does not answer, and the others serve: see to it by its console, then run upgrade again"
    elif outcome["restored"]:
        state = "it is back at the version before, and serves"
    elif again:
        state = f"it is drained, and could not go back: {again}; mend it, then restore -e ha_lb_node={node}"
    else:
        state = "it was not changed"
    yield f"node {node}: {failure}; {state}"


def _package(name: str, policy: str, held: bool) -> Package:
    found = re.search(rf"^{re.escape(name)}:\n((?: .*\n?)*)", policy, re.MULTILINE)
    lines = found[1].splitlines() if found else []
    fields = dict(line.strip().split(": ", 1) for line in lines if re.match(r"  \w+: ", line))
    available: list[str] = []
    version = ""
    for line in lines[2:]:
        heading = re.match(r" (?:\*\*\*|   ) (\S+) -?\d+", line)
        if heading:
            version = heading[1]
        elif version and line.startswith("        ") and STATUS_FILE not in line:
            available.append(version)
    installed = fields.get("Installed", NONE)
    return Package(name, installed, fields.get("Candidate", NONE), tuple(dict.fromkeys(available)), held)


def _against(package: Package, target: str) -> str:
    if package.installed == NONE:
        return f"{package.name} is not installed: run site first"
    if target == package.installed:
        return ""
    if package.held:
        return f"{package.name} is on hold at {package.installed}: apt-mark unhold {package.name} there first"
    if target not in package.available:
        known = ", ".join(package.available) or "none"
        return f"{package.name} {target} is not to be had from the sources of apt; they have {known}"
    return ""


def _said(run: Runner, command: list[str]) -> str:
    code, out, err = run(["env", "LC_ALL=C", *command])
    if code:
        raise HaLbError(f"{' '.join(command)} failed: {err.strip()}")
    return out
