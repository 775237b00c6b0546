#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_cleared
short_description: Remove from a host what this collection installed, and put back what was there before
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Removes the files, directories, units, users, firewall rules and kernel settings that are in the record of
    C(/var/lib/ha_lb), and puts back the files that they replaced.
  - A run that was interrupted is finished by the next one, because the record is removed last.
options:
  among:
    description: >-
      Remove only paths that contain this text, with the units and the settings that they are of, and our directories
      that are then empty; no users. The record stays while anything is in it.
    type: str
    default: ""
  record: {description: Directory of the record., type: path, default: /var/lib/ha_lb}
attributes:
  check_mode: {description: Returns what would be removed or put back., support: full}
"""
EXAMPLES = r"""
- name: Remove everything of this collection
  evenkeel.ha_lb.host_cleared:
"""
RETURN = r"""
paths:
  description: Paths that were, or would be, removed or put back; a user as C(user NAME).
  type: list
  elements: str
  returned: success
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.install_record import HOME, present, take_away
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import roots_rights


def main() -> None:
    module = AnsibleModule(
        argument_spec={"among": {"type": "str", "default": ""}, "record": {"type": "path", "default": str(HOME)}},
        supports_check_mode=True,
    )
    with roots_rights(module):
        among, home = module.params["among"], Path(module.params["record"])
        paths = present(among, home) if module.check_mode else take_away(module.run_command, among, home)
        module.exit_json(changed=bool(paths), paths=paths)


if __name__ == "__main__":
    main()
