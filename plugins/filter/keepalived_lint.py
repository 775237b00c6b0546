# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: keepalived_lint
short_description: Find what is wrong with the keepalived configurations of a cluster
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: >-
  The same as M(evenkeel.ha_lb.keepalived_lint), on the controller. The files of a mapping are those of the controller,
  from where Ansible was started; those that a list names are not opened.
positional: ignore, severity, fail_on, sarif, raises
options:
  _input:
    description:
      - The configurations, as the option of M(evenkeel.ha_lb.keepalived_lint), or a mapping of nodes to paths.
    type: raw
    required: true
  ignore: {description: What was looked at and accepted., type: raw, default: []}
  severity: {description: Leave out what is less than this., type: str, choices: [E, W, I], default: I}
  fail_on: {description: When to say so in C(failure)., type: str, choices: [E, W, I, never], default: never}
  sarif: {description: Return a SARIF 2.1.0 log too., type: bool, default: false}
  raises:
    description: Whether input that cannot be read is an error of the filter; otherwise it is in C(refused).
    type: bool
    default: true
"""
EXAMPLES = r"""
found: "{{ {'lb1': 'lb1.conf', 'lb2': 'lb2.conf'} | evenkeel.ha_lb.keepalived_lint(ignore=['KA103']) }}"
"""
RETURN = r"""
_value:
  description: What M(evenkeel.ha_lb.keepalived_lint) returns, and C(refused), why the input could not be read.
  type: dict
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def keepalived_lint(
    configs: Any,
    ignore: Any = (),
    severity: str = "I",
    fail_on: str = "never",
    sarif: bool = False,
    raises: bool = True,
) -> dict[str, Any]:
    from ..module_utils.keepalived.lint.result import lint_result

    return lint_result(configs, ignore, severity, fail_on, sarif, raises)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(keepalived_lint)
