# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the VRRP settings that all instances of a cluster share."""

from __future__ import annotations

from typing import Any, Mapping

from ..basics import schema
from .model import ADVERT_INTERVAL, Settings

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


def read_settings(values: Mapping[str, Any], report: schema.Report, prefix: str = "") -> Settings:
    """Read the values of OPTIONS; a wrong or absent one becomes the default. `prefix` precedes names in findings."""

    def read(option: str, reader: schema.Reader, default: Any) -> Any:
        value = values.get(option)
        known = schema.INVALID if value is None else reader(value, prefix + option, report)
        return default if known is schema.INVALID else known

    version = read("vrrp_version", schema.integer(2, 3), 3)
    shortest, longest = (1, 255) if version == 2 else (0.01, 40.95)
    interval = read("advert_interval_seconds", schema.seconds(shortest, longest), ADVERT_INTERVAL[version])
    if version == 2 and interval != int(interval):
        report(
            f"{prefix}advert_interval_seconds", f"{interval:g} is not whole, and VRRP version 2 counts whole seconds"
        )
    auth_pass = str(values.get("auth_pass") or "")
    if auth_pass and version == 3:
        report(f"{prefix}auth_pass", "VRRP version 3 has no authentication: use version 2, or leave it out")
    if len(auth_pass) > AUTH_PASS_LENGTH:
        report(f"{prefix}auth_pass", f"has more than {AUTH_PASS_LENGTH} characters, and VRRP sends no more")
    return Settings(
        version=version,
        transport=read("transport", schema.choice("unicast", "multicast"), "unicast"),
        advert_interval=interval,
        down_timer_adverts=read("down_timer_adverts", schema.integer(1, 100), 3),
        auth_pass=auth_pass,
        vmac=read("vmac", schema.boolean, False),
        preempt=read("preempt", schema.boolean, True),
        preempt_delay=read("preempt_delay_seconds", schema.seconds(0, 1000), 5.0),
    )


def settings_of(variables: Mapping[str, Any]) -> Settings:
    """Read the variables `keepalived_*` of a host, with the default in the place of what cannot be read."""
    return read_settings({option: variables.get(f"keepalived_{option}") for option in OPTIONS}, schema.collector([]))
