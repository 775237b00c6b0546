# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from module_utils.basics.errors import Finding, HaLbError, Refused


def test_refused_has_one_line_for_every_finding():
    refused = Refused(Finding(path, "is missing") for path in ("a", "b"))
    assert str(refused) == "a: is missing\nb: is missing"
    assert refused.findings == (Finding("a", "is missing"), Finding("b", "is missing"))
    assert isinstance(refused, HaLbError)
