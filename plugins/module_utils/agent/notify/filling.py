# SPDX-License-Identifier: GPL-3.0-or-later
"""A message in the form that a channel sends: texts with its fields in braces, JSON, a form, an environment."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Mapping
from urllib.parse import urlencode

from .message import FIELDS

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def fill(template: str, message: Mapping[str, Any]) -> str:
    """Replace the names of fields in braces by their values; braces around anything else stay."""
    return PLACEHOLDER.sub(lambda found: str(message.get(found[1], found[0])), template)


def unknown_fields(template: str) -> list[str]:
    """Return the names in braces that are no fields of a message."""
    return [name for name in PLACEHOLDER.findall(template) if name not in FIELDS]


def filled(template: Any, message: Mapping[str, Any]) -> Any:
    """Fill every text of nested data."""
    if isinstance(template, str):
        return fill(template, message)
    if isinstance(template, Mapping):
        return {key: filled(each, message) for key, each in template.items()}
    if isinstance(template, (list, tuple)):
        return [filled(each, message) for each in template]
    return template


def as_json(template: Any, message: Mapping[str, Any]) -> str:
    """Return the body of a web hook: the filled template, or the whole message without one."""
    return json.dumps(dict(message) if template is None else filled(template, message))


def as_form(template: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """Return the body of a form, or the query of a GET."""
    return urlencode({key: fill(str(each), message) for key, each in template.items()})


def as_environment(message: Mapping[str, Any]) -> Dict[str, str]:
    """Return the environment of a command: HA_LB_INSTANCE and so on."""
    return {f"HA_LB_{name.upper()}": str(message[name]) for name in FIELDS}
