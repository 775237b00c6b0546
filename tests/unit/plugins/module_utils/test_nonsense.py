# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is written into the variables: it is accepted, or refused with findings, and never a traceback."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.errors import Refused
from module_utils.cluster.check import check
from module_utils.cluster.layout_result import layout_result
from module_utils.engines.service_layout import services_result
from samples import NODES, POOL, SHOP, VIPS

WORDS = [
    "web", "lb1", "lb2", "shop", "pool", "192.0.2.10/24", "192.0.2.20/24", "192.0.2.11", "2001:db8::10/64", "http",
    "tcp", "roundrobin", "/healthz", "eth0", "51", "web.example.org", "", "a b", "%", "a\nb",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 300)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
)
json_like = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def records(**keys):
    """Make what has the right keys, and under them what may be right or anything."""
    return st.fixed_dictionaries({}, optional={key: json_like | right for key, right in keys.items()}) | json_like


names = st.sampled_from(["web", "api", "shop", "pool", "lb1", "lb2"])
addresses = st.sampled_from(["192.0.2.10/24", "192.0.2.20/24", "2001:db8::10/64", "192.0.2.11/24", "198.51.100.1/24"])
vips = st.lists(
    records(
        name=names,
        addresses=st.lists(addresses | json_like, min_size=1, max_size=3),
        interface=st.just("eth0"),
        vrid=st.integers(1, 255),
        prefer=names,
        priorities=st.dictionaries(names, st.integers(0, 255) | json_like, max_size=3),
    ),
    max_size=4,
)
nodes = st.lists(records(name=names, addresses=st.just("192.0.2.11"), ansible_host=st.just("lb_1")), max_size=3)
groups = st.lists(records(name=names, vips=st.lists(names | json_like, max_size=3)), max_size=3)
servers = st.lists(records(name=names, address=st.just("192.0.2.21"), port=st.just(80), weight=st.just(1)), max_size=3)
checks = records(http=records(path=st.just("/")), tcp=st.just({}), mysql=records(user=names), fall=st.just(1))
routes = st.lists(
    records(
        pool=names, host=st.just("a"), path=st.just("/"), method=st.just("GET"), header=records(name=names, value=names)
    ),
    max_size=3,
)
services = st.lists(
    records(
        name=names, vip=names, vips=st.lists(names), port=st.just(80), mode=st.just("tcp"), routes=routes, pool=names,
        servers=servers, check=checks, algorithm=st.just("first"),
    ),
    max_size=3,
)  # fmt: skip
pools = st.lists(records(name=names, servers=servers, check=checks), max_size=3)

SPEC = {"keepalived_vmac": {"type": "bool"}}
ETH0 = {"name": "eth0", "addresses": ["192.0.2.11/24"], "own": ["192.0.2.11"]}


def accepts_or_refuses(function, *arguments):
    try:
        json.dumps(function(*arguments))
    except Refused as refused:
        assert refused.findings
        assert all("\n" not in str(each) and " object at 0x" not in str(each) for each in refused.findings)


@given(nodes | json_like, vips | json_like, groups | json_like)
def test_a_layout(nodes, vips, groups):
    accepts_or_refuses(lambda: layout_result(nodes, vips, sync_groups=groups, node=None))


@given(json_like, json_like, json_like, json_like, json_like)
def test_the_options_of_a_layout(version, transport, interval, adverts, interfaces):
    settings = {
        "vrrp_version": version,
        "transport": transport,
        "advert_interval_seconds": interval,
        "down_timer_adverts": adverts,
    }
    accepts_or_refuses(lambda: layout_result(NODES, VIPS, **settings, interfaces=interfaces, node="lb1"))


@given(json_like, json_like)
def test_what_a_layout_is_told_of_the_segment(taken_vrids, in_use):
    accepts_or_refuses(lambda: layout_result(NODES, VIPS, taken_vrids=taken_vrids, in_use=in_use))


@given(services | json_like, vips | json_like, pools | json_like)
def test_services(services, vips, pools):
    accepts_or_refuses(services_result, services, vips, pools)


@given(services | json_like, pools | json_like)
def test_services_of_right_vips(services, pools):
    accepts_or_refuses(services_result, services, VIPS, pools)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "ha_lb_vips": vips | json_like | st.just(VIPS),
            "ha_lb_services": services | json_like | st.just([SHOP]),
            "ha_lb_pools": pools | json_like | st.just([POOL]),
            "ha_lb_admin_networks": json_like,
            "ha_lb_vip": json_like,
            "keepalived_sync_groups": groups | json_like,
            "keepalived_vrrp_version": json_like,
            "keepalived_advert_interval_seconds": json_like,
            "keepalived_down_timer_adverts": json_like,
            "keepalived_transport": json_like,
            "keepalived_auth_pass": json_like,
            "keepalived_vmac": json_like,
            "haproxy_stats_enabled": json_like,
            "haproxy_stats_password": json_like,
        },
    ),
    nodes | json_like | st.just(NODES),
)
def test_a_whole_description(variables, nodes):
    accepts_or_refuses(check, variables, nodes, {"lb1": [ETH0]}, SPEC, lambda spec, values: [])
