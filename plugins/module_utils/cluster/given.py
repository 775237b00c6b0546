# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host as they are given: read into plain data, and without their secrets, by place.

Whatever judges the input afterwards, shows it or hands it on has no secret to show.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Callable, Collection, Dict, Iterator, List, Mapping, Optional, Tuple, Type

from ..agent.notify import discreet as notify
from ..basics.errors import Finding, Refused
from ..basics.plain import plain
from ..basics.quoting import Discreet
from ..basics.schema import collector
from ..basics.stand_in import of_lines, stand_in
from ..engines.catalogue import ENGINES

SECRETS = ("keepalived_auth_pass", *(name for engine in ENGINES for name in engine.variables.secrets))
OWN_LANGUAGE = re.compile(rf"({'|'.join(engine.name for engine in ENGINES)})_extra_")
LIKE_A_SECRET = re.compile(r"pass|secret|token|auth|credential|webhook|extra", re.IGNORECASE)
ALMOST_THE_SAME = 0.85

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


def unreadable(findings: Mapping[str, Any]) -> Iterator[Finding]:
    """Return what of the variables of each host cannot be read, as C({path, message}) by host: once, if all say it."""
    hosts = {host: [Finding(each["path"], each["message"]) for each in said] for host, said in findings.items()}
    everywhere = set.intersection(*map(set, hosts.values())) if hosts else set()
    for number, (host, said) in enumerate(hosts.items()):
        for each in said:
            if each not in everywhere:
                yield Finding(f"hostvars[{host}].{each.path}", each.message)
            elif number == 0:
                yield each


def _stand_in(name: str, known: Optional[Collection[str]]) -> Optional[Stand]:
    """Return what makes a stand-in of this variable; None for one without secrets."""
    if name in notify.CLEAR:
        return lambda value: notify.stand_in(name, value)
    if OWN_LANGUAGE.match(name):
        return of_lines
    if name in SECRETS:
        return stand_in
    strange = _is_like_a_secret(name) if known is None else name not in known
    return stand_in if strange else None


def _is_like_a_secret(name: str) -> bool:
    names = (*SECRETS, *notify.CLEAR)
    return bool(LIKE_A_SECRET.search(name) or difflib.get_close_matches(name, names, n=1, cutoff=ALMOST_THE_SAME))
