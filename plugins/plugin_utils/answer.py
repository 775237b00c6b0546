# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way by which what a host answers comes to the controller: by what the module documents."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional

import yaml
from ansible.plugins.action import ActionBase

from ..module_utils.basics.answer import BACKGROUND, Shape, parsed, read_answer
from ..module_utils.basics.errors import HaLbError
from ..module_utils.basics.visible import shortened
from ..module_utils.host.unanswered import plain_answer

MODULES = Path(__file__).resolve().parents[1] / "modules"
OF_RETURN = re.compile(r'^RETURN = r"""(.*?)"""', re.MULTILINE | re.DOTALL)
LONGEST_REASON = 20_000


@lru_cache(maxsize=None)
def documented(module: str) -> Shape:
    """Return what a module of this collection documents that it returns."""
    found = OF_RETURN.search((MODULES / f"{module}.py").read_text(encoding="utf-8"))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return (yaml.load(found[1], loader) if found else None) or {}


def answer_of(said: Any, module: str, host: str, shape: Optional[Shape] = None) -> Dict[str, Any]:
    """Return what `host` answered of all that its module documents; `said` is a mapping, or the text of one.

    What is no such answer becomes that of a module that failed: `failed` and `msg`, which names the host.
    """
    try:
        wanted = documented(module) if shape is None else shape
        read = read_answer(parsed(said) if isinstance(said, str) else said, wanted)
    except HaLbError as error:
        return {"failed": True, "msg": f"{host} answers {module} with what is no answer: {error}"}
    if "msg" in read:
        read["msg"] = shortened(read["msg"], LONGEST_REASON)
    return read


class AskingAction(ActionBase):  # type: ignore[misc]
    """An action that asks a host, and reads what it answers."""

    def read(self, said: Any, module: str, task_vars: Any, shape: Optional[Shape] = None) -> Dict[str, Any]:
        """Return an answer of the host of this task, and the interpreter that Ansible itself has found there."""
        host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "the host")
        return {**answer_of(plain_answer(said, host), module, host, shape), **self._found()}

    def _found(self) -> Dict[str, Any]:
        """Return the fact that spares the next task the search for an interpreter; a module cannot set it."""
        key = getattr(self, "_discovered_interpreter_key", None)
        return {"ansible_facts": {key: self._discovered_interpreter}} if key else {}


class AnswerAction(AskingAction):
    """Run the module of the action's name on the host, and return what it documents."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> Dict[str, Any]:
        """Return what the module documents, or, of one that goes on in the background, where it is to be found."""
        result: Dict[str, Any] = super().run(tmp, task_vars)
        background = bool(self._task.async_val) and not self._connection.has_native_async
        said = self._execute_module(task_vars=task_vars, wrap_async=background)
        if background:
            # ansible-core 2.17 says it by a number
            said = {name: bool(value) if name == "failed" else value for name, value in said.items()}
        else:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        module = self._task.action.rpartition(".")[2]
        return {**result, **self.read(said, module, task_vars, BACKGROUND if background else None)}
