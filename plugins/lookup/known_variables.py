# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: known_variables
short_description: "Private to the collection: variables that can be read already"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - A variable that needs a fact which is not there yet is left out.
options:
  _terms: {description: Names of variables., type: list, elements: str, required: true}
"""
EXAMPLES = r"""
known: "{{ lookup('evenkeel.ha_lb.known_variables', 'ha_lb_vips', 'ha_lb_services') }}"
"""
RETURN = r"""
_raw:
  description: One mapping, of names to values.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleUndefinedVariable
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):  # type: ignore[misc]
    """Read variables in the context of the task."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Return [{name: value}] of those that can be read."""
        known: dict[str, Any] = {}
        for name in terms:
            try:
                known[name] = self._templar.template(variables[name])
            except (AnsibleUndefinedVariable, KeyError):
                continue
        return [known]
