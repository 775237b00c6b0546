# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of all nodes say together: who holds what, and whether it is as it must be."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any, Mapping, NamedTuple, Sequence

from ..basics.table import columns
from ..cluster.record import Record
from ..cluster.run_variables import names_in
from ..keepalived.live.standing import Obstacle, drained
from ..vrrp.layout import instance_name
from ..vrrp.model import Vip
from ..vrrp.read import read_vips
from .remarks import moment, remarks
from .takeover import Looks, Verdict, is_expected, of_row, sentences, verdicts, vips_by_address

NOT_ASKED = "not asked"  # left out of the run by --limit
CAN = "can take over"
COLUMNS = ("node", "instance", CAN, "state", "role", "priority", "holds", "proxy")
ROLES = {"MASTER": "active", "BACKUP": "backup"}


class Shared(NamedTuple):
    """An address that more than one node holds."""

    vip: str
    address: str
    nodes: list[str]

    @property
    def message(self) -> str:
        """Say so."""
        return f"VIP {self.vip}: {' and '.join(self.nodes)} hold {self.address} at the same time"


def cluster_status(vips: Any, record: Record, order: Sequence[str] = (), accepted: Any = ()) -> dict[str, Any]:
    """Judge the newest look at every node, and what answered it.

    `order` are the nodes that were to be changed; `accepted` those of which people know that they cannot take over, as
    C(ha_lb_accept_degraded) has them. Of the record of a node this reads `now` (what M(vrrp_info) returned), `answers`
    (of M(vip_probe)) and `outcome`.

    Returns `rows` (one for each node and instance), `table` (the same for people), `can_take_over` (node, vip,
    can_take_over, because, do), `findings` (sentences; none when every VIP has exactly one holder, answers, and can be
    taken over by every node that was asked), `pending` (those that time may mend), `shared` (vip, address and nodes,
    where there is more than one holder), `warnings` (sentences of all nodes that could not take over, also of those
    that are accepted or drained), `drained` (node, since, survives_reboot, by: out of service by people, or for a while
    by a playbook, which is no finding), what operations.remarks returns, and `notes` (all that is no finding, as
    sentences).

    Raises Refused for wrong VIPs.
    """
    infos = {node: known.get("now") or {} for node, known in record.items()}
    read = read_vips(vips)
    judged = verdicts(read, infos)
    names = vips_by_address(read)
    rows = [row for node in infos for row in _rows(node, infos[node], names, judged)]
    whole = [*_unchanged(order, record), *misplaced(vips, infos)]
    late = _unanswered({node: known.get("answers") or [] for node, known in record.items()})
    return {
        **_told(whole, late, names_in(accepted), infos, sentences(judged, infos)),
        "rows": rows,
        "table": "\n".join(columns([COLUMNS, *([_cell(row, column) for column in COLUMNS] for row in rows)])),
        "can_take_over": [each.shown(infos) for each in judged],
        "shared": [each._asdict() for each in two_holders(read, infos)],
        "drained": [{"node": node, **_shown(info["drain"])} for node, info in infos.items() if drained(info)],
    }


