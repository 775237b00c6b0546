# SPDX-License-Identifier: GPL-3.0-or-later
"""M(vrrp_info) without the wrapper of a module, which is most of what a module costs the host."""

from __future__ import annotations

import json

from ansible.plugins.action import ActionBase
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.bundle import bundle
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.live.look import OPTIONS

PYTHON = "/usr/bin/python3 -I -"
LOOK = "keepalived.live.look"


class ActionModule(ActionBase):
    """Send the look as a program through the connection; where it does not run, the module."""

    def run(self, tmp=None, task_vars=None):
        """Return what M(vrrp_info) documents."""
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(OPTIONS)
        seen = self._look(options)
        if seen is None:
            seen = self._execute_module("evenkeel.ha_lb.vrrp_info", options, task_vars=task_vars)
        return {**result, **seen}

    def _look(self, options):
        """Return what the program prints, or None where it cannot be sent, or does not run."""
        if not self._is_pipelining_enabled("new"):
            return None
        said = self._low_level_execute_command(PYTHON, in_data=bundle(LOOK, "look", options).encode())
        try:
            return json.loads(said["stdout"])
        except ValueError:
            return None
