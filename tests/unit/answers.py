# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module really returns, held against what it documents: the controller takes nothing else from a host."""

from __future__ import annotations

import importlib
from typing import Any

# What Ansible adds, and the controller leaves
ANSIBLES = {"invocation", "exception"}


def as_documented(module: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of a module if the controller would take all of it, as it is."""
    reader = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer")
    assert reader.answer_of(answer, module, "lb1") == {key: each for key, each in answer.items() if key not in ANSIBLES}
    return answer
