# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to know of nodes that keeps none from taking over: of their agents, and of what they have loaded."""

from __future__ import annotations

import time
from typing import Any, Iterator, Mapping

from ..basics.visible import shortened
from ..basics.wording import listed
from ..host.http_probe import SERVES
from ..keepalived.live.agents import LONGEST, stopped
from ..keepalived.live.standing import Look

DAY = 86400.0
FEW = 3  # acts of a node, of which people are told
MOST = 20  # of anything that one node says
AGENTS = {
    "guard": "nothing mends its keepalived",
    "ear": "nobody hears strangers there",
}
DRIFT = {
    "loaded": "{node}: {unit} runs another configuration than {path} has: site puts the wanted one in force",
    "staged": "{node}: {path} is not what site has staged last: site puts that in force",
}


def remarks(looks: Mapping[str, Look]) -> dict[str, Any]:
    """Return what the looks say besides.

    `acts` (node, time, cause, did) of the last day, `heard` (node, name, kind, message, since), `drift` (node, unit,
    path, kind), and `notes`, all of it as sentences for people.
    """
    acts = _of_nodes(looks, "guard", "acts")
    heard = _of_nodes(looks, "ear", "findings")
    drifted = [{"node": node, **each} for node, look in looks.items() for each in (look.get("drift") or ())[:MOST]]
    recent = [each for each in acts if each["age_seconds"] <= DAY]
    return {
        "acts": recent,
        "heard": heard,
        "drift": drifted,
        "notes": [
            *(line for node, look in looks.items() for line in _stopped(node, look)),
            *(DRIFT[each["kind"]].format(**each) for each in drifted if _matters(each, looks[each["node"]])),
            *_heard(heard),
            *(_unreached(each) for each in _of_nodes(looks, "ear", "unreached")),
            *(line for node in looks for line in _acts([each for each in recent if each["node"] == node])),
        ],
    }


def _of_nodes(looks: Mapping[str, Look], agent: str, key: str) -> list[dict[str, Any]]:
    said = {node: (look.get(agent) or {}).get(key) or () for node, look in looks.items()}
    return [{"node": node, **_short(each)} for node, listed in said.items() for each in listed[-MOST:]]


def _short(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: shortened(each, LONGEST) if isinstance(each, str) else each for key, each in said.items()}


def _stopped(node: str, look: Look) -> Iterator[str]:
    for agent, so in AGENTS.items():
        if stopped(look.get(agent) or {}):
            yield f"{node}: its {agent} does not run, so {so}: see journalctl -u ha_lb-{agent}"


def _matters(drift: Mapping[str, Any], look: Look) -> bool:
    """Tell whether the unit runs: of one that does not, more is said elsewhere."""
    runs = look.get("running") if drift["unit"] == "keepalived" else look.get("proxy") in SERVES
    return drift["kind"] in DRIFT and bool(runs)


def _heard(found: list[dict[str, Any]]) -> Iterator[str]:
    by_message: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        by_message.setdefault(each["message"].rstrip("."), []).append(each)
    for message, those in by_message.items():
        since = min(each["since"] for each in those)
        yield f"{listed(dict.fromkeys(each['node'] for each in those))}, since {moment(since)}: {message}"


def _unreached(each: Mapping[str, Any]) -> str:
    port = f" port {each['port']}" if each["port"] else ""
    why = f" ({each['why']})" if each["why"] else ""
    return f"{each['node']} does not reach its uplink {each['address']}{port} for {each['for_seconds']:.0f} s{why}"


def _acts(acts: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what the guard of one node did, the same acts as one, and the last ones of many."""
    same: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in reversed(acts):
        same.setdefault((each["did"], each["cause"]), []).append(each)
    for (did, cause), those in reversed(list(same.items())[:FEW]):
        often = f", the last of {len(those)} times in a day," if len(those) > 1 else ""
        yield f"{those[0]['node']}: at {moment(those[0]['time'])}{often} its guard {did}, because {cause}"
    if len(same) > FEW:
        yield f"{acts[0]['node']}: its guard acted {len(acts)} times in a day: see journalctl -u ha_lb-guard"


def moment(seconds: float) -> str:
    """Return a time of the epoch for people."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
