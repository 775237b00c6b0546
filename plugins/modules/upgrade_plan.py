#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_plan
short_description: Find which packages of a node an upgrade would change, and what prevents it
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Asks apt, and lets the new version of a program test the configuration before it is installed. Changes nothing.
options:
  packages: {description: "Names of packages, by the key that O(versions) has for them.", type: dict, required: true}
  versions: {description: Wanted versions; of other packages the newest., type: dict, default: {}}
  back: {description: Whether the versions before the last upgrade are wanted., type: bool, default: false}
  noted: {description: File with the versions before it., type: path, default: /var/lib/ha_lb/versions.json}
  sources:
    description: The wanted source builds, by program; an empty one stands for the distribution's program.
    type: dict
    default: {}
  node: {description: The name of the node in messages., type: str, required: true}
  trials:
    description: Commands that test a configuration, by package; the new version comes first in C(PATH).
    type: dict
    default: {}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Find what would be upgraded
  evenkeel.ha_lb.upgrade_plan:
    packages: {keepalived: [keepalived], haproxy: [haproxy]}
    node: "{{ inventory_hostname }}"
    trials: {haproxy: haproxy -c -f /etc/haproxy/haproxy.cfg}
"""
RETURN = r"""
installed:
  description: The versions that are installed, by package.
  type: dict
  returned: success
changes:
  description: What is to be changed.
  type: list
  elements: dict
  returned: success
  contains:
    package: {description: The package., type: str}
    before: {description: "The version that is installed, or null.", type: str}
    after: {description: The version that is to be., type: str}
    back: {description: Whether the version before is still available., type: bool}
    source: {description: Whether it is built from source., type: bool, returned: for O(sources)}
says:
  description: The changes and notes, such as a package on hold, as sentences.
  type: list
  elements: str
  returned: success
refused:
  description: Why the upgrade is refused, as sentences.
  type: list
  elements: str
  returned: success
"""

import json
import shlex
import tempfile
from dataclasses import replace
from pathlib import Path

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.files import content
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths import VERSIONS
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.source_build.plan import source_plan
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, roots_rights
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.upgrade import UpgradePlan, look, plan, trial


def noted(path: Path) -> dict:
    """Return the versions before the last upgrade; none where there was none."""
    return json.loads(content(path) or b"{}")


def discreet(path: str, said: str) -> str:
    """Return what a program says of the configuration at `path`, without the secrets that it quotes."""
    from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.discreet import message

    return message(path, said, (content(Path(path)) or b"").decode(errors="replace"))


def refusals(module: DiscreetModule, changes: tuple) -> list:
    """Let every new version test the configuration, unpacked into a temporary directory; return the refusals."""
    found = []
    for change in changes:
        command = module.params["trials"].get(change["package"])
        if command:
            with tempfile.TemporaryDirectory(dir=Path(module.params["noted"]).parent) as folder:
                words = shlex.split(command)
                said = trial(change["package"], change["after"], words, module.run_command, Path(folder))
                found.append(said and discreet(words[-1], said))
    return [each for each in found if each]


def says(wanted: UpgradePlan, nothing: list) -> list:
    changes = [f"{each['package']}: {each['before']} becomes {each['after']}" for each in wanted.changes]
    return [*changes, *nothing, *wanted.notes] or ["nothing to upgrade"]


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "packages": {"type": "dict", "required": True},
            "versions": {"type": "dict", "default": {}},
            "back": {"type": "bool", "default": False},
            "noted": {"type": "path", "default": VERSIONS},
            "sources": {"type": "dict", "default": {}},
            "node": {"type": "str", "required": True},
            "trials": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    params = module.params
    with roots_rights(module):
        found = {key: look(names, module.run_command) for key, names in params["packages"].items()}
        earlier = noted(Path(params["noted"])) if params["back"] else None
        wanted = plan(found, params["versions"], earlier)
        nothing = ["no earlier version is noted: there is nothing to go back to"] if earlier == {} else []
        built = source_plan(params["sources"], params["back"], Path(params["noted"]).parent)
        against = [*wanted.refused, *built.refused, *refusals(module, wanted.changes)]
        module.exit_json(
            changed=False,
            installed={
                **{each.name: each.installed for members in found.values() for each in members},
                **built.running,
            },
            changes=[*wanted.changes, *built.changes],
            says=says(replace(wanted, changes=(*wanted.changes, *built.changes)), [] if built.changes else nothing),
            refused=[f"{params['node']}: {reason}" for reason in against],
        )


if __name__ == "__main__":
    main()
