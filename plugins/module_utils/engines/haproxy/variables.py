# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role haproxy: the range and the shape of each."""

from __future__ import annotations

import re
import shlex
from typing import Any

from ...basics import schema
from ...basics.schema import Report
from ...basics.variables import (
    LONGEST_SECONDS,
    Readers,
    is_true,
    listening_address,
    networks,
    optional,
    own_lines,
    port,
    timeout,
)
from ...basics.visible import UNSEEN
from ..contract.engine import Variables
from .config import SECTIONS

CREDENTIALS = ("haproxy_stats_user", "haproxy_stats_password")
MOST_CONNECTIONS = 1_000_000  # each has two open files, and the kernel's own limit (fs.nr_open) is near that
# RFC 7617 §2: a colon ends the user
USER = re.compile(f"[^:\\n\\r\\t{UNSEEN}]+\\Z")


def sections(value: Any, path: str, report: Report) -> Any:
    """Read whole sections in haproxy's own language."""
    text = own_lines(value, path, report)
    for number, line in enumerate(str(text or "").split("\n"), start=1):
        try:
            shlex.split(line, comments=True)
        except ValueError:
            report(path, f"has a quote in line {number} that does not end")
    return text


def lines(value: Any, path: str, report: Report) -> Any:
    """Read lines in haproxy's own language, for a section that is there."""
    text = sections(value, path, report)
    for line in str(text or "").split("\n"):
        keyword = next(iter(line.split()), "")
        if keyword in SECTIONS:
            report(path, f"begins a section of its own ({keyword}): that belongs into haproxy_extra_sections")
    return text


VARIABLES: Readers = {
    "haproxy_check_port": port,
    "haproxy_stats_enabled": schema.boolean,
    "haproxy_stats_user": optional(schema.matching(USER, "the name of a user: one line without a colon")),
    "haproxy_stats_password": optional(schema.discreet(schema.line)),
    "haproxy_stats_port": port,
    "haproxy_stats_address": listening_address,
    "haproxy_stats_networks": networks,
    "haproxy_stats_refresh_seconds": schema.integer(1, LONGEST_SECONDS),
    "haproxy_maxconn": schema.integer(0, MOST_CONNECTIONS),
    "haproxy_timeout_connect_seconds": timeout,
    "haproxy_timeout_client_seconds": timeout,
    "haproxy_timeout_server_seconds": timeout,
    "haproxy_hard_stop_after_seconds": schema.integer(1, LONGEST_SECONDS),
    "haproxy_extra_global": lines,
    "haproxy_extra_defaults": lines,
    "haproxy_extra_frontends": schema.discreet(schema.mapping_of(lines)),
    "haproxy_extra_backends": schema.discreet(schema.mapping_of(lines)),
    "haproxy_extra_sections": sections,
}


def check_statistics(variables: Variables, report: Report) -> None:
    """Report a statistics page without a user and a password."""
    for name in CREDENTIALS if is_true(variables.get("haproxy_stats_enabled")) else ():
        if variables.get(name) in (None, ""):
            report(name, "is missing: the statistics page has no default user and password")
