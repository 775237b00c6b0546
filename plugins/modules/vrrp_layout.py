#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_layout
short_description: Lay out virtual addresses over nodes
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Gives every VIP a VRID and an order of nodes, and every node of that order a priority. First choices are spread
    evenly; when a node is lost, its VIPs spread evenly over the others, and nearly so when a second one is lost.
  - An additional node takes its share and nothing else moves; an additional VIP moves none on up to four nodes. No VRID
    changes.
  - Proves the layout by simulating every single failure (of a node, its network, its proxy, its keepalived, its
    uplinks) and every pair of them.
  - Changes nothing.
options:
  nodes:
    description:
      - The nodes, a list of C({name, address, ansible_host}). C(address) is the address towards the peers, or a list
        with one for IPv4 and one for IPv6; it may be left out where C(ansible_host) is in the VIP's subnet.
    type: raw
    required: true
  vips:
    description: The virtual addresses, as C(ha_lb_vips).
    type: raw
    required: true
  vrrp_version: {description: Version of the protocol., type: int, choices: [2, 3], default: 3}
  transport: {description: How adverts travel., type: str, choices: [unicast, multicast], default: unicast}
  advert_interval_seconds: {description: Time between adverts; 0.1 by default and 1 for version 2., type: float}
  down_timer_adverts: {description: Adverts that may be missed., type: int, default: 3}
  preempt: {description: Whether a node that returns takes its VIPs back., type: bool, default: true}
  preempt_delay_seconds: {description: How long it waits before that., type: float, default: 5}
  sync_groups:
    description: Groups of VIPs that are always held by the same node, a list of C({name, vips}).
    type: raw
    default: []
  taken_vrids:
    description: VRIDs of other routers on the segment; no VIP is given one of them.
    type: raw
    default: []
  in_use:
    description:
      - Instances as they run now, a list of C({vip, vrid, priorities}) such as those of RV(layout). They keep their
        VRIDs and, where all priorities are given, their nodes as far as shares stay even.
    type: raw
    default: []
  uplinks:
    description: Addresses that a node must reach, as C(ha_lb_uplinks); the proof has the loss of them.
    type: raw
    default: []
  proof: {description: Whether to prove the layout., type: bool, default: true}
  node:
    description: The node for which RV(instances) is returned. Needs O(interfaces).
    type: str
  interfaces:
    description: The interfaces of O(node), as the filter P(evenkeel.ha_lb.interfaces#filter) gives them.
    type: list
    elements: dict
    default: []
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Lay out two VIPs over two nodes
  evenkeel.ha_lb.vrrp_layout:
    nodes:
      - {name: lb1, address: 192.0.2.11}
      - {name: lb2, address: 192.0.2.12}
    vips:
      - {name: web, addresses: [192.0.2.10/24], dns_name: www.example.org}
      - {name: api, addresses: [192.0.2.20/24], dns_name: www.example.org}
  register: plan

# plan.layout.instances:
#   - {vip: web, family: ipv4, vrid: 10, priorities: {lb1: 254, lb2: 250}}
#   - {vip: api, family: ipv4, vrid: 20, priorities: {lb1: 250, lb2: 254}}
# plan.dns:
#   - {name: www.example.org, type: A, value: 192.0.2.10}
#   - {name: www.example.org, type: A, value: 192.0.2.20}
# plan.proof.failures:
#   - {title: lb1 dies, holders: {web: lb2, api: lb2}, outage_seconds: 0.302}
#   - {title: the proxy of lb1 fails, holders: {web: lb2, api: lb2}, outage_seconds: 0.008}
"""
RETURN = r"""
layout:
  description: >-
    C(instances), a list of C({name, vip, family, vrid, priorities, order, addresses, peers, sync_group, interface}),
    and C(sync_groups), the members by name.
  type: dict
  returned: success
proof:
  description: >-
    C(holds), C(findings) (sentences), C(normal) (the holder of each VIP), and C(failures), a list of
    C({parts, title, holders, moves, outage_seconds, two_holders_seconds, lost}): every single failure, then every pair,
    and with O(uplinks), where there are more than two nodes, the loss of all. Times are the longest possible ones.
  type: dict
  returned: when O(proof) is set
dns:
  description: The records of the VIPs that have a C(dns_name), a list of C({name, type, value}).
  type: list
  elements: dict
  returned: success
takeover_seconds:
  description: Time in which the slowest backup takes over from a node that falls silent.
  type: float
  returned: success
uplinks:
  description: O(uplinks) as they were read.
  type: list
  elements: dict
  returned: when there are any
  contains:
    address: {description: The address., type: str}
    port: {description: A port of TCP; null for ICMP., type: int}
    interval_seconds: {description: Time between two questions., type: float}
    fall: {description: How many answers must be missing in a row until it is lost., type: int}
    rise: {description: How many must come in a row until it is back., type: int}
instances:
  description: The instances as O(node) configures them.
  type: list
  elements: dict
  returned: when O(node) is given
findings:
  description: What is wrong.
  type: list
  elements: dict
  returned: failure
  contains:
    path: {description: The path of the value., type: str}
    message: {description: What is wrong with it., type: str}
"""

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.cluster.layout_result import layout_result
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, domain_errors


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "nodes": {"type": "raw", "required": True},
            "vips": {"type": "raw", "required": True},
            "vrrp_version": {"type": "int", "choices": [2, 3], "default": 3},
            "transport": {"type": "str", "choices": ["unicast", "multicast"], "default": "unicast"},
            "advert_interval_seconds": {"type": "float"},
            "down_timer_adverts": {"type": "int", "default": 3},
            "preempt": {"type": "bool", "default": True},
            "preempt_delay_seconds": {"type": "float", "default": 5},
            "sync_groups": {"type": "raw", "default": []},
            "taken_vrids": {"type": "raw", "default": []},
            "in_use": {"type": "raw", "default": []},
            "uplinks": {"type": "raw", "default": []},
            "proof": {"type": "bool", "default": True},
            "node": {"type": "str"},
            "interfaces": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    with domain_errors(module):
        module.exit_json(changed=False, **layout_result(**module.params))


if __name__ == "__main__":
    main()
