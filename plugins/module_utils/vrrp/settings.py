# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the VRRP settings that all instances of a cluster share."""

from __future__ import annotations

import re
from typing import Any, Mapping

from ..basics import schema
from .model import ADVERT_INTERVAL, PREEMPT_DELAY, Settings

OPTIONS = (
    "vrrp_version",
    "transport",
    "advert_interval_seconds",
    "down_timer_adverts",
    "auth_pass",
    "vmac",
    "preempt",
    "preempt_delay_seconds",
)
AUTH_PASS_LENGTH = 8  # octets of the field (RFC 2338 §5.3.10); keepalived truncates a longer one without a message
AUTH_PASS = re.compile(r"[^\"\\]*\Z")  # keepalived.conf has it in quotes
HUNDREDTH = 100  # of a second: the unit of version 3 (RFC 9568 §5.2.7)


def read_settings(values: Mapping[str, Any], report: schema.Report, prefix: str = "") -> Settings:
    """Read the values of OPTIONS; a wrong or absent one becomes the default. `prefix` precedes names in findings.

    Of variables, which have a prefix, a null one is wrong: the role would print it.
    """

    def read(option: str, reader: schema.Reader, default: Any) -> Any:
        value = values.get(option)
        if value is None and prefix and option in values:
            report(prefix + option, "is null: give it a value, or leave it out")
        known = schema.INVALID if value is None else reader(value, prefix + option, report)
        return default if known is schema.INVALID else known

    version = read("vrrp_version", schema.integer(2, 3), 3)
    interval = read("advert_interval_seconds", _interval(version), ADVERT_INTERVAL[version])
    auth_pass = read("auth_pass", password, "")
    if auth_pass and version == 3:
        report(f"{prefix}auth_pass", "VRRP version 3 has no authentication: use version 2, or leave it out")
    return Settings(
        version=version,
        transport=read("transport", schema.choice("unicast", "multicast"), "unicast"),
        advert_interval=interval,
        down_timer_adverts=read("down_timer_adverts", schema.integer(1, 100), 3),
        auth_pass=auth_pass,
        vmac=read("vmac", schema.boolean, False),
        preempt=read("preempt", schema.boolean, True),
        preempt_delay=read("preempt_delay_seconds", schema.seconds(0, 1000), PREEMPT_DELAY),
    )


def _interval(version: int) -> schema.Reader:
    """Return a reader of the time between adverts, which a version counts in whole units."""
    in_range = schema.seconds(1, 255) if version == 2 else schema.seconds(0.01, 40.95)

    def read(value: Any, path: str, report: schema.Report) -> Any:
        interval = in_range(value, path, report)
        if version == 2 and interval and interval != int(interval):
            report(path, f"{interval:g} is not whole, and VRRP version 2 counts whole seconds")
        elif interval and round(interval * HUNDREDTH, 6) % 1:
            report(path, f"{interval:g} is finer than hundredths of a second, which VRRP version 3 counts")
        return interval

    return read


def password(value: Any, path: str, report: schema.Report) -> Any:
    """Read a password of VRRP version 2, or the empty text for none. No finding quotes it."""
    if not isinstance(value, str):
        report(path, "is no text: put it in quotes")
    elif not value.isascii() or not value.isprintable() or not AUTH_PASS.match(value):
        report(path, "may have ASCII letters, digits and marks, but neither quotes nor backslashes nor line ends")
    elif len(value) > AUTH_PASS_LENGTH:
        report(path, f"has more than {AUTH_PASS_LENGTH} characters, and VRRP sends no more")
    return value if isinstance(value, str) else schema.INVALID


def settings_of(variables: Mapping[str, Any]) -> Settings:
    """Read the variables `keepalived_*` of a host, with the default in the place of what cannot be read."""
    return read_settings({option: variables.get(f"keepalived_{option}") for option in OPTIONS}, schema.collector([]))
