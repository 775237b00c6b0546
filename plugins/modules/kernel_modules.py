#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: kernel_modules
short_description: Find out which modules the kernel of a host has not
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Asks whether modules are loaded, built in, or there to be loaded. Loads none.
options:
  names:
    description: The names of the modules.
    type: list
    elements: str
    required: true
attributes:
  check_mode: {description: Changes nothing., support: full}
notes: [Runs on the controller.]
"""
EXAMPLES = r"""
- name: See whether the kernel has IPVS
  evenkeel.ha_lb.kernel_modules:
    names: [ip_vs, ip_vs_mh]
"""
RETURN = r"""
missing:
  description: The modules that it has not.
  type: list
  elements: str
  returned: success
"""
