# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived has loaded, for the agents, without its passwords: a program of its own, for its memory.

The guard runs it whenever keepalived has loaded a configuration.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict

from ...basics.errors import HaLbError
from ...host.paths import KEEPALIVED_CONFIG
from ...keepalived.config.model import ConfiguredInstance, ConfiguredNode
from ...keepalived.config.read import read_node
from ...keepalived.language.includes import read_file, read_includes
from ...keepalived.language.parser import parse
from ...keepalived.language.tree import Directive
from ..files import EVERYBODYS, write_whole


def loaded(text: str, file: str = KEEPALIVED_CONFIG) -> Dict[str, Any]:
    """Return `node`, `instances` and `rise_seconds` of a configuration, as JSON has them; times are in seconds."""
    node = read_node("", parse(text, file, read=read_includes))
    name = node.setting("router_id")
    shown = name.arguments[0] if name and name.arguments else ""
    return {
        "node": shown,
        "rise_seconds": _rise(node),
        "instances": [_instance(node, each) for each in node.instances if each.vrid is not None],
    }


def _rise(node: ConfiguredNode) -> float:
    """Return for how long a script may have to succeed before an instance leaves FAULT."""
    scripts = node.tree.all("vrrp_script")
    return max((_number(each, "interval") * _number(each, "rise") for each in scripts), default=1.0)


def _number(script: Directive, keyword: str) -> float:
    found = script.last(keyword)
    try:
        return float(found.arguments[0]) if found and found.arguments else 1.0
    except ValueError:
        return 1.0


def _instance(node: ConfiguredNode, instance: ConfiguredInstance) -> Dict[str, Any]:
    return {
        "name": instance.name,
        "vrid": instance.vrid,
        "family": instance.family,
        "interface": instance.interface,
        "version": instance.version,
        "priority": instance.priority,
        "interval_seconds": instance.advert_interval,
        "down_timer_adverts": instance.down_timer_adverts,
        "preempt": not instance.nopreempt,
        "preempt_delay_seconds": instance.preempt_delay,
        "transport": "multicast" if instance.peers is None else "unicast",
        "source": instance.source,
        "peers": [peer.ip for peer in instance.peers or ()],
        "addresses": [address.ip for address in (*instance.addresses, *instance.excluded)],
        "grouped": node.group_of(instance) is not None,
        "vmac": instance.has("use_vmac"),
    }


def main() -> None:
    """Write the file that the environment names."""
    try:
        shown = loaded(read_file(Path(KEEPALIVED_CONFIG)))
        write_whole(os.environ["HA_LB_INSTANCES"], json.dumps(shown), EVERYBODYS)
    except (HaLbError, OSError) as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
