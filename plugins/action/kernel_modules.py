# SPDX-License-Identifier: GPL-3.0-or-later
"""M(kernel_modules), which needs nothing but a shell on the host."""

from __future__ import annotations

import shlex

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer import AskingAction

OPTIONS = {"names": {"type": "list", "elements": "str", "required": True}}
# A module that is loaded has a directory; modprobe knows those that are built in, and those that lie there
ASKED = """for name in {names}; do
    [ -d "/sys/module/$name" ] || modprobe --dry-run --quiet "$name" 2>/dev/null || echo "$name"
done"""


class ActionModule(AskingAction):
    """Ask a host, over the connection that is there."""

    def run(self, tmp=None, task_vars=None):
        """Return what M(kernel_modules) documents."""
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(OPTIONS)
        command = ASKED.format(names=shlex.join(options["names"]))
        said = self._low_level_execute_command(command, executable="/bin/sh")
        if said["rc"]:
            said = {"failed": True, "msg": said["stderr"] or said["stdout"]}
        else:
            said = {"changed": False, "missing": said["stdout"].split()}
        return {**result, **self.read(said, "kernel_modules", task_vars)}
