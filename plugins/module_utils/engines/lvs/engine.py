# SPDX-License-Identifier: GPL-3.0-or-later
"""LVS, as the catalogue has it: keepalived sets IPVS up, and there is no proxy."""

from __future__ import annotations

from ..contract.engine import ByKeepalived, Engine
from .around import check_around
from .kernel import PREEMPT_DELAY, kernel_modules, settings
from .limits import limits
from .view import virtual_servers

ENGINE = Engine(
    name="lvs",
    packages={"Debian": ("ipvsadm", "kmod")},
    versioned=("ipvsadm",),
    by_keepalived=ByKeepalived(virtual_servers, kernel_modules, settings, PREEMPT_DELAY),
    limits=limits,
    check_around=check_around,
)
