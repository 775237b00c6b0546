# SPDX-License-Identifier: GPL-3.0-or-later
"""What haproxy.cfg.j2 prints of services and pools besides the model: rules, and the options of servers."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Sequence, Tuple

from ...traffic.model import Check, Pool, Route, Server, Service

WORDS = 40  # of a list in one line: haproxy refuses a line of more than 64 words (MAX_LINE_ARGS)


def view_of_service(service: Service, number: int) -> dict[str, Any]:
    """Return `acls`, lines that name conditions, and `rules`, the use_backend rules in order: {pool, condition}."""
    acls = [*_lines("trusted", "src", service.trusted)]
    rules = []
    for index, route in enumerate(service.routes, start=1):
        tests = {f"route{index}_{what}": test for what, test in _tests(route).items()}
        acls += [line for name, (test, values) in tests.items() for line in _lines(name, test, values)]
        rules.append({"pool": route.pool, "condition": " ".join(tests)})
    return {"acls": acls, "rules": rules}


def _lines(name: str, test: str, values: Sequence[str]) -> Iterator[str]:
    """Yield what follows `acl`: lines of one name, of which one must match (HAProxy Configuration Manual §7.1)."""
    for first in range(0, len(values), WORDS):
        yield f"{name} {test} {' '.join(values[first : first + WORDS])}"


def view_of_pool(pool: Pool) -> Mapping[str, Any]:
    """Return `balance`, the words after that keyword, `request`, what a check over HTTP asks, and `options`.

    `options` are those of the servers, by name. The model's words for algorithms are those of haproxy.
    """
    return {
        "balance": pool.algorithm,
        "request": request(pool.check),
        "options": {server.name: options(server, pool.check) for server in pool.servers},
    }


def _tests(route: Route) -> Dict[str, Tuple[str, Sequence[str]]]:
    """Return the conditions of a route, by what they are about: a test, and the values of which one must match.

    `--`, so that a value that begins with a dash is no flag.
    """
    header, values = route.header or ("", ())
    tests: Dict[str, Tuple[str, Sequence[str]]] = {
        "host": ("req.fhdr(host),host_only -m str --", route.host),
        "path": ("path -m str --", route.path),
        "prefix": ("path -m beg --", route.path_prefix),
        "method": ("method --", route.method),
        "header": (f"req.hdr({header}) -m str --", tuple(map(quoted, values))),
    }
    return {what: test for what, test in tests.items() if test[1]}


def quoted(text: str) -> str:
    """Return `text` as one word of haproxy's language: strong quotes, in which no character is special (§2.2)."""
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"


def request(check: Check) -> str:
    """Return what `http-check send` asks; HTTP/1.1 where it names a host."""
    host = f" ver HTTP/1.1 hdr Host {check.host}" if check.host else ""
    return f"meth GET uri {check.path}{host}"


def options(server: Server, check: Check) -> str:
    """Return what follows the address on a server's line."""
    times = f"inter {int(check.interval * 1000)}ms fall {check.fall} rise {check.rise}"
    return f"weight {server.weight} check {times}{' backup' if server.backup else ''}"
