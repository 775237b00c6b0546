# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node can take over which VIP, by the looks at all of them; what keeps one from it, and what to do then."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

from ..basics.address import bare
from ..basics.wording import listed
from ..host.paths import RUN
from ..keepalived.live.standing import (
    NONE,
    Look,
    Obstacle,
    drained,
    drained_by,
    instances_by_address,
    instances_of,
    obstacle,
    vip_obstacle,
)
from ..vrrp.model import Vip

Looks = Mapping[str, Look]
Instance = Mapping[str, Any]
ADVERTS = 4  # three may be missed before a backup takes over, and its skew is less than one more
MARGIN = 10.0  # seconds, for a busy host
AWAY = "away"
DO = {
    "unreached": "see that Ansible can log in on {node}",
    "silent": "see journalctl -u keepalived on {node}",
    "stopped": "systemctl start keepalived on {node}; journalctl -u keepalived says why it ended",
    "proxy": "see systemctl status {proxy} on {node}",
    "fault": f"see journalctl -u keepalived on {{node}}: a file of {RUN} that is not 0, or the interface",
    "unfit": "its guard mends that when it may; if it stays, systemctl restart keepalived on {node}",
    "missing": "run site",
    "drained": "restore -e ha_lb_node={node} brings it back",
    AWAY: "systemctl restart keepalived on {node}, unless its guard has done so (journalctl -u ha_lb-guard)",
}
"""What to do, by the kind of an obstacle."""


class Verdict(NamedTuple):
    """Whether a node can take over a VIP: nothing keeps it from that, or an obstacle does."""

    node: str
    vip: str
    obstacle: Obstacle

    def shown(self, looks: Looks) -> dict[str, Any]:
        """Return it as data: `can_take_over`, `because` and `do`, of which both are empty where it can."""
        place = {"node": self.node, "vip": self.vip, "can_take_over": not self.obstacle}
        return {**place, "because": self.obstacle.why, "do": _do(self, looks)}


def verdicts(vips: Sequence[Vip], looks: Looks) -> list[Verdict]:
    """Return one verdict for every node that was asked and every VIP that it may have."""
    active = _active(looks)
    addresses = {vip.name: [str(address.ip) for address in vip.addresses] for vip in vips}
    found = []
    for node, look in looks.items():
        index = instances_by_address(look)
        for vip in vips:
            if look and vip.may_be_on(node):
                instances = instances_of(addresses[vip.name], index)
                wrong = vip_obstacle(look, vip.name, instances) or _away(instances, active)
                found.append(Verdict(node, vip.name, wrong))
    return found


def _active(looks: Looks) -> dict[str, list[tuple[str, Instance]]]:
    """Return by the name of an instance the nodes on which it is active."""
    found: dict[str, list[tuple[str, Instance]]] = {}
    for node, look in looks.items():
        for each in look.get("instances") or ():
            if each["state"] == "MASTER":
                found.setdefault(each["name"], []).append((node, each))
    return found


def _away(instances: Sequence[Instance], active: Mapping[str, Sequence[tuple[str, Instance]]]) -> Obstacle:
    """Return that a node leaves a VIP, which it has by these instances, to another."""
    backups = [each for each in instances if each["state"] == "BACKUP" and each.get("preempt")]
    left = (_left(mine, node, theirs) for mine in backups for node, theirs in active.get(mine["name"], ()))
    return next(filter(None, left), NONE)


def _left(mine: Instance, node: str, theirs: Instance) -> Obstacle:
    """Return that a backup leaves a VIP to a lower priority, which `node` has, for longer than preemption explains."""
    calm = min(mine.get("calm_seconds", 0.0), theirs.get("calm_seconds", 0.0))
    if mine["effective_priority"] <= theirs["effective_priority"] or calm <= explained_seconds(mine):
        return NONE
    higher = f"{mine['effective_priority']}, {node} has {theirs['effective_priority']}"
    return Obstacle(AWAY, f"has the higher priority ({higher}) and does not take it, for {calm:.0f} s")


def explained_seconds(instance: Instance) -> float:
    """Return for how long preemption explains that a VIP is away from its first choice."""
    return float(instance["preempt_delay"] + ADVERTS * instance["advert_interval"] + MARGIN)


def is_expected(look: Look) -> bool:
    """Tell whether people know that a node takes over nothing: they have drained it, or a run that lives has."""
    return drained(look) and (not drained_by(look) or bool(look.get("locked")))


def sentences(found: Sequence[Verdict], looks: Looks) -> dict[str, list[str]]:
    """Return by node why it cannot take over, and what to do: one sentence for all VIPs of which the same is true.

    That a node is drained is none where that is expected: others tell of that.
    """
    same: dict[tuple[str, Obstacle], list[Verdict]] = {}
    for each in found:
        if each.obstacle and not (each.obstacle.kind == "drained" and is_expected(looks[each.node])):
            same.setdefault((each.node, each.obstacle), []).append(each)
    said: dict[str, list[str]] = {}
    for (node, wrong), those in same.items():
        names = listed(each.vip for each in those)
        said.setdefault(node, []).append(
            f"{node} cannot take over {names}, because it {wrong.why}: {_do(those[0], looks)}"
        )
    return said


def _do(verdict: Verdict, looks: Looks) -> str:
    node, kind = verdict.node, verdict.obstacle.kind
    by = drained_by(looks[node])
    if kind == "drained" and by:
        return f"when {by} is dead, {by}, site or restore -e ha_lb_node={node} brings it back"
    units = [each for each in looks[node].get("units") or () if each != "keepalived"]
    return DO[kind].format(node=node, proxy=units[0] if units else "of its proxy") if kind else ""


def vips_by_address(vips: Sequence[Vip]) -> dict[str, str]:
    """Return the name of the VIP that has an address, by the address."""
    return {str(address.ip): vip.name for vip in vips for address in vip.addresses}


def of_row(instance: Instance, names: Mapping[str, str], found: Sequence[Verdict], look: Look) -> Obstacle:
    """Return the obstacle of one row of a table: of an instance, or of a node that has none ({}).

    `names` are those of the VIPs by their addresses, `found` the verdicts of this node.
    """
    has = {names.get(bare(address)) for address in instance.get("addresses") or ()}
    mine = [each.obstacle for each in found if each.vip in has or not instance]
    return next(filter(None, mine), NONE) if mine else obstacle(look)
