# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host ran no module: what its shell, sudo or su said in the place of an answer, as one sentence."""

from __future__ import annotations

from typing import Any

from ..basics.visible import shortened

LONGEST = 300
SSH_SAYS = "Shared connection to "


def plain_answer(said: Any, host: str) -> Any:
    """Return an answer; where the host ran no module, `failed` and a `msg` that names it and ends as its output does.

    Ansible gives the output of a host that ran no module as `module_stdout` and `module_stderr`.
    """
    if not isinstance(said, dict) or "module_stdout" not in said:
        return said
    lines = [*str(said["module_stdout"]).splitlines(), *str(said.get("module_stderr", "")).splitlines()]
    words = " ".join(" ".join(line for line in lines if not line.startswith(SSH_SAYS)).split())[-LONGEST:]
    return {
        "failed": True,
        "msg": f"{host}: no module runs there: {shortened(words, LONGEST) or 'it says nothing'}",
    }
