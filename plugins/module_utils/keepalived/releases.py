# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's releases. It has no branches with an end: what is found is mended in the next release alone.

Not here, because nobody else can use them on a node of ours: CVE-2018-19044 to 19046 (files in /tmp; our unit has it
elsewhere), CVE-2024-41184 (an empty name in one's own configuration; disputed), and those of the checks of virtual
servers, of which we write none (CVE-2018-19115, fixed in 2.0.7; an overflow in HTTP checks, fixed in 2.4.0).
"""

from __future__ import annotations

from ..host.releases import Fault, Releases

SOURCE = "https://www.keepalived.org/release-notes/"

RELEASES = Releases(
    program="keepalived",
    as_of="2026-08-22",
    source=SOURCE,
    faults=(
        Fault(
            "CVE-2021-44225",
            "every local user changes properties of other services over D-Bus",
            since="0.0.0",
            fixed=("2.2.5",),
            source="https://www.cve.org/CVERecord?id=CVE-2021-44225",
            needs="--enable-dbus",
        ),
    ),
)
