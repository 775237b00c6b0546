# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host as they are given: read into plain data, and without their secrets, by place.

Whatever judges the input afterwards, shows it or hands it on has no secret to show.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Callable, Collection, Dict, List, Mapping, Optional, Sequence, Tuple, Type

from ..agent.notify import discreet as notify
from ..agent.notify.read import PREFIX
from ..basics.errors import Finding, Refused, told
from ..basics.plain import plain
from ..basics.quoting import Discreet
from ..basics.schema import collector
from ..basics.stand_in import of_lines, stand_in
from ..engines.catalogue import ENGINES
from ..engines.lvs.real_server import PREFIX as REAL_SERVER
from .variables import is_read

SECRETS = ("keepalived_auth_pass", *(name for engine in ENGINES for name in engine.variables.secrets))
OWN_LANGUAGE = re.compile(rf"({'|'.join(engine.name for engine in ENGINES)})_extra_")
LIKE_A_SECRET = re.compile(r"pass|secret|token|auth|credential|webhook|extra", re.IGNORECASE)
ALMOST_THE_SAME = 0.9
ENGINE = "ha_lb_engine"
NODES = "ha_lb_nodes"  # made of the inventory's group by the playbooks, and no input
PREFIXES = ("ha_lb_", "keepalived_", PREFIX, REAL_SERVER)
FACTS = re.compile(r"ansible_|has no (attribute|element)")
"""What Ansible says where a fact is not there."""

Stand = Callable[[Any], Any]


def read_given(
    variables: Mapping[str, Any],
    known: Optional[Collection[str]] = None,
    resolve: Optional[Callable[[Any], Any]] = None,
    failures: Tuple[Type[Exception], ...] = (),
) -> Tuple[Dict[str, Any], List[Finding]]:
    """Return variables as plain data without secrets, and what of them cannot be read.

    Of a variable that is not `known`, nothing is left: it may be a secret under a mistyped name. `resolve` and
    `failures` are those of basics.plain.plain.
    """
    findings: List[Finding] = []
    report = collector(findings)
    read = {}
    for name, value in variables.items():
        hide = _stand_in(name, known)
        whole = plain(value, name, Discreet(report) if hide else report, resolve, failures)
        read[name] = hide(whole) if hide else whole
    return read, findings


def readable(variables: Mapping[str, Any], known: Optional[Collection[str]] = None) -> Dict[str, Any]:
    """Return variables as `read_given` does.

    Raises Refused with everything that cannot be read.
    """
    read, findings = read_given(variables, known)
    if findings:
        raise Refused(findings)
    return read


def given(
    variables: Mapping[str, Any],
    resolve: Optional[Callable[[Any], Any]] = None,
    failures: Tuple[Type[Exception], ...] = (),
    before_facts: bool = False,
) -> Dict[str, Any]:
    """Return C({variables, findings, complete}): what is ours of a host's variables, and what of them cannot be read.

    A variable is left out if it cannot be read. With `before_facts`, one that may only need facts of hosts is no
    finding: the whole is not complete. `resolve` and `failures` are those of basics.plain.plain.
    """
    names = names_of_ours(variables)
    chosen = {name: variables[name] for name in names if name == ENGINE}
    prefixes = prefixes_of(read_given(chosen, (ENGINE,), resolve, failures)[0])
    read: Dict[str, Any] = {}
    findings: List[Finding] = []
    waiting = False
    for name in names:
        if name.startswith(prefixes):
            own, wrong = read_given({name: variables[name]}, None, resolve, failures)
            if not wrong:
                read.update(own)
            elif before_facts and all(FACTS.search(each.message) for each in wrong):
                waiting = True
            else:
                findings += wrong
    shown = [{"path": each.path, "message": each.message} for each in findings]
    return {"variables": read, "findings": shown, "complete": not (waiting or findings)}


def unreadable(names: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], variable: str) -> List[str]:
    """Return a sentence for what of the variables of these hosts cannot be read; what all say alike is said once.

    `variable` is the name of the one in which each host has what `given` has returned.
    """
    found = {host: hostvars[host][variable]["findings"] for host in names}
    hosts = {host: [Finding(each["path"], each["message"]) for each in said] for host, said in found.items()}
    everywhere = set.intersection(*map(set, hosts.values())) if hosts else set()
    alike = [each for each in next(iter(hosts.values()), []) if each in everywhere]
    own = [
        Finding(f"hostvars[{host}].{each.path}", each.message)
        for host, said in hosts.items()
        for each in said
        if each not in everywhere
    ]
    return [str(each) for each in told([*alike, *own])]


def names_of_ours(hostvars: Mapping[str, Any]) -> List[str]:
    """Return the names of a host's variables that are ours, also those of an engine that is not chosen."""
    ours = (*PREFIXES, *(f"{engine.name}_" for engine in ENGINES))
    return [name for name in hostvars if str(name).startswith(ours) and name != NODES]


def prefixes_of(variables: Mapping[str, Any]) -> Tuple[str, ...]:
    """Return what our variables begin with where this engine is chosen."""
    chosen = variables.get(ENGINE) or ENGINES[0].name
    return (*PREFIXES, *(f"{engine.name}_" for engine in ENGINES if engine.name == chosen))


def _stand_in(name: str, known: Optional[Collection[str]]) -> Optional[Stand]:
    """Return what makes a stand-in of this variable; None for one without secrets."""
    if name in notify.CLEAR:
        return lambda value: notify.stand_in(name, value)
    if OWN_LANGUAGE.match(name):
        return of_lines
    if name in SECRETS:
        return stand_in
    strange = not is_read(name) and _is_like_a_secret(name) if known is None else name not in known
    return stand_in if strange else None


def _is_like_a_secret(name: str) -> bool:
    names = (*SECRETS, *notify.CLEAR)
    return bool(LIKE_A_SECRET.search(name) or difflib.get_close_matches(name, names, n=1, cutoff=ALMOST_THE_SAME))
