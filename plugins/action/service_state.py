# SPDX-License-Identifier: GPL-3.0-or-later
"""M(service_state) without the wrapper of a module, and without the contents of files."""

from __future__ import annotations

import json

from ansible.plugins.action import ActionBase
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.bundle import bundle
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.service_state import OPTIONS, digested

PYTHON = "/usr/bin/python3 -I -"
STATE = "host.service_state"


class ActionModule(ActionBase):
    """Send the comparison as a program through the connection; where it does not run, the module."""

    def run(self, tmp=None, task_vars=None):
        """Return what M(service_state) documents."""
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(OPTIONS)
        options["files"] = digested(options["files"])
        found = self._compared(options)
        if found is None:
            found = self._execute_module("evenkeel.ha_lb.service_state", options, task_vars=task_vars)
        return {**result, **found}

    def _compared(self, options):
        """Return what the program prints, or None where it cannot be sent, or does not run."""
        if not self._is_pipelining_enabled("new"):
            return None
        said = self._low_level_execute_command(PYTHON, in_data=bundle(STATE, "compared", options).encode())
        try:
            return json.loads(said["stdout"])
        except ValueError:
            return None
