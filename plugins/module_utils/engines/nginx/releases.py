# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's releases. Two branches are mended, stable and mainline; one ends when the next of its kind begins.

Of the faults, those in parts that this collection configures, or that somebody may add to them; so none of mail, DAV,
MP4, charset, SSI, slices, SCGI and uWSGI.
"""

from __future__ import annotations

from ...host.releases import Branch, Fault, Releases

SOURCE = "https://nginx.org/en/security_advisories.html"

RELEASES = Releases(
    program="nginx",
    as_of="2026-08-22",
    source=SOURCE,
    branches=(
        Branch("1.18", "2021-04-20"),
        Branch("1.19", "2021-05-25"),
        Branch("1.20", "2022-05-24"),
        Branch("1.21", "2022-06-21"),
        Branch("1.22", "2023-04-11"),
        Branch("1.23", "2023-05-23"),
        Branch("1.24", "2024-04-23"),
        Branch("1.25", "2024-05-29"),
        Branch("1.26", "2025-04-23"),
        Branch("1.27", "2025-06-24"),
        Branch("1.28", "2026-04-14"),
        Branch("1.29", "2026-05-13"),
    ),
    faults=(
        Fault(
            "CVE-2026-42533",
            "a buffer overflows in maps with regular expressions",
            since="0.9.6",
            fixed=("1.30.4", "1.31.3"),
            source=SOURCE,
        ),
        Fault(
            "CVE-2026-42530",
            "memory is used after it was freed in HTTP/3",
            since="1.31.0",
            fixed=("1.31.2",),
            source=SOURCE,
        ),
        Fault(
            "CVE-2026-9256",
            "a buffer overflows in rewrites",
            since="0.1.17",
            fixed=("1.30.2", "1.31.1"),
            source=SOURCE,
        ),
        Fault(
            "CVE-2026-42926",
            "requests smuggled to a server over HTTP/2",
            since="1.29.4",
            fixed=("1.30.1", "1.31.0"),
            source=SOURCE,
        ),
        Fault(
            "CVE-2026-1642",
            "somebody on the way to a server over TLS puts in an answer",
            since="1.3.0",
            fixed=("1.28.2", "1.29.5"),
            source=SOURCE,
        ),
        Fault(
            "CVE-2025-23419",
            "a client's certificate counts at another server name",
            since="1.11.4",
            fixed=("1.26.3", "1.27.4"),
            source=SOURCE,
        ),
        Fault(
            "CVE-2024-32760",
            "memory is overwritten in HTTP/3",
            since="1.25.0",
            fixed=("1.26.1", "1.27.0"),
            source=SOURCE,
        ),
        Fault(
            "CVE-2021-23017",
            "an answer of DNS overwrites memory, where it resolves names",
            since="0.6.18",
            fixed=("1.20.1", "1.21.0"),
            source=SOURCE,
        ),
    ),
)
