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
    C(drained_by) takes what M(evenkeel.ha_lb.vrrp_info) returned. Returns the playbook that has drained the node for a
    while; nothing where people did, or nobody.
  - >-
    C(former_peers) takes the C(config) that M(evenkeel.ha_lb.keepalived_config) returned of every node, the nodes,
    the interfaces by node, and C(ha_lb_accept_conflicts). Returns the addresses of unicast peers that are no nodes any
    more, and not accepted.
  - >-
    C(leave_weight) takes whether peers preempt. Returns what is added to the priority of a node that is to give up
    its VIPs.
  - >-
    C(lint_data) takes what P(evenkeel.ha_lb.keepalived_lint#filter) returned. Returns the part of it that is written
    as data.
  - >-
    C(moved_addresses) takes the same configurations and C(ha_lb_vips). Returns a sentence for every address that
    would move from one VRRP instance to another, for which keepalived needs two steps.
  - >-
    C(peers_of) takes C(instances), as P(evenkeel.ha_lb.vrrp_layout#filter) returns them for a node. Returns the
    addresses of their peers, every one once.
  - >-
    C(vrrp_senders) takes the same C(instances), C(keepalived_transport), the node's interfaces, and whether it is
    wanted. Returns a line of text for every address family in which it is known who sends VRRP.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def drained_by(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived.live import standing

    return standing.drained_by(*args, **kwargs)


def former_peers(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived.config import former

    return former.former_peers(*args, **kwargs)


def leave_weight(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.vrrp import leaving

    return leaving.leave_weight(*args, **kwargs)


def lint_data(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived.lint import result

    return result.lint_data(*args, **kwargs)


def moved_addresses(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived.config import former

    return former.moved_addresses(*args, **kwargs)


def peers_of(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived import view

    return view.peers_of(*args, **kwargs)


def vrrp_senders(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.keepalived import senders

    return senders.vrrp_senders(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(drained_by, former_peers, leave_weight, lint_data, moved_addresses, peers_of, vrrp_senders)
