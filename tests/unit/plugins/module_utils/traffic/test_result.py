# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from module_utils.traffic.result import services_result
from samples import DUAL, SHOP, WEB, refused


def test_services_listen_on_the_addresses_of_their_vips():
    services = [{**SHOP, "vip": "dual"}, {"name": "both", "vips": ["web", "dual"], "port": 81, "pool": "shop"}]
    result = services_result(services, [WEB, {**DUAL, "addresses": ["2001:DB8:0::30/64"]}])
    assert [each["addresses"] for each in result["services"]] == [["2001:db8::30"], ["192.0.2.10", "2001:db8::30"]]
    assert [each["name"] for each in result["pools"]] == ["shop"]
    json.dumps(result)


def test_wrong_vips_are_refused_as_everywhere():
    assert refused(services_result, [SHOP], [{"name": "web"}]) == [("ha_lb_vips[0].addresses", "is missing")]
