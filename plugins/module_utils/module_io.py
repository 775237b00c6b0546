# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge: the only file of module_utils that knows Ansible."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .basics.discreet import HIDDEN, without
from .basics.errors import HaLbError, Refused
from .basics.quoting import quoted
from .host.rights import as_root, environment


class DiscreetModule(AnsibleModule):  # type: ignore[misc]
    """A module whose options may hold secrets: they stand neither in the log of the host nor in the result.

    `no_log` would not do. That of an option masks its value in the host's log only where that stands in one line, and
    then in every difference and sentence too; that of the module is set anew by every task.
    """

    _valid = False
    _given: Sequence[str] = ()

    def __init__(self, argument_spec: Mapping[str, Any], **settings: Any) -> None:
        super().__init__(argument_spec=argument_spec, **settings)
        self._valid = True

    def _load_params(self) -> None:
        """Keep the texts that were given: the values that are refused are not in `params` any more."""
        super()._load_params()
        self._given = _texts([each for name, each in self.params.items() if not name.startswith("_ansible_")])

    def log(self, msg: str, log_args: Any = None) -> None:
        """Write to the log of the host that the module was run, and nothing else."""
        super().log("Invoked")

    def exit_json(self, **result: Any) -> None:
        """Return the result, with the names of the options alone."""
        super().exit_json(**{**result, **self._invoked()})

    def fail_json(self, msg: str, **result: Any) -> None:
        """Return a failure; what Ansible itself says of wrong options quotes none of their values."""
        said = msg if self._valid else without(str(msg), self._given)
        super().fail_json(said, **{**result, **self._invoked()})

    def _invoked(self) -> Mapping[str, Any]:
        return {"invocation": {"module_args": dict.fromkeys(self.params, HIDDEN)}}


def _texts(value: Any) -> List[str]:
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in _texts(each)]
    return [str(value)]


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
def domain_errors(module: AnsibleModule, shown: Callable[[str], str] = str) -> Iterator[None]:
    """Turn what the domain raises into one failure of the module, with the findings as data.

    `shown` returns what of a message may be shown.
    """
    try:
        yield
    except Refused as refused:
        findings = [{"path": each.path, "message": each.message} for each in refused.told]
        module.fail_json(msg=str(refused), findings=findings)
    except (HaLbError, OSError) as error:
        module.fail_json(msg=shown(str(error)))


@contextmanager
def roots_rights(module: AnsibleModule, shown: Callable[[str], str] = str) -> Iterator[None]:
    """Do the same for a module that only root may run, whoever logged in."""
    with domain_errors(module, shown):
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
