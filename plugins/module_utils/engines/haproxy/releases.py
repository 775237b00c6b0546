# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy's releases.

Ends are those of haproxy.org, which names quarters: the first day of one, or the day of the branch's last release,
where that was later.
"""

from __future__ import annotations

from ...host.releases import Branch, Fault, Releases

CVE = "https://www.cve.org/CVERecord?id="
QUIC = "USE_QUIC"

RELEASES = Releases(
    program="haproxy",
    as_of="2026-08-22",
    source="https://www.haproxy.org/",
    branches=(
        Branch("1.8", "2022-12-09"),
        Branch("1.9", "2020-07-31"),
        Branch("2.0", "2024-04-05"),
        Branch("2.1", "2021-03-18"),
        Branch("2.2", "2025-04-23"),
        Branch("2.3", "2022-07-27"),
        Branch("2.4", "2026-07-03"),
        Branch("2.5", "2023-05-02"),
        Branch("2.6", "2027-04-01"),
        Branch("2.7", "2024-04-05"),
        Branch("2.8", "2028-04-01"),
        Branch("2.9", "2025-03-21"),
        Branch("3.0", "2029-04-01"),
        Branch("3.1", "2026-03-19"),
        Branch("3.2", "2030-04-01"),
        Branch("3.3", "2027-01-01"),
        Branch("3.4", "2031-04-01"),
    ),
    faults=(
        Fault(
            "CVE-2026-33555",
            "requests smuggled through HTTP/3",
            since="2.6.0",
            fixed=("2.6.25", "2.8.20", "3.0.19", "3.2.15", "3.3.6"),
            source=f"{CVE}CVE-2026-33555",
            needs=QUIC,
        ),
        Fault(
            "CVE-2026-26080",
            "a packet of QUIC makes it loop for ever or crash",
            since="3.2.0",
            fixed=("3.2.12", "3.3.3"),
            source="https://www.haproxy.com/blog/cves-2026-quic-denial-of-service",
            needs=QUIC,
        ),
        Fault(
            "CVE-2026-26081",
            "a packet of QUIC makes it crash",
            since="3.0.0",
            fixed=("3.0.16", "3.1.14", "3.2.12", "3.3.3"),
            source="https://www.haproxy.com/blog/cves-2026-quic-denial-of-service",
            needs=QUIC,
        ),
        Fault(
            "CVE-2025-11230",
            "a number in JSON makes it loop until its watchdog ends it, where it reads JSON",
            since="2.4.0",
            fixed=("2.4.30", "2.6.23", "2.8.16", "3.0.12", "3.1.9", "3.2.6"),
            source=f"{CVE}CVE-2025-11230",
        ),
        Fault(
            "CVE-2024-45506",
            "HTTP/2 makes it loop until its watchdog ends it",
            since="2.9.0",
            fixed=("2.9.10", "3.0.4"),
            source=f"{CVE}CVE-2024-45506",
        ),
        Fault(
            "CVE-2023-40225",
            "an empty Content-Length is passed on, with which requests are smuggled",
            since="0.0.0",
            fixed=("2.0.33", "2.2.31", "2.4.24", "2.6.15", "2.7.10", "2.8.2"),
            source=f"{CVE}CVE-2023-40225",
        ),
        Fault(
            "CVE-2023-25725",
            "headers get lost, with which requests are smuggled",
            since="2.0.0",
            fixed=("2.0.31", "2.2.29", "2.4.22", "2.5.12", "2.6.9", "2.7.3"),
            source=f"{CVE}CVE-2023-25725",
        ),
    ),
)
