# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from module_utils.engines.service_layout import services_result
from samples import DUAL, SHOP, WEB, refused


def test_services_listen_on_the_addresses_of_their_vips():
    services = [{**SHOP, "vip": "dual"}, {"name": "both", "vips": ["web", "dual"], "port": 81, "pool": "shop"}]
    result = services_result(services, [WEB, {**DUAL, "addresses": ["2001:DB8:0::30/64"]}])
    assert [each["addresses"] for each in result["services"]] == [["2001:db8::30"], ["192.0.2.10", "2001:db8::30"]]
    assert [each["name"] for each in result["pools"]] == ["shop"]
    assert [each["sockets"] for each in result["services"]] == [
        ["[2001:db8::30]:80"],
        ["192.0.2.10:81", "[2001:db8::30]:81"],
    ]
    assert [each["socket"] for each in result["pools"][0]["servers"]] == ["192.0.2.21:8080"]
    assert "maps" not in result["services"][0]
    json.dumps(result)


def test_for_nginx_each_service_says_how_its_pool_is_chosen():
    routed = {**SHOP, "name": "routed", "port": 81, "routes": [{"pool": "shop", "path": "/x"}]}
    result = services_result([SHOP, routed], [WEB], engine="nginx")
    assert [each["target"] for each in result["services"]] == ["shop", "$ha_lb_route_2_1"]
    assert [each["maps"] for each in result["services"]] == [
        [],
        [
            {
                "source": '"$ha_lb_path"',
                "variable": "$ha_lb_route_2_1",
                "default": "routed",
                "choices": (('"~^/x$"', "shop"),),
            }
        ],
    ]


def test_what_the_engine_cannot_do_is_refused():
    assert refused(services_result, [{**SHOP, "algorithm": "first"}], [WEB], engine="nginx")


def test_wrong_vips_are_refused_as_everywhere():
    assert refused(services_result, [SHOP], [{"name": "web"}]) == [("ha_lb_vips[0].addresses", "is missing")]
