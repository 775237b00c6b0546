# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client says of a host and of itself, and what servers are told: one table of requests for both engines."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.balancers import Balancers

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests/unit")]

from rendering import render  # noqa: E402

VIP, CLIENT, FRONT = "127.0.0.77", "127.0.0.1", "127.0.0.5"
SITE, BEHIND = 9080, 9081
POOLS = {"www": 9101, "admin": 9102, "rest": 9103}
MANY = [f"h{number}.example.org" for number in range(90)]  # more than fit in a line of haproxy's
GIVEN = {
    "ha_lb_check_port": 9085,  # the node's own proxy has the usual one
    "nginx_access_log": "off",
    "ha_lb_vips": [{"name": "web", "addresses": [f"{VIP}/8"]}],
    "ha_lb_pools": [
        {"name": name, "servers": [{"name": name, "address": "127.0.0.1", "port": port}]}
        for name, port in POOLS.items()
    ],
    "ha_lb_services": [
        {
            "name": "site",
            "vip": "web",
            "port": SITE,
            "pool": "rest",
            "routes": [
                {"host": "WWW.example.org", "pool": "www"},
                {"host": ["admin.example.org", "2001:db8::1"], "pool": "admin"},
                {"path_prefix": "/internal", "pool": "admin"},
                {"header": {"name": "X-Dash", "value": ["-f", "-i"]}, "pool": "admin"},
                {"host": MANY, "pool": "www"},
            ],
        },
        {"name": "behind", "vip": "web", "port": BEHIND, "pool": "rest", "forwarded": {"trust": [f"{FRONT}/32"]}},
    ],
}
# The proxy as one process of nobody's, with nothing of the node's own
ALONE = {
    "haproxy": [(r"(?m)^ +(log /dev|user|group|chroot|stats socket) .*\n", "")],
    "nginx": [(r"(?m)^(user|pid|include|error_log) .*\n", ""), (r"\A", "daemon off; pid /run/requests.pid;\n")],
}
COMMANDS = {"haproxy": ["haproxy", "-db", "-f"], "nginx": ["nginx", "-e", "/dev/null", "-c"]}
PATH = "/run/requests.conf"

CLAIMS = (
    *("X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example.org"),
    *("Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4", "Client-IP: 1.2.3.4"),
)
REFUSED = (400, None, None)


def get(target: str, *headers: str, port: int = SITE, source: str = CLIENT, version: str = "1.1") -> dict[str, Any]:
    head = "".join(f"{line}\r\n" for line in (f"GET {target} HTTP/{version}", *headers, "Connection: close", ""))
    return {"port": port, "source": source, "head": head}


