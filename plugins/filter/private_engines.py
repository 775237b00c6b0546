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
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def engine_units(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.engines import catalogue

    return catalogue.engine_units(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(engine_units)
