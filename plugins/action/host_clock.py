# SPDX-License-Identifier: GPL-3.0-or-later
"""M(host_clock), which needs nothing but a shell on the host."""

from __future__ import annotations

import time

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.errors import HaLbError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.drill.clock import Look, offset_of
from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer import AskingAction

TIMES = 5


class ActionModule(AskingAction):
    """Ask a host for its time, over the connection that is there."""

    _VALID_ARGS = frozenset()

    def run(self, tmp=None, task_vars=None):
        """Return what M(host_clock) documents."""
        result = super().run(tmp, task_vars)
        looks = []
        # The first finds out about the shell, and opens the connection
        for _number in range(TIMES + 1):
            asked = time.time()
            said = self._low_level_execute_command("date +%s.%N", executable="/bin/sh")["stdout"]
            looks.append(Look(asked, said, time.time()))
        try:
            said = {"changed": False, **offset_of(looks[1:])._asdict()}
        except HaLbError as error:
            said = {"failed": True, "msg": str(error)}
        return {**result, **self.read(said, "host_clock", task_vars)}
