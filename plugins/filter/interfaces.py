# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: interfaces
short_description: The network interfaces of a host, from its facts
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description: Reduces C(ansible_facts) to what the layout needs.
options:
  _input: {description: The facts of a host., type: dict, required: true}
"""
EXAMPLES = r"""
interfaces: "{{ ansible_facts | evenkeel.ha_lb.interfaces }}"
"""
RETURN = r"""
_value:
  description: A list of C({name, addresses, own}).
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.filter_io import as_filters


def interfaces(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    from ..module_utils.vrrp.host import interfaces_from_facts

    return interfaces_from_facts(facts)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(interfaces)
