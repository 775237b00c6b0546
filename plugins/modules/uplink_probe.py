#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: uplink_probe
short_description: Find which uplinks a node reaches
version_added: 0.2.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Asks every address by ICMP, or by a connection to a TCP port, at most three times in three seconds, all at once; one
    answer is enough.
  - Changes nothing.
options:
  uplinks:
    description: >-
      What is asked, a list of C({address, port}), where a port is one of TCP, and null or none stands for ICMP. What
      else the agents are told of an uplink is left aside.
    type: list
    elements: dict
    required: true
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Ask the default gateway
  evenkeel.ha_lb.uplink_probe:
    uplinks: [{address: 192.0.2.1}]
"""
RETURN = r"""
uplinks:
  description: What came of every one, in their order.
  type: list
  elements: dict
  returned: success
  contains:
    address: {description: The address., type: str}
    port: {description: The port; null for ICMP., type: int}
    reached: {description: Whether it answers., type: bool}
    why: {description: Why it does not; empty if it does., type: str}
    in_force: {description: Whether the agents of this host ask it already., type: bool}
"""

import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.agent.ear.once import asked_once
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.files import content
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths import UPLINKS
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import roots_rights


def in_force() -> set:
    """Return address and port of all that the agents ask."""
    try:
        listed = json.loads(content(Path(UPLINKS)) or b"[]")
        return {(each["address"], each["port"]) for each in listed}
    except (ValueError, LookupError, TypeError):
        return set()


def main() -> None:
    module = AnsibleModule(
        argument_spec={"uplinks": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True
    )
    asked = [{"address": each["address"], "port": each.get("port")} for each in module.params["uplinks"]]
    with roots_rights(module):
        known = in_force()
        found = asked_once(asked)
        told = [{**each, "in_force": (each["address"], each["port"]) in known} for each in found]
        module.exit_json(changed=False, uplinks=told)


if __name__ == "__main__":
    main()
