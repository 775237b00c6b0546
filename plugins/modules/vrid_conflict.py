#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrid_conflict
short_description: Find other users of a VRID, in the inventory and on the wire, and hosts that answer for a VIP
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Listens for VRRPv2, VRRPv3 and CARP on the host's interfaces, and asks by ARP and neighbour solicitation which MACs
    answer for an address. Needs C(ip) of iproute2 and the capability C(CAP_NET_RAW), which root has. Changes nothing.
options:
  listen_seconds:
    description:
      - How long to listen, from 0.5 to 600; a router is heard when it advertises at least that often.
      - >-
        By default 4. On a host whose agent C(ha_lb-ear) has listened on O(interfaces) for a minute or more, what that
        has heard is taken, and only O(addresses) are asked for.
      - V(0) compares O(clusters) alone, and needs no capability.
    type: float
  interfaces:
    description: Where to listen. By default on every Ethernet interface that is up and no port of a bond or bridge.
    type: list
    elements: str
    default: []
  addresses:
    description: VIPs to ask for, with or without prefix length; by default those of O(instances).
    type: list
    elements: str
  instances:
    description: Our own instances. Without them, only a wrong TTL and an address in use are conflicts.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Its name in messages., type: str, required: true}
      vrid: {description: Its VRID., type: int, required: true}
      family: {description: Its address family., type: str, choices: [ipv4, ipv6], required: true}
      addresses: {description: 'Its VIPs, with or without prefix length.', type: list, elements: str, required: true}
      sources: {description: 'Addresses of all our nodes; adverts from them are ours.', type: list, elements: str}
      transport: {description: How its adverts travel., type: str, choices: [unicast, multicast]}
      version: {description: Its version of VRRP., type: int, choices: [2, 3]}
      priority: {description: The highest of our priorities., type: int}
      vmac: {description: Whether it uses the virtual MAC., type: bool}
      interface:
        description: >-
          Its interface; a mapping of node to name is for the filter P(evenkeel.ha_lb.vrid_conflicts#filter). By default
          any.
        type: raw
  clusters:
    description:
      - The clusters of the inventory, ours first, as the filter P(evenkeel.ha_lb.inventory_clusters#filter) gives them.
        Ours is compared with every other one. The same VRID is no conflict in another family or subnet, nor in unicast
        groups whose peers differ.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Its name., type: str, required: true}
      nodes: {description: Its nodes., type: raw, required: true}
      variables: {description: Its variables., type: dict, required: true}
  vrids:
    description:
      - VRIDs that are kept first of a flood, besides those of O(instances) and of this host's keepalived.conf.
      - Of one that concerns nobody, only so much is returned that the result stays small.
    type: list
    elements: int
    default: []
  taken_vrids: {description: VRIDs that count as used without an advert., type: list, elements: int, default: []}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Find the VRIDs in use
  evenkeel.ha_lb.vrid_conflict:
    listen_seconds: 10

- name: Check that our VRID and our VIP are free
  evenkeel.ha_lb.vrid_conflict:
    instances:
      - name: web
        vrid: 51
        family: ipv4
        addresses: [192.0.2.10]
        sources: [192.0.2.11, 192.0.2.12]
  register: wire
  failed_when: wire.conflicts | length > 0

- name: Check that the clusters of this inventory do not conflict
  evenkeel.ha_lb.vrid_conflict:
    clusters: "{{ groups | evenkeel.ha_lb.inventory_clusters(hostvars, 'loadbalancers') }}"
    listen_seconds: 0
  delegate_to: localhost
  run_once: true
"""
RETURN = r"""
heard:
  description: >-
    One for every interface, VLAN, family, VRID, source and protocol. Of a flood, what has a VRID or an address of ours
    is kept first, and RV(unseen) counts the rest.
  type: list
  elements: dict
  returned: success
  contains:
    interface: {description: Where it was heard., type: str}
    vlan: {description: The VLAN; null without a tag., type: int}
    inner_vlan: {description: The VLAN within it; null without a second tag., type: int}
    family: {description: "V(ipv4) or V(ipv6).", type: str}
    vrid: {description: The VRID., type: int}
    source: {description: Its source., type: str}
    mac: {description: The MAC that it came from last., type: str}
    macs: {description: All MACs that it came from., type: list, elements: str}
    protocol: {description: "VRRPv2, VRRPv3 or CARP.", type: str}
    destination: {description: Its destination., type: str}
    priority: {description: "Its priority; of CARP, its advskew.", type: int}
    priorities: {description: All priorities that were heard., type: list, elements: int}
    interval_seconds: {description: The advert interval., type: float}
    addresses: {description: The virtual addresses., type: list, elements: str}
    addresses_left_out: {description: How many more there were., type: int}
    auth: {description: The kind of authentication., type: str}
    ttl: {description: The lowest TTL that was received., type: int}
    checksum: {description: What the checksum covers if it is right., type: str}
    adverts: {description: How many were heard., type: int}
    first: {description: "The first one, in seconds since the epoch.", type: float}
    last: {description: "The last one, in seconds since the epoch.", type: float}
    seconds: {description: The time between them., type: float}
    own: {description: Whether this host sent it., type: bool}
    goodbye: {description: Whether the last one gave up the addresses., type: bool}
answers:
  description: The MACs that answer for O(addresses) and for the sources of O(instances).
  type: list
  elements: dict
  returned: success
  contains:
    address: {description: The address., type: str}
    interface: {description: Where it was asked for., type: str}
    macs: {description: The MACs., type: list, elements: str}
    own: {description: Whether this host has the address., type: bool}
conflicts:
  description: The conflicts.
  type: list
  elements: dict
  returned: success
  contains:
    name: {description: "Its name, by which it can be accepted.", type: str}
    kind: {description: What kind of conflict it is., type: str}
    vrid: {description: "The VRID, or null.", type: int}
    family: {description: The family., type: str}
    interface: {description: The interface., type: str}
    source: {description: Who else uses it., type: str}
    mac: {description: The MAC of that one., type: str}
    message: {description: What is wrong., type: str}
    advice: {description: What to do., type: str}
    ours:
      description: Whether it is between our own nodes, which deploying their configuration mends.
      type: bool
      returned: for those on the wire
free_vrids:
  description: VRIDs that are not ours and were not heard.
  type: list
  elements: int
  returned: success
vrids:
  description: All VRIDs that were heard; for O(taken_vrids) of the filter P(evenkeel.ha_lb.vrid_conflicts#filter).
  type: list
  elements: int
  returned: success
damaged:
  description: Packets of VRRP that cannot be decoded.
  type: list
  elements: dict
  returned: success
  contains:
    interface: {description: Where they were heard., type: str}
    source: {description: Their source., type: str}
    mac: {description: The MAC that they came from., type: str}
    reason: {description: What is wrong with them., type: str}
    packets: {description: How many they were., type: int}
listened_seconds:
  description: For how long was listened, by this module or by C(ha_lb-ear).
  type: float
  returned: success
lost:
  description: How many packets were lost, because they came faster than they were read.
  type: int
  returned: success
unseen:
  description: What could not be seen, as sentences.
  type: list
  elements: str
  returned: success
macs:
  description: The MACs of this host, by which the filter P(evenkeel.ha_lb.vrid_conflicts#filter) recognises it.
  type: list
  elements: str
  returned: success
"""

import time
from pathlib import Path
from typing import Any, Optional, Sequence

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.agent.ear.said import Said, read_heard
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.agent.files import text_of
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.cluster.inventory import inventory_conflicts
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host import paths
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.files import content
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, domain_errors
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.wire.conflicts import conflicts
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.wire.links import Link, choose, links_of
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.wire.listen import SILENCE, ask, listen
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.wire.survey import configured_vrids
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.wire.wanted import read_wanted

STRINGS = {"type": "list", "elements": "str"}
INSTANCE = {
    "name": {"type": "str", "required": True},
    "vrid": {"type": "int", "required": True},
    "family": {"type": "str", "choices": ["ipv4", "ipv6"], "required": True},
    "addresses": {**STRINGS, "required": True},
    "sources": STRINGS,
    "transport": {"type": "str", "choices": ["unicast", "multicast"]},
    "version": {"type": "int", "choices": [2, 3]},
    "priority": {"type": "int"},
    "vmac": {"type": "bool"},
    "interface": {"type": "raw"},
}
CLUSTER = {
    "name": {"type": "str", "required": True},
    "nodes": {"type": "raw", "required": True},
    "variables": {"type": "dict", "required": True},
}


def our_vrids(params: dict[str, Any]) -> set[int]:
    configured = configured_vrids((content(Path(paths.KEEPALIVED_CONFIG)) or b"").decode(errors="replace"))
    return {*params["vrids"], *(each["vrid"] for each in params["instances"]), *configured}


def heard_by_the_ear(chosen: Sequence[Link]) -> Optional[Said]:
    names = [link.name for link in chosen]
    return read_heard(text_of(paths.HEARD) or "", names, time.monotonic(), time.time())


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "listen_seconds": {"type": "float"},
            "interfaces": {**STRINGS, "default": []},
            "addresses": STRINGS,
            "instances": {"type": "list", "elements": "dict", "default": [], "options": INSTANCE},
            "clusters": {"type": "list", "elements": "dict", "default": [], "options": CLUSTER},
            "vrids": {"type": "list", "elements": "int", "default": []},
            "taken_vrids": {"type": "list", "elements": "int", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    with domain_errors(module):
        wanted = read_wanted(params)
        links, wire = [], SILENCE
        if wanted.seconds:
            links = links_of(module.run_command)
            chosen = choose(links, wanted.interfaces)
            said = heard_by_the_ear(chosen) if params["listen_seconds"] is None else None
            if said:
                earlier = SILENCE._replace(heard=said.heard, vrids=said.vrids, listened_seconds=said.seconds)
                wire = ask(links, chosen, wanted.addresses, earlier)
            else:
                wire = listen(links, chosen, wanted.addresses, wanted.seconds, our_vrids(params))
        macs = sorted({link.mac for link in links if link.is_ethernet})
        inventory = inventory_conflicts(params["clusters"])
        taken = [*params["taken_vrids"], *inventory["vrids"], *wire.vrids]
        found = conflicts({"here": wire.heard}, {"here": wire.answers}, params["instances"], taken, macs)
        found["conflicts"] = inventory["conflicts"] + found["conflicts"]
        wire = wire._replace(unseen=wire.unseen + inventory["unseen"])
        module.exit_json(changed=False, **wire._asdict(), **found, macs=macs)


if __name__ == "__main__":
    main()
