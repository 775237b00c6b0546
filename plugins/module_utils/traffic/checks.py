# SPDX-License-Identifier: GPL-3.0-or-later
"""How the health of servers is found out: the words of `check`."""

from __future__ import annotations

import re
from typing import Any, List, Mapping, Optional

from ..basics import schema
from ..basics.schema import Field
from ..basics.variables import port
from .model import Check

# What a path may have, and a query (RFC 3986 §3.3 and §3.4), but for the single quote: it can begin a string
NO_PATH = re.compile(r"[^A-Za-z0-9._~!$&()*+,;=:@%/?-]|%(?![0-9A-Fa-f]{2})")

QUERIES = ("A", "AAAA", "CNAME", "MX", "NS", "SOA", "TXT")
# Of what a program can be given without anything that a shell, or a language of configurations, makes of it
COMMAND = re.compile(r"/[A-Za-z0-9._/-]+( [A-Za-z0-9._:/@=,+-]+)*\Z")

digest = schema.matching(re.compile(r"[0-9a-f]{32}\Z"), "an MD5 sum in 32 small hexadecimal digits")
command = schema.matching(COMMAND, "an absolute path, and arguments of letters, digits and . _ : / @ = , + -")


def url_path(value: Any, path: str, report: schema.Report) -> Any:
    """Read a path, perhaps with a query, as a request writes it."""
    if not isinstance(value, str) or not value.startswith("/"):
        report(path, f"{value!r} is not a path that begins with /")
        return schema.INVALID
    wrong = NO_PATH.search(value)
    if wrong:
        written = "".join(f"%{octet:02X}" for octet in wrong.group().encode(errors="replace"))
        report(path, f"{value!r} has the character {wrong.group()!r}, which a path writes as {written}")
        return schema.INVALID
    return value


HTTP = schema.record(
    {
        "path": Field(url_path, default="/"),
        "host": Field(schema.host, default=""),
        "expect": Field(schema.integer(100, 599), default=200),
        "digest": Field(digest, default=""),
    }
)
NAME = schema.record(
    {"name": Field(schema.host_name, required=True), "type": Field(schema.choice(*QUERIES), default="A")}
)
KINDS = {
    "http": Field(HTTP),
    "https": Field(HTTP),
    "tcp": Field(schema.record({})),
    "udp": Field(schema.record({})),
    "ping": Field(schema.record({})),
    "mysql": Field(schema.record({"user": Field(schema.name, required=True)})),
    "smtp": Field(schema.record({})),
    "dns": Field(NAME),
    "script": Field(schema.record({"command": Field(command, required=True)})),
}
SETTINGS = {
    "interval": ("interval_seconds", Field(schema.seconds(0.1, 3600))),
    "fall": ("fall", Field(schema.integer(1, 100))),
    "rise": ("rise", Field(schema.integer(1, 100))),
    "port": ("port", Field(port)),
    "timeout": ("timeout_seconds", Field(schema.seconds(0.1, 3600))),
    "retry": ("retry_seconds", Field(schema.seconds(0.1, 3600))),
    "warmup": ("warmup_seconds", Field(schema.seconds(0, 3600))),
}
"""By the field of the model: the word for it, and its reader."""
CHECK = schema.record({**KINDS, **dict(SETTINGS.values())})


def kinds_of(raw: Optional[Mapping[str, Any]]) -> List[str]:
    """Return the kinds that a check names: one, or none for that of the mode."""
    return [kind for kind in KINDS if raw and raw[kind] is not None]


def check_of(raw: Optional[Mapping[str, Any]], mode: str) -> Check:
    """Return the check that a record says, which was read without a finding; without a kind, that of the mode."""
    said = raw or {}
    kind = next(iter(kinds_of(raw)), mode)
    times = {name: said.get(word) for name, (word, _field) in SETTINGS.items()}
    given = {name: value for name, value in times.items() if value is not None}
    return Check(kind, **(said.get(kind) or {}), **given)
