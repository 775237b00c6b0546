#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_config
short_description: Put a staged configuration in force, or restore the previous one
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Compares a staged configuration with the one in place and with the one that the running unit has loaded.
  - If they differ, puts it in place and reloads the unit. If the unit does not accept it, the previous configuration is
    put back, and the module fails.
  - A difference, and what the unit says when it fails, has C(***) wherever a secret may stand.
options:
  unit: {description: The systemd unit., type: str, required: true}
  staged: {description: The new configuration; already tested., type: path, required: true}
  path: {description: The configuration that the unit reads., type: path, required: true}
  mode: {description: Mode of O(path)., type: str, default: "0640"}
  group: {description: Group of O(path)., type: str, default: root}
  loaded:
    description: Where the unit records what it loaded, in the format of C(sha256sum).
    type: path
    required: true
  drop_in:
    description: The drop-in of the unit that keeps that record.
    type: path
    required: true
  takeover:
    description: What to do with a running unit without that record, because it was not started with O(drop_in).
    type: str
    choices: [reload, restart]
    default: reload
  restart_lines:
    description: A regular expression; if lines that match it change, the unit is restarted, not reloaded.
    type: str
    default: ""
  workers:
    description: >-
      Whether a reload starts new processes of the unit, which is then checked. A daemon that cannot bind the addresses
      of its new configuration may report success while its old processes go on.
    type: bool
    default: false
  program:
    description:
      - The program that the unit shall run, in the prefix of its version; V(packaged) is the distribution's. If it runs
        another one now, the unit is restarted. The unit file is staged beside O(staged).
      - Without it, the program is not changed.
    type: str
  program_back:
    description: Run the program that ran before the last switch, in place of O(program).
    type: bool
    default: false
  restore:
    description: >-
      Put the previous configuration back in force, which was kept when O(staged) was put in force; for a new one that
      turns out later to be wrong.
    type: bool
    default: false
  record: {description: Directory of the record., type: path, default: /var/lib/ha_lb}
attributes:
  check_mode: {description: Returns what would be done., support: full}
  diff_mode: {description: Shows the difference of the configurations., support: full}
"""
EXAMPLES = r"""
- name: Put haproxy.cfg in force
  evenkeel.ha_lb.service_config:
    unit: haproxy
    staged: /var/lib/ha_lb/haproxy.cfg
    path: /etc/haproxy/haproxy.cfg
    loaded: /run/ha_lb/haproxy.loaded
    drop_in: /etc/systemd/system/haproxy.service.d/ha_lb.conf
"""
RETURN = r"""
difference:
  description: What kept the staged configuration from being in force.
  type: dict
  returned: success
  contains:
    file: {description: The file is another., type: bool}
    loaded: {description: The unit has loaded another., type: bool}
    running: {description: The unit does not run., type: bool}
    enabled: {description: The unit is not enabled., type: bool}
    unit: {description: The unit's own files are newer than what systemd knows., type: bool}
    program: {description: Another version of the program runs., type: bool}
kept:
  description: Whether the previous configuration was kept, for O(restore).
  type: bool
  returned: when it was put in force
diff:
  description: The difference of the configurations.
  type: dict
  returned: with C(--diff), when the file is another
  contains:
    before: {description: "Before, in lines.", type: str}
    after: {description: "After, in lines.", type: str}
    before_header: {description: Where., type: str}
    after_header: {description: Where., type: str}
"""

from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.files import content, replace
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.install_record import HOME, note
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.program import PACKAGED
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.unit_config import (
    UnitService,
    activate,
    compare,
    restore,
    service_of,
)
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import roots_rights

OPTIONS = {
    "unit": {"type": "str", "required": True},
    "staged": {"type": "path", "required": True},
    "path": {"type": "path", "required": True},
    "mode": {"type": "str", "default": "0640"},
    "group": {"type": "str", "default": "root"},
    "loaded": {"type": "path", "required": True},
    "drop_in": {"type": "path", "required": True},
    "takeover": {"type": "str", "choices": ["reload", "restart"], "default": "reload"},
    "restart_lines": {"type": "str", "default": ""},
    "workers": {"type": "bool", "default": False},
    "program": {"type": "str"},
    "program_back": {"type": "bool", "default": False},
    "restore": {"type": "bool", "default": False},
    "record": {"type": "path", "default": str(HOME)},
}


def language():
    """Import what knows the languages of configurations: most runs have nothing to show, and it takes its time."""
    from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations import discreet

    return discreet


def note_program(service: UnitService, record: Path) -> None:
    if service.program and service.program.wanted != PACKAGED:
        note([service.program.link, service.program.unit_file], home=record)


def texts_of(service: UnitService) -> list:
    """Return the configuration in place, the staged one, and the one that was kept."""
    files = (service.path, service.staged, service.before)
    return [(content(each) or b"").decode(errors="replace") for each in files]


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        supports_check_mode=True,
    )
    params = module.params

    def write(path: Path, data: bytes) -> None:
        note([path], home=Path(params["record"]))
        replace(path, data, params["mode"], params["group"])

    texts = []
    with roots_rights(module, lambda said: language().message(params["path"], said, *texts)):
        service = service_of(params)
        texts += texts_of(service)
        difference = compare(service, module.run_command)
        result = {"changed": bool(difference), "difference": asdict(difference)}
        if params["restore"]:
            result["changed"] = not module.check_mode and restore(service, module.run_command, write)
            module.exit_json(**result)
        if difference.file:
            result["diff"] = language().difference(str(service.path), *texts[:2])
        if difference and not module.check_mode:
            note_program(service, Path(params["record"]))
            result["kept"] = activate(service, difference, module.run_command, write)
        module.exit_json(**result)


if __name__ == "__main__":
    main()
