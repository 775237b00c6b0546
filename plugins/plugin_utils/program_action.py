# SPDX-License-Identifier: GPL-3.0-or-later
"""A module without its wrapper, which is most of what one costs the host: its work is sent as a program."""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional, Tuple

from ansible.plugins.action import ActionBase

from ..module_utils.host.bundle import bundle

PYTHON = "/usr/bin/python3 -I -"


class ProgramAction(ActionBase):  # type: ignore[misc]
    """Send a program through the connection; where it does not run, the module."""

    def answer(
        self, module: str, program: Tuple[str, str], options: Mapping[str, Any], task_vars: Any
    ) -> Mapping[str, Any]:
        """Return what the module documents. `program` has the name of a file of module_utils and of its function."""
        said = self._printed(program, options)
        if said is None:
            said = self._execute_module(module, options, task_vars=task_vars)
        return said

    def _printed(self, program: Tuple[str, str], options: Mapping[str, Any]) -> Optional[Mapping[str, Any]]:
        """Return what the program prints, or None where it cannot be sent, or does not run."""
        if not self._is_pipelining_enabled("new"):
            return None
        said = self._low_level_execute_command(PYTHON, in_data=bundle(*program, options).encode())
        try:
            printed: Mapping[str, Any] = json.loads(said["stdout"])
            return printed
        except ValueError:
            return None
