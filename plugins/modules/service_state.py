#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_state
short_description: Whether all that a role owns on a host is there and in force
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Compares files, packages and a unit with what is wanted, in one go, so that every node can be asked before anything
    is about to change. Changes nothing. Of a file only its SHA-256 is sent to the host.
options:
  files:
    description: Files and directories as M(evenkeel.ha_lb.managed_files) takes them.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Where it is., type: path, required: true}
      content: {description: The whole of it; of a directory nothing., type: str}
      secret: {description: "The same, of a file that is for nobody's log.", type: str}
      sha256: {description: "In the place of O(files[].content): its SHA-256 in hexadecimal.", type: str}
      mode: {description: Its mode., type: str, default: "0644"}
      group: {description: Its group., type: str, default: root}
      diff: {description: Not used., type: bool}
      validate: {description: Not used., type: str}
  packages: {description: Packages that are installed., type: list, elements: str, default: []}
  unit:
    description: A unit and its configuration, as M(evenkeel.ha_lb.service_config) takes them.
    type: dict
    default: {}
  commands:
    description:
      - Commands that print a line for everything that they would put in force. None is run where a file differs.
    type: list
    elements: list
    default: []
attributes:
  check_mode: {description: Changes nothing., support: full}
notes: [Where Ansible pipelines, C(/usr/bin/python3) of the host runs it without the wrapper of a module.]
"""
EXAMPLES = r"""
- name: Compare haproxy
  evenkeel.ha_lb.service_state:
    packages: [haproxy]
    files: [{path: /etc/haproxy/errors/503.http, content: "{{ sorry }}"}]
"""
RETURN = r"""
differs: {description: Whether anything of the following is there., type: bool, returned: success}
files: {description: The paths that differ., type: list, elements: str, returned: success}
packages: {description: The packages that are not installed., type: list, elements: str, returned: success}
pending: {description: What the commands printed., type: list, elements: str, returned: success}
unit:
  description: What keeps the staged configuration from being in force; empty where no unit was named.
  type: dict
  returned: success
  contains:
    file: {description: The file is another., type: bool, returned: with a unit}
    loaded: {description: The unit has loaded another., type: bool, returned: with a unit}
    running: {description: The unit does not run., type: bool, returned: with a unit}
    enabled: {description: The unit is not enabled., type: bool, returned: with a unit}
    unit: {description: The unit's own files are newer than what systemd knows., type: bool, returned: with a unit}
    program: {description: Another version of the program runs., type: bool, returned: with a unit}
"""

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.service_state import OPTIONS, compared
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule


def main() -> None:
    module = DiscreetModule(argument_spec=OPTIONS, supports_check_mode=True)
    answer = compared(module.params)
    if answer.pop("failed", False):
        module.fail_json(**answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
