# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role nginx: the range and the shape of each."""

from __future__ import annotations

import re
from typing import Any

from ...basics import schema
from ...basics.errors import HaLbError
from ...basics.schema import Report
from ...basics.variables import LONGEST_SECONDS, Readers, listening_address, networks, own_lines, port, timeout
from .language import directives

FEWEST_CONNECTIONS, MOST_CONNECTIONS = 256, 1_000_000  # nginx does not start with fewer than it has sockets
MOST_KEPT = 10_000  # each takes memory in every worker process, also while nobody uses it
LUA = "_by_lua_block"  # in its braces is another language
# ngx_http_log_module and "Logging to syslog"; a variable in it would open a file for every request
SYSLOG = (
    r"syslog:server=(unix:/[\w./-]+|[\w.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?)"
    r"(,(facility=(kern|user|mail|daemon|auth|intern|lpr|news|uucp|clock|authpriv|ftp|ntp|audit|alert|cron|local[0-7])"
    r"|severity=(debug|info|notice|warn|error|crit|alert|emerg)|tag=\w{1,32}|nohostname))*"
)
LOG = re.compile(rf"(off|(/[\w.@%+:=-]+)+|{SYSLOG})\Z", re.ASCII)

access_log = schema.matching(LOG, "off, the absolute path of a file, or a syslog: address as nginx writes it")


def lines(value: Any, path: str, report: Report) -> Any:
    """Read whole directives in nginx's own language."""
    text = own_lines(value, path, report)
    try:
        if text and LUA not in text:
            directives(text)
    except HaLbError as error:
        report(path, str(error))
    return text


VARIABLES: Readers = {
    "nginx_check_port": port,
    "nginx_status_enabled": schema.boolean,
    "nginx_status_port": port,
    "nginx_status_address": listening_address,
    "nginx_status_networks": networks,
    "nginx_max_fails": schema.integer(0, 1000),
    "nginx_fail_timeout_seconds": schema.integer(1, LONGEST_SECONDS),
    "nginx_worker_connections": schema.integer(FEWEST_CONNECTIONS, MOST_CONNECTIONS),
    "nginx_upstream_keepalive": schema.integer(0, MOST_KEPT),
    "nginx_timeout_connect_seconds": timeout,
    "nginx_timeout_client_seconds": timeout,
    "nginx_timeout_server_seconds": timeout,
    "nginx_hard_stop_after_seconds": schema.integer(1, LONGEST_SECONDS),
    "nginx_access_log": access_log,
    "nginx_extra_main": lines,
    "nginx_extra_http": lines,
    "nginx_extra_stream": lines,
    "nginx_extra_servers": schema.discreet(schema.mapping_of(lines)),
    "nginx_extra_upstreams": schema.discreet(schema.mapping_of(lines)),
}
