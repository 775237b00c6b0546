#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_layout
short_description: Read services and pools into the form that a proxy's configuration prints
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Checks services and pools against each other and against the VIPs. Changes nothing.
options:
  services:
    description: What listens where, as C(ha_lb_services).
    type: raw
    required: true
  pools:
    description: Who answers, as C(ha_lb_pools).
    type: raw
    default: []
  vips:
    description: The virtual addresses, as C(ha_lb_vips).
    type: list
    elements: dict
    required: true
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Read the services
  evenkeel.ha_lb.service_layout:
    vips: [{name: web, addresses: [192.0.2.10/24]}]
    services:
      - name: shop
        vip: web
        port: 80
        servers: [{name: web1, address: 192.0.2.21, port: 8080}]
"""
RETURN = r"""
services:
  description: The services, with the C(addresses) to listen on.
  type: list
  elements: dict
  returned: success
pools:
  description: The pools, with the servers and the check of each.
  type: list
  elements: dict
  returned: success
findings:
  description: What is wrong, each with C(path) and C(message).
  type: list
  elements: dict
  returned: failure
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.traffic.read import read_traffic


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "services": {"type": "raw", "required": True},
            "pools": {"type": "raw", "default": []},
            "vips": {"type": "list", "elements": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    with domain_errors(module):
        params = module.params
        addresses = {vip["name"]: [each.split("/")[0] for each in vip["addresses"]] for vip in params["vips"]}
        traffic = read_traffic(params["services"], params["pools"], list(addresses))
        module.exit_json(
            changed=False,
            services=[
                {**asdict(each), "addresses": [address for vip in each.vips for address in addresses[vip]]}
                for each in traffic.services
            ],
            pools=[asdict(each) for each in traffic.pools],
        )


if __name__ == "__main__":
    main()
