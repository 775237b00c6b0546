# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret in every place that may hold one is, after `site -vvv --diff`, nowhere that somebody else reads.

Searched are the output, the fact cache and the files of the controller, and of every node the journal, the arguments of
all processes while it runs, and whatever a user without rights can read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.cluster import Lab
from lab.playbook import Run

# Every secret contains it. As a pattern it is written otherwise, so that no search finds itself
CANARY = "c4nary"
PATTERN = "c4nar[y]"
PAGE = "http://127.0.0.1:8406"  # of the node itself: it refuses for good whatever is sent to it
READABLE = "/etc /home /opt /root /run /srv /tmp /usr/local /var"
COMMON: dict[str, Any] = {
    "notify_webhooks": [
        {
            "name": "chat",
            "url": f"{PAGE}/{CANARY}Path?token={CANARY}Query",
            "headers": {"Authorization": f"Bearer {CANARY}Header"},
            "body": {"text": "{subject}", "key": f"{CANARY}Body"},
        },
        {"name": "sms", "url": f"{PAGE}/send", "form": {"to": f"{CANARY}Form", "text": "{subject}"}},
    ],
}
HAPROXY = {
    **COMMON,
    "keepalived_vrrp_version": 2,
    "keepalived_auth_pass": f"{CANARY}PW",
    "haproxy_stats_password": f"{CANARY}Statistics",
    "haproxy_extra_global": f"setenv TOKEN {CANARY}Environment",
    "haproxy_extra_defaults": f"# {CANARY}Comment",
    "haproxy_extra_frontends": {"sites": f'http-request set-header X-Key "{CANARY} Header" if {{ path /key }}'},
    "haproxy_extra_backends": {"test": f"http-request deny if {{ req.hdr(x-key) -m str {CANARY}Condition }}"},
    "haproxy_extra_sections": f"userlist people\n    user ann insecure-password {CANARY}User\n",
}
NGINX = {
    **COMMON,
    "notify_mail": {
        **{"to": ["ops@example.org"], "from": "lb@example.org", "server": "127.0.0.1", "user": "lb"},
        "password": f"{CANARY}Mail",
    },
    "nginx_extra_main": f"env TOKEN={CANARY}Environment;",
    "nginx_extra_http": f"map $http_x_key $ha_lb_known {{ default 0; {CANARY}Map 1; }}  # {CANARY}Comment",
    "nginx_extra_servers": {"site": f'proxy_set_header X-Key "{CANARY} Header";'},
}
# Wrong so that the program on the node says so, and quotes it
WRONG = f"http-request redirect {CANARY}Quote"
REFUSED = {
    "haproxy": {**HAPROXY, "haproxy_extra_frontends": {"sites": WRONG}},
    "nginx": {**NGINX, "nginx_extra_servers": {"site": f"return {CANARY}Code {CANARY}Text;"}},
}
OF_ROOT = {
    "haproxy": ("/etc/ha_lb/notify.json", "/etc/keepalived/keepalived.conf", "/etc/haproxy/haproxy.cfg"),
    "nginx": ("/etc/ha_lb/notify.json", "/etc/nginx/nginx.conf"),
}
WATCHER = """
import os, time
seen = set()
ended = False
while not ended:
    ended = os.path.exists("/run/lab-watcher.end")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            seen.add(open(f"/proc/{pid}/cmdline", "rb").read())
        except OSError:
            pass
    time.sleep(0.005)
with open("/root/lab-arguments", "wb") as file:
    file.write(b"\\n".join(sorted(seen)) + b"\\n")
"""


FORGET = "systemctl stop lab-watcher 2>/dev/null; rm -f /run/lab-watcher.end /root/lab-watcher.py /root/lab-arguments"


@pytest.fixture
def arguments(cluster: Balancers) -> Iterator[None]:
    """Write down the arguments of all processes of every node, until the test ends it."""
    for node in cluster.nodes:
        cluster.run(node, f"{FORGET}; cat > /root/lab-watcher.py <<'END'\n{WATCHER}\nEND")
        cluster.run(node, "systemd-run --quiet --collect --unit=lab-watcher python3 /root/lab-watcher.py")
    yield
    for node in cluster.nodes:
        cluster.run(node, FORGET)


