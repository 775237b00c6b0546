# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge: the only file of module_utils that knows Ansible."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .basics.errors import HaLbError, Refused
from .host.rights import as_root, environment

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


@contextmanager
def domain_errors(module: AnsibleModule) -> Iterator[None]:
    """Turn what the domain raises into one failure of the module, with the findings as data."""
    try:
        yield
    except Refused as refused:
        findings = [{"path": each.path, "message": each.message} for each in refused.findings]
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
    return list(ArgumentSpecValidator(required_later).validate(dict(values)).error_messages)
