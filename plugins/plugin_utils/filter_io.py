# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge on the controller's side: what all filters share."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.errors import HaLbError

PLUGINS = "ansible_collections.evenkeel.ha_lb.plugins"
NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def as_filters(**places: str) -> dict[str, Callable[..., Any]]:
    """Return functions as filters, by the filters' names: what they raise becomes a filter's error.

    A place is MODULE.FUNCTION below plugins, imported when the filter is used: to find one filter, each of Ansible's
    workers loads all that a collection has.
    """
    return {name: _as_filter(name, place) for name, place in places.items()}


def _as_filter(name: str, place: str) -> Callable[..., Any]:
    module, function = place.rsplit(".", 1)

    def filtered(*args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(import_module(f"{PLUGINS}.{module}"), function)(*args, **kwargs)
        except HaLbError as error:
            raise AnsibleFilterError(str(error)) from error
        except NONSENSE as error:
            message = f"{name} cannot make sense of its input: {type(error).__name__}: {error}"
            raise AnsibleFilterError(message) from error

    return filtered
