# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_agent
short_description: "Private to the collection: the agents of a node, and the core on it"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(core_files) takes names of modules of the core, as C(agent.guard.daemon), and a directory. Returns the directories
    and files that make it a package of them, as M(evenkeel.ha_lb.managed_files) takes them.
  - >-
    C(notify_config) takes the variables of the role C(agents) by name, and the name of a node. Returns C(notifier)
    and C(page), what the notifier and the status page of the node read, with the defaults of what was left out, and
    C(listen), where systemd listens for the page.
  - >-
    C(real_server_modules) takes what a real server of LVS is to have, as C(lvs_real_server) writes it. Returns the
    modules that its kernel needs for it.
  - >-
    C(uplinks_config) takes C(ha_lb_uplinks). Returns them as a node reads them, with the defaults of what was left out.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def core_files(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.host import bundle

    return bundle.core_files(*args, **kwargs)


def notify_config(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.agent.notify import read

    return read.notify_config(*args, **kwargs)


def real_server_modules(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.agent import real_server

    return real_server.modules_of(*args, **kwargs)


def uplinks_config(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.vrrp import uplinks

    return uplinks.uplinks_config(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(core_files, notify_config, real_server_modules, uplinks_config)
