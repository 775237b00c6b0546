# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx, as the catalogue has it."""

from __future__ import annotations

from ..contract.engine import Configuration, Engine, Extra, Page, RoleVariables, Unit
from .config import PATH, binds
from .discreet import pieces
from .limits import limits
from .releases import RELEASES
from .variables import VARIABLES
from .view import view_of_pool, view_of_service

ENGINE = Engine(
    name="nginx",
    packages={"Debian": ("nginx", "libnginx-mod-stream", "procps")},
    versioned=("nginx-common", "nginx", "libnginx-mod-stream"),
    unit=Unit(
        name="nginx",
        path=PATH,
        test="-q -t -c",
        tested_unpacked=False,  # it would load the modules of the version that is installed
    ),
    view_of_service=view_of_service,
    view_of_pool=view_of_pool,
    limits=limits,
    variables=RoleVariables(
        networks=("nginx_status_networks",),
        ports=("nginx_status_port",),
        readers=VARIABLES,
        pages=(Page("nginx_status_enabled", "nginx_status_address", "nginx_status_port"),),
        extras=(Extra("nginx_extra_servers", "service"), Extra("nginx_extra_upstreams", "pool")),
    ),
    configuration=Configuration(
        fact="nginx_conf",
        files=(PATH.lstrip("/"), "etc/nginx/conf.d/*.conf", "etc/nginx/sites-enabled/*"),
        binds=binds,
        pieces=pieces,
    ),
    releases=RELEASES,
)
