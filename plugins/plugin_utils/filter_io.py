# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge on the controller's side: what all filters share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.basics.errors import HaLbError

NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
MOST = 120  # characters of what an exception says: it may quote the whole input


def as_filters(*functions: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Return functions as filters, by their names: what they raise becomes a filter's error.

    A function imports the core when it is called: to find one filter, every worker of Ansible loads all files of
    filters that a collection has. A new filter is private: a function in private_ROOM.py, its name in that file's
    `as_filters`, and what it takes and returns in that file's documentation.
    """
    return {function.__name__: _as_filter(function) for function in functions}


def _as_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except HaLbError as error:
            raise AnsibleFilterError(str(error)) from error
        except NONSENSE as error:
            message = f"{function.__name__} cannot make sense of its input: {type(error).__name__}: {str(error)[:MOST]}"
            raise AnsibleFilterError(message) from error

    return filtered
