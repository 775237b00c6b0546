# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules there are, by concept."""

from __future__ import annotations

from typing import Tuple

from ....lint.finding import Rule
from . import (
    addresses,
    adverts,
    auth,
    checks,
    features,
    groups,
    hosts,
    identity,
    language,
    lvs,
    priorities,
    proxies,
    real_servers,
    redundancy,
    scripts,
    timing,
    trackers,
    transport,
    weights,
)
from . import environment as surroundings
from . import gratuitous_arp as announcements
from . import link_tracking as following
from . import virtual_mac as speakers

RULES: Tuple[Rule, ...] = (
    *identity.RULES,
    *adverts.RULES,
    *auth.RULES,
    *addresses.RULES,
    *transport.RULES,
    *priorities.RULES,
    *weights.RULES,
    *trackers.RULES,
    *redundancy.RULES,
    *scripts.RULES,
    *checks.RULES,
    *groups.RULES,
    *timing.RULES,
    *features.RULES,
    *following.RULES,
    *announcements.RULES,
    *hosts.RULES,
    *surroundings.RULES,
    *speakers.RULES,
    *language.RULES,
    *lvs.RULES,
    *real_servers.RULES,
    *proxies.RULES,
)
