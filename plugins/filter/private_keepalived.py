# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_keepalived
short_description: "Private to the collection: the configurations of keepalived that are there"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(former_peers) takes the C(config) that M(evenkeel.ha_lb.keepalived_config) returned of every node, the nodes,
    and the interfaces by node. Returns the addresses of unicast peers that are no nodes any more.
  - >-
    C(leave_weight) takes whether peers preempt. Returns what is added to the priority of a node that is to give up
    its VIPs.
  - >-
    C(moved_addresses) takes the same configurations and C(ha_lb_vips). Returns a sentence for every address that
    would move from one VRRP instance to another, for which keepalived needs two steps.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def former_peers(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived.config import former

    return former.former_peers(*args, **kwargs)


def leave_weight(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.vrrp import weights

    return weights.leave_weight(*args, **kwargs)


def moved_addresses(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived.config import former

    return former.moved_addresses(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(former_peers, leave_weight, moved_addresses)
