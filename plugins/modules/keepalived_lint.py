#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_lint
short_description: Find what is wrong with the keepalived configurations of a cluster
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Reads the configurations of all nodes together, and reports what will not work, where, why and what to do. Changes
    nothing.
options:
  configs:
    description:
      - Texts, as hosts return them - a list with a mapping for every node, of C(node), its name; C(content), the text;
        C(path), which is its name in messages, and never opened; and C(facts) and C(included), as
        M(evenkeel.ha_lb.keepalived_config) returns them.
      - Or files on the host where this runs - a mapping of names of nodes to paths, or to C({path, facts}).
      - Some rules need facts; without them, RV(not_checked) names these rules.
    type: raw
    required: true
  ignore:
    description:
      - Findings that are accepted, such as C(KA103), C(KA103@lb1) or C(KA103@keepalived.conf:12), or mappings of
        C(rule), C(node), C(file) and C(line).
    type: raw
    default: []
  severity:
    description: The lowest severity that is returned - an error, a warning, or information.
    type: str
    choices: [E, W, I]
    default: I
  fail_on:
    description: Fail when there is a finding of this severity or a worse one.
    type: str
    choices: [E, W, I, never]
    default: never
  sarif: {description: Return RV(sarif) too., type: bool, default: false}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Lint two files on the controller
  evenkeel.ha_lb.keepalived_lint:
    configs:
      lb1: /srv/lb1/keepalived.conf
      lb2: /srv/lb2/keepalived.conf
    ignore: [KA103]
    fail_on: E
  delegate_to: localhost
"""
RETURN = r"""
findings:
  description: >-
    The findings, the worst first, with C(rule), C(severity), C(node), C(file), C(line), C(column), C(message),
    C(effect), C(fix) and C(values), by node.
  type: list
  elements: dict
  returned: success, and when it fails because of O(fail_on)
counts:
  description: How many findings there are of every severity.
  type: dict
  returned: success
  sample: {E: 1, W: 0, I: 2}
not_checked:
  description: Rules that were not checked, because facts of the hosts are missing.
  type: list
  elements: str
  returned: success
text: {description: "The findings for people, in lines.", type: str, returned: success}
says:
  description: The same as a list of mappings, which Ansible prints better.
  type: list
  elements: raw
  returned: success
failure: {description: Why it fails because of O(fail_on); empty if it does not., type: str, returned: success}
refused: {description: Nothing; input that cannot be read fails., type: list, elements: str, returned: success}
sarif: {description: The findings as a SARIF 2.1.0 log., type: dict, returned: when O(sarif) is true}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.lint.result import lint_result
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "configs": {"type": "raw", "required": True},
            "ignore": {"type": "raw", "default": []},
            "severity": {"type": "str", "choices": ["E", "W", "I"], "default": "I"},
            "fail_on": {"type": "str", "choices": ["E", "W", "I", "never"], "default": "never"},
            "sarif": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    with domain_errors(module):
        result = lint_result(**module.params)
        if result["failure"]:
            module.fail_json(msg=result["failure"], **result)
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
