# SPDX-License-Identifier: GPL-3.0-or-later
"""All variables of a host by name, each held against the table that has its range and its shape."""

from __future__ import annotations

import difflib
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence

from ..agent.notify.read import VARIABLES as NOTIFY
from ..basics import schema
from ..basics.errors import Finding, told
from ..basics.quoting import Discreet
from ..basics.schema import Report
from ..basics.variables import IS_NULL, read_variables
from ..engines.catalogue import ENGINES, preset
from ..engines.contract.engine import Engine, Extra
from ..engines.lvs.real_server import VARIABLES as REAL_SERVER
from ..host.source_build.read import read_source
from ..keepalived.variables import VARIABLES as KEEPALIVED
from ..vrrp.settings import OPTIONS, read_settings
from .run_variables import ACCEPTED, READ_TOGETHER, check_accepted
from .run_variables import VARIABLES as RUN

COLLECTION_VARIABLES = tuple(sorted((*RUN, *READ_TOGETHER)))
SOURCES = (
    *(f"{engine.name}_source" for engine in ENGINES if engine.unit and engine.unit.from_source),
    "keepalived_source",
)
OF_CLUSTER = ("nodes", "vips", "taken_vrids", "in_use", "uplinks")
# What a role takes from the collection: playbooks read the collection's own, and a role alone may be given another
FROM_COLLECTION = {
    **{f"{engine.name}_{noun}": f"ha_lb_{noun}" for engine in ENGINES for noun in ("services", "pools", "vips")},
    **{f"keepalived_{noun}": f"ha_lb_{noun}" for noun in (*OF_CLUSTER, "engine", "services", "pools")},
    "notify_uplinks": "ha_lb_uplinks",
}
SETTINGS_PREFIX = "keepalived_"
SETTINGS = (*(f"{SETTINGS_PREFIX}{option}" for option in OPTIONS), "keepalived_sync_groups")
READ_ELSEWHERE = frozenset((*READ_TOGETHER, *NOTIFY, *SOURCES, *FROM_COLLECTION, *SETTINGS))
"""Those that a table of this room does not have, because they are read with what they belong to."""
TABLES = (RUN, KEEPALIVED, REAL_SERVER, *(engine.variables.readers for engine in ENGINES))
ALMOST_THE_SAME = 0.85
WHO_MAY_SEE = (
    *("ha_lb_admin_networks", "notify_status_networks"),
    *(name for engine in ENGINES for name in engine.variables.networks),
)
ABSENT = object()


def check_variables(
    variables: Mapping[str, Any], engine: Engine, report: Report, controller: Mapping[str, Sequence[str]]
) -> None:
    """Report what is out of its range or shape, of the variables that mean something alone."""
    engine.variables.check(variables, report)
    read_variables({**RUN, **KEEPALIVED, **REAL_SERVER, **engine.variables.readers}, variables, report)
    others = (name for name in engine.variables.networks if name not in engine.variables.readers)
    read_variables({name: schema.list_of(schema.network, at_least=1) for name in others}, variables, report)
    for name in (each for each in SOURCES if each in variables):
        if variables[name] is None:
            report(name, IS_NULL)
        read_source(variables[name], name, report, **controller)
    for name, ours in FROM_COLLECTION.items():
        if name in variables and variables[name] != variables.get(ours, ABSENT):
            report(name, f"is for the role alone: set {ours}, which the playbooks read as well")


def check_extras(
    variables: Mapping[str, Any], extras: Iterable[Extra], names: Mapping[str, Sequence[str]], report: Report
) -> None:
    """Report lines for a service or a pool that is not there; `names` are those that are, by `service` and `pool`."""
    for extra in extras:
        given = variables.get(extra.variable)
        for number, name in enumerate(given if isinstance(given, Mapping) else (), start=1):
            known = names[extra.of]
            if str(name) not in known:
                close = difflib.get_close_matches(str(name), known, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
                report(
                    schema.place(extra.variable, name, number, Discreet(report)),
                    f"there is no {extra.of} of this name; {hint}",
                )


def role_refusals(variables: Mapping[str, Any]) -> List[str]:
    """Return what is wrong with the variables of one role, which is used alone, as sentences."""
    findings: List[Finding] = []
    report = schema.collector(findings)
    for table in TABLES:
        read_variables(table, variables, report)
    for engine in ENGINES:
        engine.variables.check(variables, report)
        services, pools = (variables.get(f"{engine.name}_{noun}") for noun in ("services", "pools"))
        check_extras(variables, engine.variables.extras, names_for_extras(services, pools), report)
    for name in (each for each in SOURCES if variables.get(each) is not None):
        read_source(variables[name], name, report)
    read_settings(settings_given(variables), report, SETTINGS_PREFIX)
    return [str(each) for each in told(findings)]


def settings_given(variables: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what is said of the settings of VRRP, by option; what the engine presets is said."""
    variables = preset(variables)
    given = {option: f"{SETTINGS_PREFIX}{option}" for option in OPTIONS}
    return {option: variables[name] for option, name in given.items() if name in variables}


def names_of_a_run(names: Iterable[str]) -> List[str]:
    """Return those of the names that are variables of a run, and mean something without a cluster."""
    return [name for name in names if name in RUN]


def run_refusals(variables: Mapping[str, Any], nodes: Sequence[str]) -> List[str]:
    """Return what is wrong with the variables of a run, as sentences; `nodes` are the names of those of the cluster."""
    findings: List[Finding] = []
    report = schema.collector(findings)
    read_variables(RUN, variables, report)
    check_accepted(variables.get(ACCEPTED), nodes, report)
    return [str(each) for each in told(findings)]


def names_for_extras(services: Any, pools: Any) -> Dict[str, List[str]]:
    """Return the names of the services and pools that there are, by `service` and `pool`."""
    return {"service": _names(services), "pool": [*_names(pools), *_names(services, "servers")]}


def _names(records: Any, key: str = "name") -> List[str]:
    """Return the names of services or pools that have such a key."""
    listed = records if isinstance(records, (list, tuple)) else ()
    return [str(each["name"]) for each in listed if isinstance(each, Mapping) and "name" in each and key in each]


def is_read(name: str) -> bool:
    """Tell whether the core has a range and a shape for a variable."""
    return name in READ_ELSEWHERE or any(name in table for table in TABLES)


def variable_advice(variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield warnings about values that are allowed, and hardly meant."""
    for name in (each for each in WHO_MAY_SEE if each in variables):
        for network in variables[name] if isinstance(variables[name], (list, tuple)) else ():
            if str(network).endswith("/0"):
                yield f"{name}: {network} lets everybody see pages that are for admins"


def unknown_variables(variables: Mapping[str, Any], spec: Mapping[str, Any]) -> List[Finding]:
    """Find names that no role and no playbook knows, where ours are meant beyond doubt."""
    known = sorted([*COLLECTION_VARIABLES, *spec])
    return [
        Finding(name, schema.unknown_key(name, known, "unknown variable"))
        for name in variables
        if name not in known and (_close(name, known) or name.startswith("ha_lb_"))
    ]


def unread_variables(variables: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield a warning for each name that begins like ours, and may be of a role of somebody else."""
    known = sorted([*COLLECTION_VARIABLES, *spec])
    for name in variables if spec else ():
        if name not in known and not (is_read(name) or _close(name, known) or name.startswith("ha_lb_")):
            yield f"{name}: no role of this collection reads it"


def _close(name: str, known: Sequence[str]) -> List[str]:
    return difflib.get_close_matches(name, known, n=1, cutoff=ALMOST_THE_SAME)
