# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy, as the catalogue has it. It can do all of the service model."""

from __future__ import annotations

from ...basics.schema import Report
from ..contract.engine import Configuration, Engine, RoleVariables, Unit, Variables
from .config import PATH, binds
from .discreet import pieces
from .view import view_of_pool, view_of_service

CREDENTIALS = ("haproxy_stats_user", "haproxy_stats_password")


def check_statistics(variables: Variables, report: Report) -> None:
    """Report a statistics page without a user and a password."""
    for name in CREDENTIALS if variables.get("haproxy_stats_enabled") else ():
        if not variables.get(name):
            report(name, "is missing: the statistics page has no default user and password")


ENGINE = Engine(
    name="haproxy",
    unit=Unit(
        name="haproxy",
        path=PATH,
        test="-c -f",
        packages={"Debian": ("haproxy",)},
        versioned=("haproxy",),
        tested_unpacked=True,
        from_source=True,
    ),
    view_of_service=view_of_service,
    view_of_pool=view_of_pool,
    variables=RoleVariables(
        networks=("haproxy_stats_networks",),
        ports=("haproxy_stats_port",),
        secrets=("haproxy_stats_password",),
        check=check_statistics,
    ),
    configuration=Configuration(fact="haproxy_cfg", files=(PATH.lstrip("/"),), binds=binds, pieces=pieces),
)
