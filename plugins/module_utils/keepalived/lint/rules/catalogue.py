# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules of the linter, in one file per concept.

An id is KA1xx (keepalived), LV2xx (virtual servers) or HX3xx (proxies). docs/rules.md has the next free ids and the
file of every rule. A new rule needs tests/fixtures/lint/<id>/{fires,silent}, and `python tests/rules_page.py` run.
"""

from __future__ import annotations

from typing import Tuple

from ....lint.finding import Rule
from . import (
    addresses,
    adverts,
    auth,
    checks,
    environment,
    features,
    gratuitous_arp,
    groups,
    hosts,
    identity,
    language,
    link_tracking,
    lvs,
    priorities,
    proxies,
    real_servers,
    redundancy,
    scripts,
    timing,
    trackers,
    transport,
    virtual_mac,
    weights,
)

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
    *link_tracking.RULES,
    *gratuitous_arp.RULES,
    *hosts.RULES,
    *environment.RULES,
    *virtual_mac.RULES,
    *language.RULES,
    *lvs.RULES,
    *real_servers.RULES,
    *proxies.RULES,
)
