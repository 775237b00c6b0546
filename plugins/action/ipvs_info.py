# SPDX-License-Identifier: GPL-3.0-or-later
"""M(ipvs_info) without the wrapper of a module."""

from __future__ import annotations

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.engines.lvs.look import OPTIONS
from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.program_action import ProgramAction

LOOK = ("engines.lvs.look", "look")


class ActionModule(ProgramAction):
    """Look, as a program."""

    def run(self, tmp=None, task_vars=None):
        """Return what M(ipvs_info) documents."""
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(OPTIONS)
        return {**result, **self.answer("ipvs_info", LOOK, options, task_vars)}