def written_down(cluster: Balancers, node: str) -> str:
    """End the watcher; return the arguments that have the canary, but for those of this test."""
    cluster.run(node, "touch /run/lab-watcher.end")
    cluster.wait(lambda: [] if "inactive" in _state(cluster, node) else ["the watcher does not end"], 10)
    assert int(cluster.run(node, "wc -l < /root/lab-arguments")) > 20
    return cluster.run(node, f"grep -a '{PATTERN}' /root/lab-arguments || true")


def _state(cluster: Balancers, node: str) -> str:
    return cluster.run(node, "systemctl show --property=ActiveState lab-watcher")


def left(cluster: Balancers, node: str, since: float) -> dict[str, str]:
    """Return what a node has of the canary, by the place where it should not be."""
    journal = f"journalctl --sync; journalctl --since=@{int(since)} --output=export --all | grep -ac '{PATTERN}'"
    others = f"runuser -u nobody -- grep -rla -D skip '{PATTERN}' {READABLE} 2>/dev/null"
    # A short password could be found by the sum of its file
    sums = "find /run/ha_lb -name '*.loaded' -perm /077"
    found = {
        "sums that others can read": cluster.run(node, sums),
        "the journal": cluster.run(node, f"{journal} || true").strip(),
        "files that others can read": cluster.run(node, f"{others} || true"),
        "arguments": written_down(cluster, node),
    }
    return {place: text for place, text in found.items() if text.strip() not in ("", "0")}


def ran(lab: Lab, playbook: str, variables: Mapping[str, object], *options: str) -> Run:
    """Run a playbook that shows all it can; its output has no canary."""
    run = Run(lab, playbook, variables, "-vvv", "--diff", *options).finish()
    lines = run.output.splitlines()
    assert [line[:400] for line in lines if CANARY in line] == []
    return run


def held(cluster: Balancers, lab: Lab, folder: Path, engine: str, variables: dict[str, Any]) -> None:
    """Put the secrets in force and take them away again, and search everything that this leaves behind."""
    since = time.time()
    refused = ran(lab, "site", REFUSED[engine])
    assert "is refused, and stays as it is" in refused.output
    files = {f"ha_lb_preflight_{kind}": str(folder / kind) for kind in ("file", "page")}
    site = ran(lab, "site", {**variables, **files})
    assert site.process.returncode == 0, site.output[-4000:]
    assert "***" in site.output
    for node in cluster.nodes:
        for path in OF_ROOT[engine]:
            assert CANARY in cluster.run(node, f"cat {path}"), path
    if "notify_mail" not in variables:
        written = {f"ha_lb_lint_{kind}": str(folder / f"lint.{kind}") for kind in ("file", "sarif")}
        ran(lab, "lint", {**variables, **written})
        assert ran(lab, "status", variables).process.returncode == 0
        tested = ran(lab, "notify_test", variables)
        assert "chat (127.0.0.1): not delivered: HTTP 4" in tested.output
    assert ran(lab, "site", {}).process.returncode == 0
    cached = [path for path in folder.rglob("*") if path.is_file()]
    assert len(cached) > len(cluster.nodes)
    assert [str(path) for path in cached if CANARY.encode() in path.read_bytes()] == []
    assert {node: each for node in cluster.nodes if (each := left(cluster, node, since))} == {}


@pytest.fixture
def controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the controller writes, the cache of the facts too."""
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN", "jsonfile")
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN_CONNECTION", str(tmp_path / "facts"))
    return tmp_path


@pytest.mark.usefixtures("whole", "arguments")
def test_no_secret_is_anywhere(cluster: Balancers, lab: Lab, controller: Path) -> None:
    held(cluster, lab, controller, "haproxy", HAPROXY)


@pytest.mark.notify
@pytest.mark.usefixtures("whole", "arguments")
def test_no_secret_of_nginx_and_mail_is_anywhere(cluster: Balancers, lab: Lab, controller: Path) -> None:
    held(cluster, lab, controller, "nginx", NGINX)


@pytest.mark.usefixtures("whole", "arguments")
def test_the_search_finds_what_is_planted(cluster: Balancers) -> None:
    node, since = cluster.nodes[0], time.time()
    cluster.run(node, f"logger {CANARY}Log; echo {CANARY}File > /var/tmp/lab-planted")
    cluster.run(node, f"systemd-run --quiet --collect --unit=lab-planted tail -f /dev/null {CANARY}Argument")
    try:
        assert set(left(cluster, node, since)) == {"the journal", "files that others can read", "arguments"}
    finally:
        cluster.run(node, "rm -f /var/tmp/lab-planted; systemctl stop lab-planted")
