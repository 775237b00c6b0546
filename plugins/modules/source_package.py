#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: source_package
short_description: Build a program from its source archive into a package for its prefix
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Checks the archive, and builds it in a transient unit of systemd, without privileges and without network. A package
    that was built from this archive with these options is not built again.
options:
  product: {description: The program., type: str, required: true, choices: [haproxy, keepalived]}
  version: {description: Its version., type: str, required: true}
  sha256: {description: The SHA-256 of the archive., type: str, required: true}
  archive:
    description: A path on this host, or URLs of the same archive; the first that answers is used.
    type: list
    elements: str
    required: true
  options: {description: Further arguments of C(configure) or C(make)., type: list, elements: str, default: []}
  recipe: {description: The shell script that builds it., type: str, required: true}
  directory: {description: Where archive and package are kept., type: path, default: /var/cache/ha_lb}
attributes:
  check_mode: {description: Returns whether there is a package; builds nothing., support: full}
"""
EXAMPLES = r"""
- name: Build haproxy
  evenkeel.ha_lb.source_package:
    product: haproxy
    version: 3.0.25
    archive: [https://www.haproxy.org/download/3.0/src/haproxy-3.0.25.tar.gz]
    sha256: 0e4fbd90826368297ce4d5374596dd1eff58f3ec00c27312a86e455e4fe1884f
    recipe: "{{ lookup('ansible.builtin.file', 'haproxy.sh') }}"
"""
RETURN = r"""
package: {description: Where the package is., type: str, returned: success}
sha256: {description: Its SHA-256., type: str, returned: success}
needs:
  description: The distribution's packages whose libraries the program is linked with.
  type: list
  elements: str
  returned: success
"""

from pathlib import Path

from ansible.module_utils.urls import fetch_url
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.errors import HaLbError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.loaded import checksum
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths import CACHE
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.source_build.limits import save
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.source_build.package import Order, build, needs
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, roots_rights

SECONDS = 60  # timeout of a download


def archive_of(module: DiscreetModule, order: Order, directory: Path) -> Path:
    """Return the archive on this host; download it if it is not here."""
    places = module.params["archive"]
    if places[0].startswith("/"):
        return Path(places[0])
    here = directory / places[0].rpartition("/")[2]
    if checksum(here) == order.sha256.lower():
        return here
    problems = []
    for url in places:
        response, info = fetch_url(module, url, timeout=SECONDS)
        if response is not None and info["status"] == 200:
            try:
                save(response, here)
                return here
            except HaLbError as error:
                problems.append(f"{url}: {error}")
                continue
        problems.append(f"{url}: {info['msg']}")
    raise HaLbError(f"{order.title}: no archive is to be had: {'; '.join(problems)}")


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "product": {"type": "str", "required": True, "choices": ["haproxy", "keepalived"]},
            "version": {"type": "str", "required": True},
            "sha256": {"type": "str", "required": True},
            "archive": {"type": "list", "elements": "str", "required": True},
            "options": {"type": "list", "elements": "str", "default": []},
            "recipe": {"type": "str", "required": True},
            "directory": {"type": "path", "default": CACHE},
        },
        supports_check_mode=True,
    )
    params = module.params
    order = Order(params["product"], params["version"], params["sha256"], tuple(params["options"]))
    directory = Path(params["directory"])
    package = directory / order.package
    there = package.exists()
    with roots_rights(module):
        if not there and not module.check_mode:
            directory.mkdir(parents=True, exist_ok=True)
            build(order, archive_of(module, order, directory), params["recipe"], package, module.run_command)
        found = needs(order, package, module.run_command) if package.exists() else []
        module.exit_json(changed=not there, package=str(package), sha256=checksum(package), needs=found)


if __name__ == "__main__":
    main()
