# SPDX-License-Identifier: GPL-3.0-or-later
"""M(service_state) without the wrapper of a module, and without the contents of files."""

from __future__ import annotations

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.service_state import OPTIONS, digested
from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.program_action import ProgramAction

COMPARED = ("host.service_state", "compared")


class ActionModule(ProgramAction):
    """Compare, as a program."""

    def run(self, tmp=None, task_vars=None):
        """Return what M(service_state) documents."""
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(OPTIONS)
        options["files"] = digested(options["files"])
        return {**result, **self.answer("service_state", COMPARED, options, task_vars)}
