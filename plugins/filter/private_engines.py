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
    host, the chosen one first: C(name), C(unit), C(path), C(test), C(trial), C(packages), C(versioned) and
    C(from_source).
  - >-
    C(real_server_refusals) takes the variables of the role C(lvs_real_server), by name, and the facts of the host.
    Returns what is wrong with them, as sentences.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def engine_units(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines import catalogue

    return catalogue.engine_units(*args, **kwargs)


def real_server_refusals(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines.lvs import real_server

    return real_server.real_server_refusals(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(engine_units, real_server_refusals)
