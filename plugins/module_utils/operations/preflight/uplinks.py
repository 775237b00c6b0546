# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes reach of their uplinks, before anything is changed."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ...basics.errors import Refused
from ...basics.wording import listed
from ...vrrp.uplinks import uplinks_config

Said = Mapping[str, Mapping[str, Any]]
"""What nodes say of one uplink, see M(uplink_probe)."""


class Uplinks(NamedTuple):
    """`lines` for people, one for every uplink, and `findings`, sentences that stop a run."""

    lines: Tuple[str, ...] = ()
    findings: Tuple[str, ...] = ()


def reached_uplinks(given: Any, answers: Said) -> Uplinks:
    """Say which nodes reach which uplinks; `given` is `ha_lb_uplinks`, `answers` of M(uplink_probe) by node.

    A new uplink that no node reaches is a finding: that address is wrong rather than out of order. One that the agents
    ask already stops nothing, because `site` is needed most while the network is out of order.
    """
    asked = {node: each for node, each in answers.items() if each}
    if not given or not asked:
        return Uplinks()
    try:
        configured = [(each["address"], each["port"]) for each in uplinks_config(given)]
    except Refused:
        return Uplinks()
    said = {uplink: _said(uplink, asked) for uplink in configured}
    silent = (
        f"{node} does not say what it reaches ({each.get('msg') or 'no reason given'})"
        for node, each in asked.items()
        if "uplinks" not in each
    )
    return Uplinks(
        (*(_line(_named(*uplink), each) for uplink, each in said.items() if each), *silent),
        tuple(_findings({_named(*uplink): each for uplink, each in said.items() if each})),
    )


def _said(uplink: Tuple[str, Any], asked: Said) -> Said:
    return {
        node: each
        for node, answer in asked.items()
        for each in answer.get("uplinks") or ()
        if (each.get("address"), each.get("port")) == uplink
    }


def _findings(said: Mapping[str, Said]) -> Iterator[str]:
    for uplink, answers in said.items():
        if not any(each.get("reached") or each.get("in_force") for each in answers.values()):
            yield (
                f"ha_lb_uplinks: no node reaches {uplink} ({_why(list(answers.values()))}): mend the address, or the "
                "way to it, because a node that reaches none of its uplinks is taken for cut off"
            )


def _line(uplink: str, said: Said) -> str:
    missing: List[str] = [node for node, each in said.items() if not each.get("reached")]
    if not missing:
        return f"all nodes reach {uplink}"
    does = "does" if len(missing) == 1 else "do"
    who = "no node reaches" if len(missing) == len(said) else f"{listed(missing)} {does} not reach"
    return f"{who} {uplink} ({_why([said[node] for node in missing])})"


def _named(address: str, port: Any) -> str:
    shown = f"[{address}]" if port and ":" in address else address
    return f"{shown}:{port}" if port else shown


def _why(said: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(each["why"]) for each in said if each.get("why"))) or "no answer"
