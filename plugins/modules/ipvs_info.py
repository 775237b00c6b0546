#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: Get the table of IPVS that a kernel has, whoever has filled it
version_added: 0.2.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Reads services, servers, connections, rates and connection synchronisation, by C(ipvsadm) and C(/proc/net). Changes
    nothing, and does not load the module.
options:
  entries:
    description:
      - Whether to count the entries of connections, of which the kernel prints every one.
      - A director whose peer has as many as itself has the table with which connections survive a hand-over.
    type: bool
    default: false
attributes:
  check_mode: {description: Changes nothing., support: full}
notes: ["With Ansible's pipelining, the host's C(/usr/bin/python3) runs it without a module's wrapper."]
"""
EXAMPLES = r"""
- name: Get the table of IPVS
  evenkeel.ha_lb.ipvs_info:
  register: ipvs

- name: Say which servers get no new connections
  ansible.builtin.debug:
    msg: "{{ ipvs.services | map(attribute='servers') | flatten | selectattr('weight', 'eq', 0) }}"
"""
RETURN = r"""
services:
  description: The virtual services.
  type: list
  elements: dict
  returned: success
  contains:
    name: {description: "Its protocol, address and port, or its firewall mark.", type: str}
    protocol: {description: "C(tcp), C(udp), C(sctp), or C(mark) for all packets of a firewall mark.", type: str}
    address: {description: "Its address; empty for a mark.", type: str}
    port: {description: "Its port; 0 for all of them, and for a mark.", type: int}
    mark: {description: "Its firewall mark; 0 for an address.", type: int}
    family: {description: "C(ipv4) or C(ipv6).", type: str}
    scheduler: {description: "Its scheduler, as ipvsadm names it.", type: str}
    flags: {description: "Those of the scheduler, such as C(mh-port).", type: list, elements: str}
    persistence_seconds: {description: "For how long a client stays with its server; 0 without persistence.", type: int}
    netmask: {description: How many bits of a client's address persistence looks at., type: int}
    one_packet: {description: Whether every packet is scheduled anew., type: bool}
    engine: {description: "By what persistence knows a client, where not by its address.", type: str}
    rates:
      description: What passes in a second.
      type: dict
      contains: &traffic
        connections: {description: New connections., type: int}
        packets_in: {description: Packets to the servers., type: int}
        packets_out: {description: "Packets to the clients; with C(nat) alone they pass here.", type: int}
        bytes_in: {description: Octets to the servers., type: int}
        bytes_out: {description: Octets to the clients., type: int}
    servers:
      description: Its real servers.
      type: list
      elements: dict
      contains:
        name: {description: Its address and port., type: str}
        address: {description: Its address., type: str}
        port: {description: "Its port; 0 for that of the packet.", type: int}
        forwarding: {description: "C(direct), C(nat) or C(tunnel).", type: str}
        weight: {description: "Its weight; 0 for no new connections.", type: int}
        tunnel: {description: "C(ipip), C(gue) or C(gre); empty without one.", type: str}
        tunnel_port: {description: "The UDP port of C(gue); 0 for others.", type: int}
        active: {description: Its established connections., type: int}
        inactive: {description: "Its other connections, which begin or end.", type: int}
        persistent: {description: The clients that persistence sends there., type: int}
        rates: {description: What passes in a second., type: dict, contains: *traffic}
sync:
  description: The daemons that tell another director of connections, and hear of them.
  type: list
  elements: dict
  returned: success
  contains:
    way: {description: "C(sends) or C(receives).", type: str}
    interface: {description: Its interface., type: str}
    sync_id: {description: By which it knows its peers., type: int}
    group: {description: Its multicast group., type: str}
    port: {description: Its UDP port., type: int}
totals:
  description: What has passed since the module was loaded.
  type: dict
  returned: success
  contains: *traffic
rates:
  description: What passes in a second, of all services together.
  type: dict
  returned: success
  contains: *traffic
entries:
  description: "How many entries of connections there are; null unless O(entries) asks."
  type: dict
  returned: success
  contains:
    all: {description: All of them., type: int}
    synced: {description: Those of which another director has told., type: int}
    persistent: {description: "Those that are no connection, but where persistence sends a client.", type: int}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.engines.lvs.look import OPTIONS, look


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    answer = look(module.params)
    if answer.pop("failed", False):
        module.fail_json(**answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
