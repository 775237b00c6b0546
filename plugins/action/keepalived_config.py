# SPDX-License-Identifier: GPL-3.0-or-later
"""M(keepalived_config), of whose answer only what is documented is taken, and not whose it is."""

from __future__ import annotations

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer import AnswerAction


class ActionModule(AnswerAction):
    """Run the module."""

    def run(self, tmp=None, task_vars=None):
        """Return what M(keepalived_config) documents; the name of the node is the one that was given to it."""
        result = super().run(tmp, task_vars)
        if "config" in result:
            result["config"]["node"] = self._task.args["node"]
        return result
