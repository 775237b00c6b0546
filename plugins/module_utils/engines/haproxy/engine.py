# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy, as the catalogue has it. It can do all of the service model that is for proxies."""

from __future__ import annotations

from ..contract.engine import Configuration, Engine, Extra, Page, RoleVariables, Unit
from ..contract.proxies import proxy_limits
from .config import PATH, binds
from .discreet import pieces
from .releases import RELEASES
from .variables import VARIABLES, check_statistics
from .view import view_of_pool, view_of_service

ENGINE = Engine(
    name="haproxy",
    packages={"Debian": ("haproxy",)},
    versioned=("haproxy",),
    unit=Unit(
        name="haproxy",
        path=PATH,
        test="-c -f",
        tested_unpacked=True,
        from_source=True,
    ),
    view_of_service=view_of_service,
    view_of_pool=view_of_pool,
    limits=proxy_limits("haproxy"),
    variables=RoleVariables(
        networks=("haproxy_stats_networks",),
        ports=("haproxy_stats_port",),
        secrets=("haproxy_stats_password",),
        check=check_statistics,
        readers=VARIABLES,
        pages=(Page("haproxy_stats_enabled", "haproxy_stats_address", "haproxy_stats_port"),),
        extras=(Extra("haproxy_extra_frontends", "service"), Extra("haproxy_extra_backends", "pool")),
    ),
    configuration=Configuration(fact="haproxy_cfg", files=(PATH.lstrip("/"),), binds=binds, pieces=pieces),
    releases=RELEASES,
)
