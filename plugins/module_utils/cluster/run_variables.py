# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a run and of the collection, `ha_lb_*`: the range and the shape of each.

Those of the cluster itself (READ_TOGETHER) make sense only together, and are read by who knows what they mean.
"""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence

from ..basics import schema
from ..basics.schema import Field, Report
from ..basics.variables import LONGEST_WAIT, Readers, networks
from ..basics.wording import few
from ..engines.catalogue import ENGINES

READ_TOGETHER = (
    *("ha_lb_address", "ha_lb_check_port", "ha_lb_engine", "ha_lb_in_use", "ha_lb_pools", "ha_lb_services"),
    *("ha_lb_taken_vrids", "ha_lb_uplinks", "ha_lb_vips"),
)
ACCEPTED = "ha_lb_accept_degraded"
SEVERITIES = ("E", "W", "I")
# deb-version(7); a number would have lost the zeros at its end
PACKAGE_VERSION = re.compile(r"([0-9]+:)?[0-9][A-Za-z0-9.+~-]*\Z")
GROUP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")

group = schema.matching(GROUP, "the name of a group of the inventory")
file = schema.matching(re.compile("[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f/]\\Z"), "the path of a file")
lines = schema.list_of(schema.line, or_one=True)


def version(value: Any, path: str, report: Report) -> Any:
    """Read the version of a package."""
    if isinstance(value, str) and PACKAGE_VERSION.match(value):
        return value
    why = ": write it in quotes" if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
    report(path, f"{value!r} is not the version of a package, such as '1:2.2.7-1'{why}")
    return schema.INVALID


versions = schema.record({name: Field(version) for name in ("keepalived", *(engine.name for engine in ENGINES))})


def ignored(value: Any, path: str, report: Report) -> Any:
    """Read what the linter is to ignore: ids of rules, or mappings; what they mean, the linter knows."""
    if not isinstance(value, Mapping):
        return schema.line(value, path, report)
    return schema.mapping_of(schema.line)(value, path, report)


def names_in(said: Any) -> list[str]:
    """Return the names that are written as a list, or as one text with commas; nothing of what is neither."""
    listed = said if isinstance(said, (list, tuple)) else [said]
    written = [part.strip() for each in listed if isinstance(each, (str, int)) for part in str(each).split(",")]
    return list(dict.fromkeys(name for name in written if name))


def check_accepted(said: Any, nodes: Sequence[str], report: Report) -> None:
    """Report names of ha_lb_accept_degraded that are no nodes."""
    for number, name in enumerate(names_in(said)):
        if name not in nodes:
            shown = name if schema.NAME.match(name) else schema.quoted(name)
            report(f"{ACCEPTED}[{number}]", f"{shown} is no node of the cluster: {few(nodes)}")


VARIABLES: Readers = {
    ACCEPTED: lines,
    "ha_lb_accept_conflicts": schema.list_of(schema.line),
    "ha_lb_admin_networks": networks,
    "ha_lb_apt_wait_seconds": schema.integer(0, LONGEST_WAIT),
    "ha_lb_break_lock": schema.matching(re.compile(r"([0-9a-f]{8})?\Z"), "the id of a run, as the message prints it"),
    "ha_lb_drain_survives_reboot": schema.boolean,
    "ha_lb_drill_client": schema.line,
    "ha_lb_drill_consent": group,
    "ha_lb_drill_file": file,
    "ha_lb_drill_junit": file,
    "ha_lb_drill_margin_seconds": schema.seconds(0, 60),
    "ha_lb_drill_page": file,
    "ha_lb_drill_reboot": schema.boolean,
    "ha_lb_drills": lines,
    "ha_lb_group": group,
    "ha_lb_lint_fail_on": schema.choice(*SEVERITIES, "never"),
    "ha_lb_lint_file": file,
    "ha_lb_lint_files": schema.mapping_of(file),
    "ha_lb_lint_ignore": schema.list_of(ignored, or_one=True),
    "ha_lb_lint_path": file,
    "ha_lb_lint_sarif": file,
    "ha_lb_lint_severity": schema.choice(*SEVERITIES),
    # The longest interval of VRRPv2 is 255
    "ha_lb_listen_seconds": schema.seconds(1, 300),
    "ha_lb_lock_wait_seconds": schema.seconds(0, 86400),
    "ha_lb_node": lines,
    "ha_lb_preflight_file": file,
    "ha_lb_preflight_page": file,
    "ha_lb_remove_all": group,
    "ha_lb_remove_packages": schema.boolean,
    "ha_lb_site_file": file,
    "ha_lb_status_file": file,
    "ha_lb_upgrade_back": schema.boolean,
    "ha_lb_upgrade_file": file,
    "ha_lb_versions": versions,
}
