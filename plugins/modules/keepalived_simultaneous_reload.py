#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_simultaneous_reload
short_description: Reload keepalived of several nodes at one moment
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Runs on all these nodes at the same time, with C(async). They find each other by packets of IP protocol 112, and one
    of them tells the others how many seconds are left, so that their clocks need not agree.
  - Packets from other addresses than O(addresses), without the proof of O(word), or that come twice are ignored.
  - If a node is missing, none reloads. If keepalived does not accept the configuration, the previous one is put back on
    that node, and the module fails there.
options:
  word:
    description:
      - A secret of these nodes for this one reload, of 16 characters or more. It is the key by which they prove their
        packets to each other, and is never sent.
    type: str
    required: true
  node: {description: Which of O(addresses) this node is., type: str, required: true}
  addresses:
    description: All nodes that reload, by name, with the address of each towards the others.
    type: dict
    required: true
  vips:
    description: The VIPs that are counted to find the node that holds most; with or without prefix length.
    type: list
    elements: str
    default: []
  last_waits_seconds:
    description: How many seconds after the others the node reloads that holds most of O(vips).
    type: float
    default: 0
  wait_seconds: {description: How long to wait for the others., type: float, default: 60}
  staged: {description: The new configuration; already tested., type: path, required: true}
  restore:
    description: Load again the configuration that was in force before O(staged) was loaded.
    type: bool
    default: false
  path: {description: The configuration that keepalived reads., type: path, default: /etc/keepalived/keepalived.conf}
  mode: {description: Mode of O(path)., type: str, default: "0640"}
  loaded:
    description: Where the unit records what it loaded, in the format of C(sha256sum).
    type: path
    default: /run/ha_lb/keepalived.loaded
  drop_in:
    description: The drop-in of the unit that keeps that record.
    type: path
    default: /etc/systemd/system/keepalived.service.d/ha_lb.conf
attributes:
  check_mode: {description: Reports whether there is anything to load., support: full}
"""
EXAMPLES = r"""
- name: Reload at one moment
  evenkeel.ha_lb.keepalived_simultaneous_reload:
    word: "{{ word_of_this_reload }}"
    node: "{{ inventory_hostname }}"
    addresses: {lb1: 192.0.2.11, lb2: 192.0.2.12}
    staged: /var/lib/ha_lb/keepalived.conf
  async: 120
  poll: 0
"""
RETURN = r"""
difference:
  description: What kept the staged configuration from being in force.
  type: dict
  returned: success
  contains:
    file: {description: The file is another., type: bool}
    loaded: {description: The unit has loaded another., type: bool}
    running: {description: The unit does not run., type: bool}
    enabled: {description: The unit is not enabled., type: bool}
    unit: {description: The unit's own files are newer than what systemd knows., type: bool}
    program: {description: Another version of the program runs., type: bool}
waited:
  description: Whether this node waited O(last_waits_seconds), because it held most of O(vips).
  type: bool
  returned: when there was anything to load
late_seconds:
  description: How many seconds after the agreed moment keepalived had loaded the configuration.
  type: float
  returned: when there was anything to load
"""

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.address import bare
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host import files, paths
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.unit_config import (
    Difference,
    UnitService,
    activate,
    compare,
    prepare,
    restore,
)
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.live.dump import held_addresses
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, roots_rights
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.discreet import message
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.site.simultaneous_reload import Participant
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.site.simultaneous_sockets import agree


def reload_with_peers(module: DiscreetModule, service: UnitService, difference: Difference) -> dict[str, Any]:
    params = module.params

    def write(path: Path, data: bytes) -> None:
        files.replace(path, data, params["mode"], "root")

    prepare(service, difference, module.run_command)
    participant = Participant(
        word=params["word"],
        node=params["node"],
        nodes=tuple(sorted(params["addresses"])),
        held=len(held_addresses(module.run_command).intersection(map(bare, params["vips"]))),
        begin=time.monotonic(),
        patience=params["wait_seconds"],
    )
    moment = agree(participant, params["node"], params["addresses"])
    waited = bool(params["last_waits_seconds"]) and participant.last == params["node"]
    if waited:
        moment += params["last_waits_seconds"]
        time.sleep(max(0.0, moment - time.monotonic()))
    if params["restore"]:
        restore(service, module.run_command, write)
    else:
        activate(service, replace(difference, unit=False, enabled=False), module.run_command, write)
    return {"waited": waited, "late_seconds": round(time.monotonic() - moment, 3)}


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "word": {"type": "str", "required": True, "no_log": True},
            "node": {"type": "str", "required": True},
            "addresses": {"type": "dict", "required": True},
            "vips": {"type": "list", "elements": "str", "default": []},
            "last_waits_seconds": {"type": "float", "default": 0},
            "wait_seconds": {"type": "float", "default": 60},
            "staged": {"type": "path", "required": True},
            "restore": {"type": "bool", "default": False},
            "path": {"type": "path", "default": "/etc/keepalived/keepalived.conf"},
            "mode": {"type": "str", "default": "0640"},
            "loaded": {"type": "path", "default": paths.KEEPALIVED_LOADED},
            "drop_in": {"type": "path", "default": paths.KEEPALIVED_DROP_IN},
        },
        supports_check_mode=True,
    )
    texts = []
    with roots_rights(module, lambda said: message(module.params["path"], said, *texts)):
        given = {name: Path(module.params[name]) for name in ("staged", "path", "loaded", "drop_in")}
        service = UnitService(unit="keepalived", **given)
        places = (service.path, service.staged, service.before)
        texts += [(files.content(each) or b"").decode(errors="replace") for each in places]
        difference = compare(service, module.run_command)
        changed = bool(difference) or module.params["restore"]
        reloaded = reload_with_peers(module, service, difference) if changed and not module.check_mode else {}
        module.exit_json(changed=changed, difference=asdict(difference), **reloaded)


if __name__ == "__main__":
    main()
