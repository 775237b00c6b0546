# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: private_host
short_description: "Private to the collection: what is on a host"
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Private to the collection. Names, input and results change without notice.
  - >-
    C(answer) takes what a host has written or returned, the name of the module that did so, and that of the host.
    Returns what the module documents of it; C(failed) and C(msg) where it is no answer.
  - >-
    C(asked_from_elsewhere) takes services, as the filter P(evenkeel.ha_lb.service_layout#filter) gives them, and
    addresses. Returns the services without these addresses.
  - >-
    C(checked_archive) takes a path on the controller and a SHA-256. Returns the path if that is the checksum of the
    file.
  - >-
    C(package_name) takes a source build and its product. Returns the name of its package.
  - >-
    C(source_archives) takes source builds by product, right or wrong. Returns their archives, as they are written.
  - >-
    C(visible) takes a text of a host. Returns it with everything written out that would steer a terminal.
"""

from typing import Any

from ..plugin_utils.filter_io import as_filters


def answer(*args: Any, **kwargs: Any) -> Any:
    from ..plugin_utils.answer import answer_of

    return answer_of(*args, **kwargs)


def asked_from_elsewhere(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.host import http_probe

    return http_probe.asked_from_elsewhere(*args, **kwargs)


def checked_archive(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.host.source_build import archive

    return archive.checked_archive(*args, **kwargs)


def package_name(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.host.source_build import package

    return package.package_name(*args, **kwargs)


def source_archives(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.host.source_build import read

    return read.source_archives(*args, **kwargs)


def visible(*args: Any, **kwargs: Any) -> Any:
    from ..module_utils.basics import visible as text

    return text.visible(*args, **kwargs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return as_filters(answer, asked_from_elsewhere, checked_archive, package_name, source_archives, visible)
