# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts say of themselves as facts, none of which may be called like a variable of ours.

Ansible makes variables of facts, which outrank those of the inventory (unless `inject_facts_as_vars` is false), and
the answer of any module, not only of `setup`, can bring them.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping

from ..agent.notify.read import PREFIX as NOTIFY_PREFIX
from ..basics.errors import HaLbError
from ..basics.visible import shortened
from ..basics.wording import listed
from ..engines.catalogue import ENGINES
from ..engines.lvs.real_server import PREFIX as REAL_SERVER
from ..vrrp.host import interfaces_from_facts

OURS = (
    "ha_lb_",
    "keepalived_",
    NOTIFY_PREFIX,
    REAL_SERVER,
    "source_",
    "agents_",
    *(f"{engine.name}_" for engine in ENGINES),
)
"""What our variables begin with; the private ones have two underscores before that."""

FEW = 5
LONGEST_NAME = 60
TIME = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


def usurped(names: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> List[str]:
    """Return a sentence for every host that says a variable of ours as a fact of itself."""
    said = ((name, _of_ours(hostvars[name])) for name in names)
    return [_sentence(name, found) for name, found in said if found]


def refuse_usurper(name: str, variables: Mapping[str, Any]) -> None:
    """Raise HaLbError, with the host and the names, where a fact of this host is called like a variable of ours."""
    found = _of_ours(variables)
    if found:
        raise HaLbError(_sentence(name, found))


def _of_ours(variables: Mapping[str, Any]) -> List[str]:
    """Return the facts that are variables of ours; `ansible_eth0` is called eth0 among the facts, and is none."""
    facts = variables.get("ansible_facts") or {}
    return [each for each in facts if str(each).lstrip("_").startswith(OURS) and each in variables]


def _sentence(name: str, found: List[str]) -> str:
    shown = [shortened(str(each), LONGEST_NAME) for each in found[:FEW]]
    more = f" and {len(found) - FEW} more" if len(found) > FEW else ""
    return (
        f"{name} says {listed(shown) if not more else ', '.join(shown)}{more} of itself, as a fact: variables of this "
        "collection come from the inventory alone; either the host lies, or a play has set a fact of that name, which "
        "`meta: clear_facts` forgets"
    )


def interfaces_by_node(names: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> Dict[str, Any]:
    """Return the interfaces of every host that facts were gathered of, as vrrp.host reads them.

    Raises HaLbError, with the host, where its facts are none.
    """
    return {name: _interfaces(name, hostvars[name].get("ansible_facts") or {}) for name in names}


def _interfaces(name: str, facts: Any) -> List[Dict[str, Any]]:
    try:
        return interfaces_from_facts(facts)
    except HaLbError as error:
        raise HaLbError(f"{name}: {error}") from error


def clocks_by_node(names: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> Dict[str, float]:
    """Return what time it was on every host when facts were gathered of it, in seconds since the epoch.

    Raises HaLbError, with the host, where it does not say.
    """
    return {name: _clock(name, hostvars[name].get("ansible_facts")) for name in names}


def _clock(name: str, facts: Any) -> float:
    try:
        said = str(facts["date_time"]["epoch"])
    except (LookupError, TypeError):
        said = ""
    if not TIME.fullmatch(said):
        raise HaLbError(
            f"{name} does not say what time it is there: among its facts, date_time is {shortened(said, 30)!r}"
        )
    return float(said)
