#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vip_probe
short_description: Ask every service through its VIPs
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Sends one request to each address of each service. Changes nothing.
options:
  services:
    description: The services, as the filter P(evenkeel.ha_lb.service_layout#filter) returns them.
    type: list
    elements: dict
    required: true
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Ask every service
  evenkeel.ha_lb.vip_probe:
    services: "{{ (ha_lb_services | evenkeel.ha_lb.service_layout(ha_lb_vips)).services }}"
"""
RETURN = r"""
answers:
  description: >-
    One for each request, C({service, address, port, mode, ok, what, seconds}). An HTTP status below 500, and a
    connection that is not closed at once, are answers.
  type: list
  elements: dict
  returned: success
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.probe import http_answer, requests_of, tcp_answer


def main() -> None:
    module = AnsibleModule(
        argument_spec={"services": {"type": "list", "elements": "dict", "required": True}}, supports_check_mode=True
    )
    answers = []
    for each in requests_of(module.params["services"]):
        if each["mode"] == "http":
            answer = http_answer(each["address"], each["port"], each["path"], each["headers"], each["method"])
        else:
            answer = tcp_answer(each["address"], each["port"])
        place = {key: each[key] for key in ("service", "address", "port", "mode")}
        answers.append({**place, **asdict(answer)})
    module.exit_json(changed=False, answers=answers)


if __name__ == "__main__":
    main()
