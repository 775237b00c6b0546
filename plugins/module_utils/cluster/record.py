# SPDX-License-Identifier: GPL-3.0-or-later
"""What one run knows of every node, as data: the only place that reads what the tasks of the playbooks registered."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping

from ..basics.errors import Refused
from ..keepalived.live.standing import standing
from ..vrrp.read import read_vips
from .facts import refuse_usurper

Record = Mapping[str, Mapping[str, Any]]
"""By node: `before`, `earlier` and `now` are looks (what M(vrrp_info) returned), `answers` those of its services,
`wire`, `uplinks`, `config`, `plan` and `versions` what the modules of these names returned, `outcome` what became of
its change, and `standing` what it is to the cluster by the newest look (see keepalived.live.standing)."""

OUTCOME: Mapping[str, Any] = {
    "begun": False,  # its turn has come
    "same": False,  # there was nothing to change
    "done": False,
    "failure": "",  # why it is not done
    "restored": False,  # it runs what it ran before
    "not_restored": "",  # why it does not
    "reloaded": False,  # keepalived took part in a simultaneous reload
}


def node_records(
    names: Iterable[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    run: str,
    places: Mapping[str, str],
    vips: Any = (),
) -> Dict[str, Dict[str, Any]]:
    """Return the record of every named node; `vips` as in the input.

    `places` has the variable of every key, and under `run` the one with the id of the run that last wrote the others:
    of a node that run `run` has not asked nothing is known, whatever an earlier run of this process has left there.
    Raises HaLbError where a fact of a node is called like a variable of ours: whatever would be decided, is its.
    """
    addresses = _addresses(vips)
    records = {}
    for name in names:
        variables = hostvars[name]
        refuse_usurper(name, variables)
        records[name] = _record(variables, run, places, addresses)
    return records


def _addresses(vips: Any) -> Dict[str, List[str]]:
    """Return the addresses of every VIP by its name; none of those that are refused, as whoever checks them reports."""
    try:
        return {vip.name: [str(address.ip) for address in vip.addresses] for vip in read_vips(vips or [])}
    except Refused:
        return {}


def _record(
    variables: Mapping[str, Any], run: str, places: Mapping[str, str], vips: Mapping[str, List[str]]
) -> Dict[str, Any]:
    asked = variables.get(places["run"]) == run
    known = {key: variables.get(place) if asked else None for key, place in places.items() if key != "run"}
    record: Dict[str, Any] = {key: _plain(value) for key, value in known.items()}
    record["answers"] = record.get("answers", {}).get("answers") or []
    record["outcome"] = {**OUTCOME, **record.get("outcome", {})}
    record["standing"] = standing(newest_look(record), vips)
    return record


def _plain(value: Any) -> Any:
    """Return what a task registered; nothing where it was skipped, or never run."""
    return {} if not value or (isinstance(value, Mapping) and value.get("skipped")) else value


def newest_look(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the newest look at a node; an empty one where there was none."""
    return known.get("now") or known.get("before") or {}


def of_every_node(record: Record, key: str) -> Dict[str, Any]:
    """Return what is known of every node under one key, by the node's name."""
    return {name: known.get(key) or {} for name, known in record.items()}


def found_on(record: Record, nodes: Iterable[str], **more: Any) -> Dict[str, Any]:
    """Return what preflight has found on these `nodes`, with `more` that the record does not have.

    `states`, `wire` and `uplinks` by node, and the `configs` that are there.
    """
    known = {name: record[name] for name in nodes}
    return {
        **more,
        "nodes": list(known),
        "states": of_every_node(known, "before"),
        "wire": of_every_node(known, "wire"),
        "uplinks": of_every_node(known, "uplinks"),
        "configs": [each["config"] for each in of_every_node(known, "config").values() if each.get("config")],
    }


def first_locked(record: Record) -> str:
    """Return the first node whose lock this run has: the one that every other run asks first."""
    return next(name for name, known in record.items() if known["lock"].get("id"))


def locks_of_others(record: Record) -> List[str]:
    """Return a sentence for every node whose lock another run has."""
    return [known["lock"]["msg"] for known in record.values() if "holder" in known["lock"]]