def _told(
    whole: Sequence[str], late: Sequence[str], accept: Sequence[str], infos: Looks, unable: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return what is told: as a failure, or, where people know it, as a note; and what the agents say besides."""
    degraded = {node: lines for node, lines in unable.items() if node not in accept and not is_expected(infos[node])}
    reached = [node for node in degraded if not infos[node].get("unreachable")]
    besides = remarks(infos)
    drains = [_note(node, info["drain"]) for node, info in infos.items() if drained(info)]
    return {
        **besides,
        "findings": [*whole, *chain(*degraded.values()), *late],
        "pending": [*whole, *(line for node in reached for line in degraded[node]), *late],
        "warnings": list(chain(*unable.values())),
        "notes": [*drains, *_known(accept, infos, unable), *besides["notes"]],
    }


def _known(names: Sequence[str], infos: Looks, unable: Mapping[str, list[str]]) -> list[str]:
    """Say what is not reported as a failure, because people know it; and where nothing is to be known any more."""
    lines = []
    for node, info in infos.items():
        if node in names and info:
            lines += [f"{line} (ha_lb_accept_degraded)" for line in unable.get(node, ())]
            if not unable.get(node) and not drained(info):
                lines.append(f"{node} is in ha_lb_accept_degraded, and nothing is wrong with it: take it out there")
        elif is_expected(info):
            lines += [f"{line} (it is drained)" for line in unable.get(node, ())]
    return lines


def _shown(drain: Mapping[str, Any]) -> dict[str, Any]:
    return {"since": drain["since"], "survives_reboot": drain["survives_reboot"], "by": drain.get("by", "")}


def _note(node: str, drain: Mapping[str, Any]) -> str:
    since = moment(drain["since"])
    lasts = "also after a reboot" if drain["survives_reboot"] else "until it is rebooted"
    by = drain.get("by", "")
    if by:
        ends = f"when that run is dead, {by}, site or restore -e ha_lb_node={node} brings it back"
        return f"{node} is drained by {by} since {since}, {lasts}; {ends}"
    return f"{node} is drained since {since}, {lasts}; restore -e ha_lb_node={node} brings it back"


def vrids_in_use(vips: Any, record: Record) -> list[dict[str, Any]]:
    """Return C({vip, vrid}) of each VIP that runs on one of the nodes already; where they differ, most of them say.

    Raises Refused for wrong VIPs.
    """
    running: dict[str, Counter[int]] = {}
    for known in record.values():
        for instance in (known.get("before") or {}).get("instances") or ():
            running.setdefault(instance["name"], Counter())[instance["vrid"]] += 1
    names = {vip.name: instance_name(vip, vip.families[0]) for vip in read_vips(vips)}
    return [{"vip": vip, "vrid": running[name].most_common(1)[0][0]} for vip, name in names.items() if name in running]


def _rows(
    node: str, info: Mapping[str, Any], names: Mapping[str, str], judged: Sequence[Verdict]
) -> list[dict[str, Any]]:
    row = {"node": node, "instance": "-", "state": "-", "role": "-", "priority": "-", "holds": "-", "proxy": "-"}
    mine = [each for each in judged if each.node == node]
    if not info:
        return [{**row, "state": NOT_ASKED, "can_take_over": None, "because": ""}]
    if "running" not in info:
        state = "unreachable" if info.get("unreachable") else str(info.get("msg"))
        return [{**row, "state": state, **_able(of_row({}, names, mine, info))}]
    if not info["instances"]:
        here = {"state": "keepalived is not running", "holds": ", ".join(info["held"]) or "-", "proxy": info["proxy"]}
        return [{**row, **here, **_able(of_row({}, names, mine, info))}]
    return [
        {
            "node": node,
            "instance": each["name"],
            "state": each["state"],
            "role": _role(each["state"], info),
            "priority": each["effective_priority"],
            "holds": ", ".join(each["held"]) or "-",
            "proxy": info["proxy"],
            **_able(of_row(each, names, mine, info)),
        }
        for each in info["instances"]
    ]


def _able(wrong: Obstacle) -> dict[str, Any]:
    return {"can_take_over": not wrong, "because": wrong.why}


def _cell(row: Mapping[str, Any], column: str) -> Any:
    if column != CAN:
        return row[column]
    return {None: "-", True: "yes", False: "no"}[row["can_take_over"]]


def _role(state: str, info: Mapping[str, Any]) -> str:
    """Say what a node is to an instance, in words."""
    if not drained(info):
        return ROLES.get(state, "out")
    return "active, drained" if state == "MASTER" else "drained"


def _unchanged(order: Sequence[str], record: Record) -> list[str]:
    findings = []
    reached = True
    for node in order:
        outcome = record[node]["outcome"]
        if not outcome["done"]:
            reason = outcome["failure"] or ("it was lost on the way" if reached else "left alone after that")
            findings.append(f"node {node}: not changed as wanted: {reason}")
            reached = False
    return findings


def misplaced(vips: Any, infos: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say which VIPs do not have exactly one holder.

    Raises Refused for wrong VIPs.
    """
    read = read_vips(vips)
    return [*_held_by_none(read, infos), *(each.message for each in two_holders(read, infos))]


def two_holders(vips: Sequence[Vip], infos: Mapping[str, Mapping[str, Any]]) -> list[Shared]:
    """Return the addresses that more than one node holds."""
    holders = [(vip, address, _holders(address, infos)) for vip, address in _addresses(vips)]
    return [Shared(vip.name, address, nodes) for vip, address, nodes in holders if len(nodes) > 1]


def _addresses(vips: Sequence[Vip]) -> list[tuple[Vip, str]]:
    return [(vip, str(each.ip)) for vip in vips for each in vip.addresses]


def _holders(address: str, infos: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [node for node, info in infos.items() if address in info.get("held", ())]


def _held_by_none(vips: Sequence[Vip], infos: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not all(infos.values()):
        return []
    return [
        f"VIP {vip.name}: no node holds {address}" for vip, address in _addresses(vips) if not _holders(address, infos)
    ]


def _unanswered(answers: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    return [
        f"service {each['service']}: {each['address']} port {each['port']} does not answer, "
        f"asked from {node} ({each['what']})"
        for node, all_of_them in answers.items()
        for each in all_of_them
        if not each["ok"]
    ]
