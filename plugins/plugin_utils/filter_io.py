# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge on the controller's side: what all filters share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.errors import HaLbError

NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def as_filters(**functions: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Return functions of the domain as filters, by the filters' names: what they raise becomes a filter's error."""
    return {name: _as_filter(name, function) for name, function in functions.items()}


def _as_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except HaLbError as error:
            raise AnsibleFilterError(str(error)) from error
        except NONSENSE as error:
            message = f"{name} cannot make sense of its input: {type(error).__name__}: {error}"
            raise AnsibleFilterError(message) from error

    return filtered
