#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_listeners
short_description: Find which hosts receive VRRP, including those that send no adverts
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Sends every host a packet of IP protocol 112 that is no advert, which keepalived drops. A host on which nothing
    receives that protocol answers with an ICMP error. A host behind a firewall that drops either counts as receiving.
options:
  addresses: {description: Addresses of the hosts., type: list, elements: str, required: true}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Find hosts that still run keepalived
  evenkeel.ha_lb.vrrp_listeners:
    addresses: [192.0.2.11]
"""
RETURN = r"""
addresses:
  description: Addresses of the hosts that receive VRRP.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import roots_rights
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.wire.leftover import listens


def main() -> None:
    module = AnsibleModule(
        argument_spec={"addresses": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True
    )
    with roots_rights(module):
        module.exit_json(changed=False, addresses=[each for each in module.params["addresses"] if listens(each)])


if __name__ == "__main__":
    main()
