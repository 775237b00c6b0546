# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx.conf, read as far as the linter asks: where it listens."""

from __future__ import annotations

import re
from typing import Iterator, Tuple

from ..contract.bind import Bind, binds_of

PATH = "/etc/nginx/nginx.conf"
LISTEN = re.compile(r"\s*listen\s([^;]*);")


def binds(text: str) -> Tuple[Bind, ...]:
    """Return where the servers of an nginx.conf listen (ngx_http_core_module, listen)."""
    return tuple(_binds(text))


def _binds(text: str) -> Iterator[Bind]:
    for number, line in enumerate(text.splitlines(), 1):
        match = LISTEN.match(line)
        if match and match.group(1).strip():
            words = match.group(1).split()
            word = f"*:{words[0]}" if words[0].isdigit() else words[0]
            yield from binds_of(word, (PATH, number), both="ipv6only=off" in words)
