# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and daemons of a cluster, and the answers that clients get, while nothing is broken (deployment R1)."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest

from lab.balancers import Balancers

CHECK_PORT = 8405
STATS_PORT = 8404
LIBEXEC = "/usr/local/libexec/ha_lb"
SCRIPT_USER = "keepalived_script"
SEND_MAIL = """
import smtplib, sys
with smtplib.SMTP(sys.argv[1], 25, timeout=5) as server:
    server.sendmail("shop@example.org", ["inbox@example.org"], f"Subject: {sys.argv[2]}\\r\\n\\r\\nHello.\\r\\n")
"""

pytestmark = [pytest.mark.short, pytest.mark.usefixtures("whole")]


@pytest.mark.parametrize(
    ("path", "mode", "group"),
    [
        ("/etc/keepalived/keepalived.conf", 0o640, "root"),
        ("/etc/haproxy/haproxy.cfg", 0o640, "haproxy"),
        ("/etc/haproxy/stats-credentials", 0o640, "haproxy"),
        ("/var/lib/ha_lb", 0o700, "root"),
        ("/run/ha_lb", 0o755, "root"),
        (LIBEXEC, 0o755, "root"),
        (f"{LIBEXEC}/check-proxy", 0o755, "root"),
        (f"{LIBEXEC}/let-go", 0o755, "root"),
    ],
)
def test_files(balancer: Any, path: str, mode: int, group: str) -> None:
    file = balancer.file(path)
    assert (file.user, file.group, oct(file.mode)) == ("root", group, oct(mode))


def test_the_password_is_in_no_world_readable_file(cluster: Balancers, balancer: Any) -> None:
    password = _stats_password(cluster)
    encoded = base64.b64encode(f"admin:{password}".encode()).decode()
    found = balancer.run("grep -rlF -e %s -e %s /etc /run/ha_lb /var/lib/ha_lb %s", password, encoded, LIBEXEC)
    assert found.stdout.split() == ["/etc/haproxy/stats-credentials"]


@pytest.mark.parametrize("unit", ["keepalived", "haproxy"])
def test_services(balancer: Any, unit: str) -> None:
    service = balancer.service(unit)
    assert service.is_running
    assert service.is_enabled


def test_no_unit_has_failed(balancer: Any) -> None:
    assert balancer.check_output("systemctl list-units --failed --plain --no-legend") == ""


@pytest.mark.parametrize(
    "key",
    [
        *("net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"),
        *("net.ipv4.conf.all.promote_secondaries", "net.ipv4.conf.default.promote_secondaries"),
    ],
)
def test_sysctls(balancer: Any, key: str) -> None:
    assert balancer.sysctl(key) == 1


def test_the_check_runs_without_privileges(balancer: Any) -> None:
    user = balancer.user(SCRIPT_USER)
    assert user.uid != 0
    assert user.shell.endswith("nologin")
    assert f"script_user {SCRIPT_USER}" in balancer.file("/etc/keepalived/keepalived.conf").content_string
    assert (
        balancer.run(
            f"setpriv --reuid {SCRIPT_USER} --regid {SCRIPT_USER} --clear-groups {LIBEXEC}/check-proxy {CHECK_PORT}"
        ).rc
        == 0
    )


def test_the_health_end_point_is_on_loopback_only(lab: Any, balancer: Any, client: Any, request: Any) -> None:
    assert balancer.run(f"curl -sf http://127.0.0.1:{CHECK_PORT}/").rc == 0
    address = lab.nodes[request.node.callspec.params["balancer"]].address
    assert client.run(f"curl -s -m 2 http://{address}:{CHECK_PORT}/").rc == 7, "refused"


def test_statistics(cluster: Balancers, lab: Any, balancer: Any, client: Any, request: Any) -> None:
    url = f"http://{lab.nodes[request.node.callspec.params['balancer']].address}:{STATS_PORT}/"
    status = "curl -s -m 2 -o /dev/null -w %%{http_code} "
    assert client.check_output(status + "%s", url) == "401"
    assert client.check_output(status + "-u admin:wrong %s", url) == "401"
    assert client.check_output(status + "-u %s %s", f"admin:{_stats_password(cluster)}", url) == "200"
    outside = "--interface 127.0.0.1 -u %s %s"
    assert balancer.check_output(status + outside, f"admin:{_stats_password(cluster)}", url) == "403"


@pytest.mark.parametrize(
    ("site", "port"), [("test.com", "80"), ("test.domain.com", "8000"), ("TEST.domain.com:80", "8000")]
)
def test_sites_by_name(cluster: Balancers, client: Any, vip: str, site: str, port: str) -> None:
    answers = {client.check_output("curl -sf -m 2 -H %s %s", f"Host: {site}", f"http://{vip}/") for _ in range(6)}
    assert answers == {f"{backend} {port}" for backend in cluster.backends}


def test_database(cluster: Balancers, client: Any, vip: str) -> None:
    password = (cluster.lab.state / "reader-password").read_text(encoding="ascii").strip()
    select = "MYSQL_PWD=%s mariadb -h %s -u reader -N -e 'SELECT name FROM shop.server'"
    answers = {client.check_output(select, password, vip) for _ in range(4)}
    assert answers == set(cluster.backends)
    assert client.run(select, "wrong", vip).rc != 0


def test_mail(cluster: Balancers, client: Any, hosts: dict[str, Any], vip: str) -> None:
    subject = f"order-{uuid.uuid4().hex}"
    client.check_output("python3 -c %s %s %s", SEND_MAIL, vip, subject)
    inbox = hosts[cluster.backends[0]]
    cluster.wait(lambda: [] if inbox.run("grep -qF %s /var/mail/inbox", subject).rc == 0 else ["no mail has come"], 10)


def _stats_password(cluster: Balancers) -> str:
    return (cluster.lab.state / "stats-password").read_text(encoding="ascii").strip()
