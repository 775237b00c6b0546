# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster does not change between a proxy and the kernel by a run of site."""

from __future__ import annotations

import pytest
from module_utils.engines.catalogue import engine_units
from module_utils.operations.site.exchange import exchange_refusals
from samples import record_of

OURS = "vrrp_instance web {\n}\n\nvirtual_server 192.0.2.10 80 {\n}\n"


def refusals(engine, units=(), content=""):
    config = {"config": {"node": "lb1", "content": content}} if content else {}
    known = {"lb1": {"before": {"units": list(units)}, "config": config}, "lb2": {}}
    return exchange_refusals(record_of(known), engine_units(engine))


@pytest.mark.parametrize(
    ("engine", "units", "content"),
    [
        ("lvs", [], ""),
        ("lvs", ["keepalived"], OURS),
        ("nginx", ["haproxy", "keepalived"], "vrrp_instance web {\n}\n"),
        ("haproxy", [], OURS),  # not of this collection
        ("haproxy", ["keepalived"], "! virtual_server\n"),
    ],
)
def test_what_is_no_exchange_or_one_of_units(engine, units, content):
    assert refusals(engine, units, content) == []


def test_a_proxy_where_the_kernel_is_to_serve():
    assert refusals("lvs", ["haproxy", "keepalived"]) == [
        "ha_lb_engine: is lvs, and haproxy serves on lb1: run remove for the cluster first, and then site"
    ]


def test_virtual_servers_where_a_proxy_is_to_serve():
    assert refusals("nginx", ["keepalived"], OURS) == [
        "ha_lb_engine: is nginx, and keepalived has virtual servers on lb1: "
        "run remove for the cluster first, and then site"
    ]
