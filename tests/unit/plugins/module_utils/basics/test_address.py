# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.address import bare, family_of
from module_utils.basics.errors import HaLbError


@pytest.mark.parametrize(
    ("address", "expected"),
    [("192.0.2.10/24", "192.0.2.10"), ("192.0.2.10", "192.0.2.10"), ("2001:DB8:0::10/64", "2001:db8::10")],
)
def test_bare(address, expected):
    assert bare(address) == expected


def test_bare_of_no_address():
    with pytest.raises(HaLbError, match="'lb1' is not an address"):
        bare("lb1")


def test_family_of():
    assert (family_of("192.0.2.10"), family_of("2001:db8::10")) == ("ipv4", "ipv6")