# A request, and what becomes of it: its status, the pool that is asked, and the host that it is told
HOSTS = [
    (get("/", "Host: www.example.org"), (200, "www", "www.example.org")),
    (get("/", f"Host: WWW.Example.ORG:{SITE}"), (200, "www", f"www.example.org:{SITE}")),
    (get("/", "Host: admin.example.org."), (200, "admin", "admin.example.org")),
    (get("/", "Host: admin.example.org.:80"), (200, "admin", "admin.example.org:80")),
    (get("/", "Host: [2001:DB8::1]:80"), (200, "admin", "[2001:db8::1]:80")),
    (get("/", "Host: h89.example.org"), (200, "www", "h89.example.org")),
    (get("/", "Host: x.example.org"), (200, "rest", "x.example.org")),
    (get("/", version="1.0"), (200, "rest", None)),
    # Two hosts, or what programs read as different ones
    (get("http://www.example.org/", "Host: www.example.org"), (200, "www", "www.example.org")),
    (get("http://www.example.org/", "Host: admin.example.org"), REFUSED),
    (get("http://www.example.org:81/", "Host: www.example.org"), REFUSED),
    (get("/", "Host: www.example.org", "Host: admin.example.org"), REFUSED),
    (get("/", "Host: www.example.org,admin.example.org"), REFUSED),
    (get("/", "Host: www.example.org admin.example.org"), REFUSED),
    (get("/", "Host: www.example.org/admin"), REFUSED),
    (get("/", "Host: x@www.example.org"), REFUSED),
    (get("/", "Host: www.example.org:x"), REFUSED),
    (get("/", "Host: www..example.org"), REFUSED),
    (get("/", "Host:"), REFUSED),
    (get("/"), REFUSED),
    # A path is compared as it was written: routes are no access control
    (get("/internal", "Host: x"), (200, "admin", "x")),
    (get("/internal/../x", "Host: x"), (200, "admin", "x")),
    (get("//internal", "Host: x"), (200, "rest", "x")),
    (get("/%69nternal", "Host: x"), (200, "rest", "x")),
    (get("/a/../internal", "Host: x"), (200, "rest", "x")),
    (get("/INTERNAL", "Host: x"), (200, "rest", "x")),
    (get("/x?/internal", "Host: x"), (200, "rest", "x")),
    (get("/x#/internal", "Host: x"), REFUSED),
    # Values that look like flags
    (get("/", "Host: x", "X-Dash: -f"), (200, "admin", "x")),
    (get("/", "Host: x", "X-Dash: f"), (200, "rest", "x")),
]
SAID = {"x-forwarded-for": [CLIENT], "x-forwarded-proto": ["http"]}
BELIEVED = {
    "x-forwarded-for": ["1.2.3.4", FRONT],
    "x-forwarded-proto": ["https"],
    "x-forwarded-host": ["evil.example.org"],
    "forwarded": ["for=1.2.3.4"],
    "x-real-ip": ["1.2.3.4"],
    "client-ip": ["1.2.3.4"],
}
# A request, and what its server is told of the client
CLIENTS = [
    (get("/", "Host: x", *CLAIMS), SAID),
    (get("/", "Host: x", "X_Forwarded_For: 1.2.3.4", "x_real_ip: 1.2.3.4"), SAID),
    (get("/", "Host: x", *CLAIMS, port=BEHIND), SAID),
    (get("/", "Host: x", *CLAIMS, source=FRONT), {**SAID, "x-forwarded-for": [FRONT]}),
    (get("/", "Host: x", *CLAIMS, port=BEHIND, source=FRONT), BELIEVED),
    (get("/", "Host: x", port=BEHIND, source=FRONT), {"x-forwarded-for": [FRONT]}),
]


@pytest.mark.short
@pytest.mark.parametrize("engine", COMMANDS)
def test_both_engines_make_the_same_of_a_request(lab: Lab, cluster: Balancers, engine: str) -> None:
    has = [
        each
        for each in (*cluster.nodes, *cluster.backends)
        if lab.run(each, f"test -x /usr/sbin/{engine}", check=False).returncode == 0
    ]
    node = has[0]
    text = render(engine, {"haproxy": "haproxy.cfg.j2", "nginx": "nginx.conf.j2"}[engine], **GIVEN)
    for pattern, replacement in ALONE[engine]:
        text = re.sub(pattern, replacement, text)
    task = {
        "command": [*COMMANDS[engine], PATH],
        "path": PATH,
        "configuration": text,
        "address": VIP,
        "servers": {port: name for name, port in POOLS.items()},
        "requests": [request for request, _ in (*HOSTS, *CLIENTS)],
    }
    program = (ROOT / "lab/loopback_proxy.py").read_text(encoding="utf-8")
    printed = lab.run(node, f"python3 -c {shlex.quote(program)} {shlex.quote(json.dumps(task))}").stdout
    answers = [(answer, dict(answer.get("headers", ()))) for answer in json.loads(printed)]
    heads = [request["head"] for request, _ in HOSTS]
    found = [(answer["status"], answer.get("server"), told.get("host")) for answer, told in answers[: len(HOSTS)]]
    assert dict(zip(heads, found, strict=True)) == {request["head"]: expected for request, expected in HOSTS}
    assert [of_client(answer) for answer, _ in answers[len(HOSTS) :]] == [expected for _, expected in CLIENTS]


def of_client(answer: dict[str, Any]) -> dict[str, list[str]]:
    """Return the headers about the client, by name; their values may come in one line or in several (RFC 9110 §5.3)."""
    told: dict[str, list[str]] = {}
    for name, value in answer["headers"]:
        if name not in ("host", "user-agent"):
            told.setdefault(name, []).extend(part.strip() for part in value.split(","))
    return told
