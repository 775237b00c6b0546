#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keepalived_config
short_description: The keepalived configuration of a host with all that it includes, and facts to judge it by
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Returns one item of O(evenkeel.ha_lb.keepalived_lint#module:configs). Looks, and changes nothing.
  - The configuration may have passwords, so a task should have C(no_log).
options:
  path: {description: The configuration., type: path, default: /etc/keepalived/keepalived.conf}
  node: {description: What the node is called., type: str, required: true}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Fetch the configuration
  evenkeel.ha_lb.keepalived_config:
    node: "{{ inventory_hostname }}"
  register: fetched
  no_log: true
"""
RETURN = r"""
config:
  description: An item of O(evenkeel.ha_lb.keepalived_lint#module:configs).
  type: dict
  returned: success
  contains:
    node: {description: What the node is called., type: str}
    path: {description: Where the configuration is on the host., type: str}
    content: {description: "Its text, verbatim.", type: str}
    included:
      description: What it includes.
      type: list
      elements: dict
      contains:
        by: {description: The file that includes it., type: str}
        pattern: {description: What is written there., type: str}
        path: {description: A file that was found., type: str, returned: when there is one}
        content: {description: "Its text, verbatim.", type: str, returned: when it could be read}
        error: {description: Why it could not be read., type: str, returned: when it could not}
    facts: {description: "What is known of the host, by name.", type: dict}
"""

import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.lint.host_facts import configuration_of_host
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors

# PATH of a non-root login may lack /usr/sbin and /sbin, where keepalived, nft and ip are
SEARCH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/etc/keepalived/keepalived.conf"},
            "node": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )

    def run(command: list[str]) -> tuple[int, str, str]:
        try:
            return module.run_command(command, handle_exceptions=False, environ_update={"PATH": SEARCH, "LC_ALL": "C"})
        except OSError as error:
            return 127, "", str(error)

    with domain_errors(module):
        config = configuration_of_host(module.params["node"], Path(module.params["path"]), run)
        module.exit_json(changed=False, config=config)


if __name__ == "__main__":
    main()
