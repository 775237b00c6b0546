# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: given_variables
short_description: "Private to the collection: the variables of a host as they are given"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    Reads every variable of this host that is ours by its name, value by value, in the context of the task. A secret is
    replaced by what stands in for it. What cannot be read is an error, or a finding with its path.
options:
  _terms: {description: There are none., type: list, elements: str}
  report: {description: Whether findings are returned; else they are an error., type: bool, default: false}
  before_facts: {description: Whether facts of hosts are still to come., type: bool, default: false}
"""
EXAMPLES = r"""
own: "{{ lookup('evenkeel.ha_lb.given_variables') }}"
"""
RETURN = r"""
_raw:
  description: >-
    One mapping, of names to values. With C(report) it has C(variables); C(findings), each with C(path) and C(message);
    and C(complete), whether no variable is left out.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.cluster.given import given, unreadable

MARKS = ("{{", "{%", "{#")


class LookupModule(LookupBase):  # type: ignore[misc]
    """Read variables in the context of the task."""

    def run(
        self, terms: list[str], variables: Any = None, report: bool = False, before_facts: bool = False
    ) -> list[dict[str, Any]]:
        """Return what the documentation says."""
        result = given(variables, self._resolved, (AnsibleError, RecursionError), before_facts)
        if report:
            return [result]
        if result["findings"]:
            raise AnsibleLookupError("\n".join(unreadable([""], {"": {"": result}}, "")))
        return [result["variables"]]

    def _resolved(self, value: Any) -> Any:
        """Return what a template, or a value in a vault, stands for."""
        if isinstance(value, str):
            return self._templar.template(value) if any(mark in value for mark in MARKS) else value
        found = self._templar.template(value)
        # ansible-core 2.17 leaves what is in a vault as it is, and the text of that object is the secret
        return str(found) if type(found).__name__ == "AnsibleVaultEncryptedUnicode" else found
