# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge: the only file of module_utils that knows Ansible."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .basics.errors import HaLbError, Refused
from .basics.quoting import quoted
from .host.rights import as_root, environment

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

CONVERSION = re.compile(r"argument '(?P<name>\w+)' is of type \S+ and we were unable to convert to (?P<type>\w+):")
CHOICE = re.compile(r"value of (?P<name>\w+) must be one of:")
TYPES = {
    "bool": "is neither true nor false",
    "dict": "is not a mapping",
    "float": "is not a number",
    "int": "is not a whole number",
    "list": "is not a list",
    "str": "is not text",
}


@contextmanager
def domain_errors(module: AnsibleModule) -> Iterator[None]:
    """Turn what the domain raises into one failure of the module, with the findings as data."""
    try:
        yield
    except Refused as refused:
        findings = [{"path": each.path, "message": each.message} for each in refused.told]
        module.fail_json(msg=str(refused), findings=findings)
    except (HaLbError, OSError) as error:
        module.fail_json(msg=str(error))


@contextmanager
def roots_rights(module: AnsibleModule) -> Iterator[None]:
    """Do the same for a module that only root may run, whoever logged in."""
    with domain_errors(module):
        as_root()
        module.run_command_environ_update = {**module.run_command_environ_update, **environment()}
        yield


def spec_errors(spec: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Check values against a role's argument spec; return every error as a sentence."""
    required_later = {name: {**option, "required": False} for name, option in spec.items()}
    messages = ArgumentSpecValidator(required_later).validate(dict(values)).error_messages
    return [_in_words(message, spec, values) for message in messages]


def _in_words(message: str, spec: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Say in our words what Ansible says of a value as a whole; what it says of an inner one stays."""
    found = CONVERSION.match(message) or CHOICE.match(message)
    if not found or found["name"] not in values:
        return message
    name = found["name"]
    choices = ", ".join(map(str, spec[name].get("choices") or ()))
    rule = TYPES.get(found.groupdict().get("type") or "", f"is not one of {choices}")
    return rule if spec[name].get("no_log") else f"{quoted(values[name])} {rule}"
