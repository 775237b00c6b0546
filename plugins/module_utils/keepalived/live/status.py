# SPDX-License-Identifier: GPL-3.0-or-later
"""Read keepalived's JSON dump (SIGRTMIN+2), whatever its version."""

from __future__ import annotations

import json
from typing import Any

from ...basics.errors import HaLbError

STATES = {0: "INIT", 1: "BACKUP", 2: "MASTER", 3: "FAULT", 97: "STOP", 98: "DELETED"}  # vrrp.h


def read_status(text: str) -> list[dict[str, Any]]:
    """Return the instances of a dump, in keepalived 2.2's shape (a list) or that of `json_version 2` (a mapping).

    {name, vrid, interface, state, priority, effective_priority, since, addresses, became_active, released,
    preempt, preempt_delay, advert_interval, adverts_received, adverts_sent}; `since` is seconds since the epoch, the
    delay and the interval in seconds.
    Raises HaLbError when it is no dump of keepalived.
    """
    try:
        dump = json.loads(text)
        entries = dump["vrrp"] if isinstance(dump, dict) else dump
        return [_instance(entry["data"], entry["stats"]) for entry in entries]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise HaLbError(f"keepalived's status cannot be read: {type(error).__name__} {error}") from error


def _instance(data: dict[str, Any], stats: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": data["iname"],
        "vrid": data["vrid"],
        "interface": data["ifp_ifname"],
        "state": STATES.get(data["state"], f"unknown ({data['state']})"),
        "priority": data["base_priority"],
        "effective_priority": data["effective_priority"],
        "since": data["last_transition"],
        "addresses": [each.split()[0] for each in data["vips"]],
        "became_active": stats["become_master"],
        "released": stats["release_master"],
        "preempt": not data.get("nopreempt"),
        "preempt_delay": float(data.get("preempt_delay") or 0),
        "advert_interval": data.get("master_adver_int") or data.get("adver_int") or 1.0,
        "adverts_received": stats["advert_rcvd"],
        "adverts_sent": stats["advert_sent"],
    }
