#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: source_prefix
short_description: Unpack a package that was built from source into the prefix of its version
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - The prefix, such as C(/usr/local/haproxy-3.0.25), is installed whole or not at all. No running program is touched.
options:
  product: {description: The program., type: str, required: true, choices: [haproxy, keepalived]}
  version: {description: Its version., type: str, required: true}
  sha256: {description: The SHA-256 of the source archive., type: str, required: true}
  options: {description: Further arguments of C(configure) or C(make)., type: list, elements: str, default: []}
  package: {description: "The package, on this host; without it, nothing is installed.", type: path}
  package_sha256: {description: The SHA-256 of the package., type: str}
  record: {description: Directory of the record., type: path, default: /var/lib/ha_lb}
attributes:
  check_mode: {description: Returns what would be done., support: full}
"""
EXAMPLES = r"""
- name: Look for haproxy 3.0.25
  evenkeel.ha_lb.source_prefix:
    product: haproxy
    version: 3.0.25
    sha256: 0e4fbd90826368297ce4d5374596dd1eff58f3ec00c27312a86e455e4fe1884f
"""
RETURN = r"""
there: {description: Whether the prefix is there now., type: bool, returned: success}
prefix: {description: The prefix., type: str, returned: success}
"""

from pathlib import Path

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.install_record import HOME, note
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.source_build.package import NOTE, Order
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.source_build.prefix import install, is_there, members
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, roots_rights


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "product": {"type": "str", "required": True, "choices": ["haproxy", "keepalived"]},
            "version": {"type": "str", "required": True},
            "sha256": {"type": "str", "required": True},
            "options": {"type": "list", "elements": "str", "default": []},
            "package": {"type": "path"},
            "package_sha256": {"type": "str"},
            "record": {"type": "path", "default": str(HOME)},
        },
        required_together=[["package", "package_sha256"]],
        supports_check_mode=True,
    )
    params = module.params
    order = Order(params["product"], params["version"], params["sha256"], tuple(params["options"]))
    with roots_rights(module):
        there = is_there(order)
        wanted = bool(params["package"]) and not there
        if wanted and not module.check_mode:
            # For host_cleared, which removes what is recorded
            listed = members(Path(params["package"]), module.run_command)
            note([order.prefix / NOTE, *(order.prefix / name for name in listed)], home=Path(params["record"]))
            install(order, Path(params["package"]), params["package_sha256"], module.run_command)
            there = True
        module.exit_json(changed=wanted, there=there, prefix=str(order.prefix))


if __name__ == "__main__":
    main()
