# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from module_utils.basics.errors import Finding, HaLbError, Refused


def test_refused_has_one_line_for_every_finding():
    refused = Refused(Finding(path, "is missing") for path in ("a", "b"))
    assert str(refused) == "a: is missing\nb: is missing"
    assert refused.findings == (Finding("a", "is missing"), Finding("b", "is missing"))
    assert isinstance(refused, HaLbError)


TOWNS = ["berlin", "paris", "oslo", "riga", "rome", "vienna"]


def test_findings_that_are_alike_are_counted():
    findings = [
        *(
            Finding(f"ha_lb_services[{number}].vip", f"'wob{number}' is not the name of a VIP")
            for number in range(1000)
        ),
        Finding("ha_lb_vips", "is missing"),
        *(Finding(f"hostvars[{name}].ha_lb_address", f"{name} needs an address") for name in TOWNS),
    ]
    refused = Refused(findings)
    assert refused.findings == tuple(findings)
    assert str(refused).splitlines() == [
        *(f"ha_lb_services[{number}].vip: 'wob{number}' is not the name of a VIP" for number in range(4)),
        "ha_lb_services[4].vip: 'wob4' is not the name of a VIP (and 995 more like it)",
        "ha_lb_vips: is missing",
        *(f"hostvars[{name}].ha_lb_address: {name} needs an address" for name in TOWNS[:4]),
        "hostvars[rome].ha_lb_address: rome needs an address (and 1 more like it)",
    ]


def test_findings_of_different_kinds_are_fifty_at_most():
    kinds = [f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst"]
    lines = str(Refused(Finding(kind, f"is {kind}") for kind in kinds)).splitlines()
    assert len(lines) == 50
    assert lines[-1] == "et: is et (and 50 more)"


def test_a_finding_is_one_visible_line():
    finding = Finding("ha_lb_x\n\x1b[2J", "is ä\u2028\u202e\ud800 👩‍🚀")
    assert str(finding) == "ha_lb_x\\n\\x1b[2J: is ä\\u2028\\u202e\\ud800 👩\\u200d🚀"
