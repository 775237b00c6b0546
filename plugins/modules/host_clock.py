#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_clock
short_description: Measure the offset of a host's clock from the controller's
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Asks the host for its time several times; the answer with the shortest round trip counts. Changes nothing.
attributes:
  check_mode: {description: Changes nothing., support: full}
notes: [Runs on the controller.]
"""
EXAMPLES = r"""
- name: Measure the offset of the clocks
  evenkeel.ha_lb.host_clock:
"""
RETURN = r"""
offset_seconds:
  description: By how much the host's clock is ahead of the controller's.
  type: float
  returned: success
uncertainty_seconds:
  description: By how much that may be wrong.
  type: float
  returned: success
"""
