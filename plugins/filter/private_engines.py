# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_engines
short_description: "Private to the collection: the engines"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(engine_units) takes the name of the engine that is chosen, or an empty one. Returns every engine as it is on a
    host, the chosen one first: C(name), C(unit), C(path), C(test), C(trial), C(packages), C(versioned),
    C(from_source) and C(preempt_delay_seconds). C(unit) is empty where keepalived serves.
  - >-
    C(kernel_needs) takes services, VIPs, pools and the name of the engine that is chosen. Returns C({modules,
    settings}), what the kernel must have; nothing where there is a proxy.
  - >-
    C(needed_modules) takes the variables of a node, right or wrong. Returns the modules that its kernel must have.
  - >-
    C(virtual_servers) takes the same as C(kernel_needs). Returns what keepalived.conf has of them.
  - >-
    C(real_server_refusals) takes the variables of the role C(lvs_real_server), by name, and the facts of the host.
    Returns what is wrong with them, as sentences.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def engine_units(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines import catalogue

    return catalogue.engine_units(*args, **kwargs)


def kernel_needs(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines import service_layout

    return service_layout.kernel_needs(*args, **kwargs)


def needed_modules(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines import service_layout

    return service_layout.needed_modules(*args, **kwargs)


def virtual_servers(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines import service_layout

    return service_layout.virtual_servers(*args, **kwargs)


def real_server_refusals(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines.lvs import real_server

    return real_server.real_server_refusals(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(engine_units, kernel_needs, needed_modules, real_server_refusals, virtual_servers)
