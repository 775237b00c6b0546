# SPDX-License-Identifier: GPL-3.0-or-later
"""A module without its wrapper, which is most of what one costs the host: its work is sent as a program."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

from ..module_utils.host.bundle import bundle
from .answer import AskingAction

PYTHON = "/usr/bin/python3 -I -"


class ProgramAction(AskingAction):
    """Send a program through the connection; where it does not run, the module."""

    def answer(
        self, module: str, program: Tuple[str, str], options: Mapping[str, Any], task_vars: Any
    ) -> Dict[str, Any]:
        """Return what the module documents. `program` has the name of a file of module_utils and of its function."""
        said: Any = self._printed(program, options)
        if said is None:
            said = self._execute_module(f"evenkeel.ha_lb.{module}", options, task_vars=task_vars)
        return self.read(said, module, task_vars)

    def _printed(self, program: Tuple[str, str], options: Mapping[str, Any]) -> Optional[str]:
        """Return what the program prints, or None where it cannot be sent, or does not run."""
        if not self._is_pipelining_enabled("new"):
            return None
        said: str = self._low_level_execute_command(PYTHON, in_data=bundle(*program, options).encode())["stdout"]
        return said if said.startswith("{") else None
