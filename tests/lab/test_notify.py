# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes are notified soon, in order and once; and every node's status page shows them, whatever else is dead."""

from __future__ import annotations

import base64
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.balancers import PROXY, Balancers
from lab.playbook import Run
from lab.receiver import HTTP_PORT, SMTP_PORT
from plugins.module_utils.agent.notify.pacing import QUIET_SECONDS, Pacing, as_data
from plugins.module_utils.agent.notify.read import notify_config

pytestmark = [pytest.mark.notify, pytest.mark.usefixtures("whole")]

PROGRAM = Path(__file__).parents[2] / "lab/receiver.py"
CONFIG, SAVED = "/etc/ha_lb/notify.json", "/root/notify.json"
STATE = "/var/lib/ha_lb-notify"
LOG = "/var/log/ha_lb/changes.log"
HERE = "/run/receiver"
PORT = 8406
PASSWORD = "geheim & lang"
CERTIFICATE = "/etc/ssl/lab-mail.pem"
TOLD_SECONDS = 1.0
FLAPS = 25  # of two changes each
PATIENCE_SECONDS = 30.0
# Fills a FIFO that nobody reads
FILL = """python3 -c '
import os
fifo = os.open("/run/ha_lb/notify.fifo", os.O_WRONLY | os.O_NONBLOCK)
try:
    while True:
        os.write(fifo, b"GROUP \\"full\\" BACKUP 0\\n")
except BlockingIOError:
    print("full")
'"""
SLOWLORIS = f"""
import socket, sys, time
slow = [socket.create_connection(("{{}}", {PORT})) for _ in range(200)]
for each in slow:
    each.sendall(b"GET / HTTP/1.1\\r\\nX: ")
print("open", flush=True)
sys.stdin.read()
"""


def write(cluster: Balancers, node: str, path: str, text: str) -> None:
    cluster.run(node, f"echo {base64.b64encode(text.encode()).decode()} | base64 -d > {path}")


@pytest.fixture(scope="session")
def address(cluster: Balancers) -> str:
    return cluster.lab.nodes[cluster.client].addresses[0].partition("/")[0]


@pytest.fixture(scope="session")
def receiver(cluster: Balancers, address: str) -> Iterator[str]:
    client = cluster.client
    subject = f"-subj /CN=client -addext subjectAltName=IP:{address}"
    cluster.run(
        client,
        f"mkdir -p {HERE} && cd {HERE} && echo take > mode && : > got && printf %s '{PASSWORD}' > password"
        f" && openssl req -x509 -newkey rsa:2048 -nodes -days 2 {subject} -keyout key -out certificate 2>/dev/null"
        f" && cat key certificate > pem",
    )
    certificate = cluster.run(client, f"cat {HERE}/certificate")
    for node in cluster.nodes:
        write(cluster, node, CERTIFICATE, certificate)
    write(cluster, client, "/root/receiver.py", PROGRAM.read_text())
    cluster.run(client, "systemctl stop lab-receiver", check=False)
    cluster.run(client, f"systemd-run --quiet --unit=lab-receiver python3 /root/receiver.py {HERE}")
    yield client
    cluster.run(client, "systemctl stop lab-receiver", check=False)


@pytest.fixture
def tell(cluster: Balancers, receiver: str) -> Iterator[Callable[..., None]]:
    """Use other channels than the inventory's, with empty queues; put the inventory's configuration back at the end."""
    for node in cluster.nodes:
        cluster.run(node, f"cp {CONFIG} {SAVED}")

    def make(**variables: Any) -> None:
        cluster.run(receiver, f"echo take > {HERE}/mode; : > {HERE}/got")
        for node in cluster.nodes:
            written = notify_config({f"notify_{name}": value for name, value in variables.items()}, node)["notifier"]
            write(cluster, node, CONFIG, json.dumps(written))
            restart(cluster, node, empty=True)

    yield make
    cluster.run(receiver, f"echo take > {HERE}/mode")
    for node in cluster.nodes:
        cluster.run(node, f"cp {SAVED} {CONFIG}")
        restart(cluster, node, empty=True)
    cluster.wait_whole()


def restart(cluster: Balancers, node: str, empty: bool = False) -> None:
    cluster.run(node, "systemctl stop ha_lb-notify")
    if empty:
        known = json.loads(cluster.run(node, f"rm -rf {STATE}/queue; cat {STATE}/known.json"))
        write(cluster, node, f"{STATE}/known.json", json.dumps({**known, "pacing": as_data(Pacing())}))
    cluster.run(node, "systemctl start ha_lb-notify")


def hook(address: str, path: str, name: str = "") -> dict[str, str]:
    return {"name": name or path, "url": f"http://{address}:{HTTP_PORT}/{path}"}


def mode(cluster: Balancers, wanted: str) -> None:
    cluster.run(cluster.client, f"echo {wanted} > {HERE}/mode")


def got(cluster: Balancers, **wanted: str) -> list[dict[str, Any]]:
    """Return the messages with these fields that the receiver got."""
    lines = [json.loads(line) for line in cluster.run(cluster.client, f"cat {HERE}/got").splitlines()]
    return [each for each in lines if all(each.get(key) == value for key, value in wanted.items())]


def channels(cluster: Balancers, node: str) -> dict[str, dict[str, Any]]:
    states = json.loads(cluster.run(node, "cat /run/ha_lb-notify/channels.json"))["channels"]
    return {each["name"]: each for each in states}


def last_state(cluster: Balancers, node: str) -> str:
    """Return the last state in the log file; lines of test messages are ignored."""
    found = re.findall(r": \w+ is now (?:in )?(\w+)", cluster.run(node, f"cat {LOG}"))
    return found[-1]


def until(cluster: Balancers, right: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    cluster.wait(lambda: [] if right() else [what], seconds)


def page(host: str, path: str = "/status.json") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{host}:{PORT}{path}", timeout=3) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def asked(cluster: Balancers, host: str, path: str = "/status.json") -> dict[str, Any]:
    """Return the status as the client, which is in an admin network, gets it."""
    status: dict[str, Any] = json.loads(cluster.run(cluster.client, f"curl -sS -m 3 http://{host}:{PORT}{path}"))
    return status


def test_a_move_is_notified_within_a_second_in_order_and_once(
    cluster: Balancers, tell: Any, address: str, record_property: Any
) -> None:
    first, second = cluster.active(), next(node for node in cluster.nodes if node != cluster.active())
    mail = {
        **{
            "to": "inbox@example.org",
            "from": "lb@example.org",
            "server": address,
            "port": SMTP_PORT,
            "tls": "starttls",
        },
        **{"user": "lb", "password": PASSWORD, "ca_file": CERTIFICATE},
    }
    tell(mail=mail, webhooks=[hook(address, "chat")])
    cluster.run(first, "systemctl stop keepalived")
    cluster.wait_left(first)
    until(cluster, lambda: got(cluster, node=second, state="active"), f"nobody was told that {second} is active")
    (news,) = got(cluster, node=second, state="active")
    late = news["at"] - cluster.instances(second)[0]["last_transition"]
    record_property("told_after_ms", round(late * 1000))
    assert late < TOLD_SECONDS
    assert news["subject"].endswith(f": {second} is now active (was backup)")
    cluster.run(first, "systemctl start keepalived")
    cluster.wait_whole()
    until(cluster, lambda: got(cluster, node=first, state="active"), f"nobody was told that {first} is active")
    for node in cluster.nodes:
        until(cluster, lambda node=node: channels(cluster, node)["mail"]["waiting"] == 0, "a letter waits")
        ids = [each["id"] for each in got(cluster, node=node)]
        assert ids == sorted(set(ids), key=lambda name: int(name.rpartition("-")[2]))
    assert [each["state"] for each in got(cluster, node=second)] == ["active", "backup"]
    # In fault for a moment, until its first check of the proxy
    states = [each["state"] for each in got(cluster, node=first) if each["state"] != "fault"]
    assert states == ["backup", "stopped", "backup", "active"]
    letters = got(cluster, path="smtp")
    assert {(each["tls"], each["user"]) for each in letters} == {(True, "lb")}
    ids = [re.findall(r"Message-ID: <(.+)@example.org>", each["letter"])[0] for each in letters]
    assert sorted(ids) == sorted(each["id"] for each in got(cluster, path="/chat"))
    fields = cluster.run(second, "journalctl -t ha_lb -o json --no-pager HA_LB_STATE=active | tail -n 1")
    assert json.loads(fields)["HA_LB_ID"] == news["id"]


def test_a_flapping_instance_becomes_a_digest_with_the_last_state(cluster: Balancers, tell: Any, address: str) -> None:
    holder = cluster.active()
    node = next(each for each in cluster.nodes if each != holder)
    tell(webhooks=[hook(address, "chat")])
    before = int(cluster.run(node, f"wc -l < {LOG}"))
    down, up = (
        f"echo {value} > /run/ha_lb/drain; "
        f"for _ in {{1..250}}; do tail -n 1 {LOG} | grep -q '{word}' && break; sleep 0.02; done"
        for value, word in ((-254, "now in fault"), (0, "now backup"))
    )
    cluster.run(node, f"for _ in {{1..{FLAPS}}}; do {down}; {up}; done")
    assert int(cluster.run(node, f"wc -l < {LOG}")) - before == 2 * FLAPS
    until(cluster, lambda: got(cluster, kind="digest"), "there is no digest", QUIET_SECONDS + PATIENCE_SECONDS)
    assert len(got(cluster, node=node, kind="change")) == 10
    assert sum(each["changes"] for each in got(cluster, node=node)) == 2 * FLAPS
    assert got(cluster, node=node)[-1]["state"] == "backup"
    assert got(cluster, node=holder) == []
    assert cluster.active() == holder


def test_a_receiver_that_hangs_delays_no_other_and_gets_all_messages(
    cluster: Balancers, tell: Any, address: str
) -> None:
    node = next(each for each in cluster.nodes if each != cluster.active())
    tell(webhooks=[hook(address, "always", "well"), hook(address, "slow")])
    mode(cluster, "hang")
    for value in ("-254", "0"):
        cluster.run(node, f"echo {value} > /run/ha_lb/drain")
        state = "fault" if value != "0" else "backup"
        until(cluster, lambda state=state: got(cluster, path="/always", state=state), f"{state} is not told")
    # Who dies between a delivery and its record delivers again
    until(cluster, lambda: channels(cluster, node)["well"]["waiting"] == 0, "a message waits that was taken")
    cluster.run(node, "systemctl kill --signal=KILL ha_lb-notify")
    until(
        cluster, lambda: cluster.run(node, "systemctl is-active ha_lb-notify", check=False).strip() == "active", "dead"
    )
    mode(cluster, "take")
    until(cluster, lambda: len(got(cluster, path="/slow")) >= 2, "what waited is lost")
    until(cluster, lambda: channels(cluster, node)["slow"]["waiting"] == 0, "something waits")
    ids = [each["id"] for each in got(cluster, path="/slow")]
    assert list(dict.fromkeys(ids)) == [each["id"] for each in got(cluster, path="/always")]


def test_a_mail_server_that_refuses_a_message(cluster: Balancers, tell: Any, address: str) -> None:
    node = next(each for each in cluster.nodes if each != cluster.active())
    mail = {"to": "a@example.org", "from": "b@example.org", "server": address, "port": SMTP_PORT, "tls": "none"}
    tell(mail=mail)
    mode(cluster, "refuse")
    cluster.run(node, "echo -254 > /run/ha_lb/drain")
    until(cluster, lambda: channels(cluster, node)["mail"]["refused"] == 1, "a letter is not given up")
    assert channels(cluster, node)["mail"]["problem"] == "554 never"
    mode(cluster, "later")
    cluster.run(node, "echo 0 > /run/ha_lb/drain")
    until(cluster, lambda: channels(cluster, node)["mail"]["problem"] == "451 later", "nothing was refused")
    assert channels(cluster, node)["mail"]["waiting"] == 1
    mode(cluster, "take")
    until(cluster, lambda: channels(cluster, node)["mail"]["waiting"] == 0, "it is not tried again")
    (letter,) = got(cluster, path="smtp")
    assert "is now backup (was in fault)" in letter["letter"]


def test_keepalived_does_not_wait_for_the_notifier(cluster: Balancers, tell: Any, address: str) -> None:
    """With the notifier frozen and the FIFO full, a VIP moves as usual; the lost changes are notified later."""
    node = cluster.active()
    tell(webhooks=[hook(address, "chat")])
    cluster.run(node, "systemctl kill --signal=STOP ha_lb-notify")
    try:
        assert "full" in cluster.run(node, FILL)
        with cluster.logged() as log, cluster.traffic() as traffic:
            begin = time.time()
            cluster.run(node, "echo -253 > /run/ha_lb/drain")
            cluster.wait_left(node)
        assert len(log.taken()) == 1
        assert log.count_ms(0, since=begin) < 500
        assert traffic.result["failed"] <= 5
        cluster.run(node, "systemctl kill --signal=CONT ha_lb-notify")
        until(cluster, lambda: last_state(cluster, node) == "backup", "the log file does not say what is")
    finally:
        cluster.run(node, "echo 0 > /run/ha_lb/drain; systemctl kill --signal=CONT ha_lb-notify")
    cluster.wait_whole()
    until(cluster, lambda: last_state(cluster, node) == "active", "the log file does not say what is")
    cluster.run(node, "systemctl stop ha_lb-notify && systemctl restart keepalived && systemctl start ha_lb-notify")
    cluster.wait_whole()
    until(cluster, lambda: last_state(cluster, node) == "active", "the log file does not say what is")


def test_the_page_of_every_node_and_of_the_vip(cluster: Balancers, vip: str) -> None:
    active = cluster.active()
    hosts = {node: cluster.lab.nodes[node].addresses[0].partition("/")[0] for node in cluster.nodes}
    states = {node: "active" if node == active else "backup" for node in cluster.nodes}
    # The page shows the last look, which may have been before the VIP returned
    until(
        cluster,
        lambda: states == {node: asked(cluster, host)["instances"][0]["state"] for node, host in hosts.items()},
        f"the pages do not say {states}",
    )
    for node, host in hosts.items():
        status = asked(cluster, host)
        (web,) = status["instances"]
        assert (status["node"], status["problem"], status["drained"]) == (node, "", False)
        assert web["priority"] == cluster.instances(node)[0]["effective_priority"]
    assert asked(cluster, vip)["node"] == active
    html = cluster.run(cluster.client, f"curl -sS -m 3 -i http://{vip}:{PORT}/")
    assert html.startswith("HTTP/1.1 200 ")
    assert f"<h1>{active}</h1>" in html
    assert ">active</span>" in html
    refused = cluster.run(cluster.client, f"curl -sS -m 3 -i -X DELETE http://{vip}:{PORT}/")
    assert refused.startswith("HTTP/1.1 405 ")


def test_the_page_takes_nothing_while_nobody_looks(cluster: Balancers) -> None:
    node = cluster.nodes[0]
    host = cluster.lab.nodes[node].address
    service = "systemctl show --property=ActiveState,Result --value ha_lb-status.service | sort | xargs"
    assert asked(cluster, host)["node"] == node
    assert cluster.run(node, service).strip() == "active success"
    until(cluster, lambda: cluster.run(node, service).strip() == "inactive success", "it does not end")
    assert cluster.run(node, "/usr/local/libexec/ha_lb/notify-units check") == ""
    assert asked(cluster, host)["node"] == node


def test_a_port_that_another_program_has_is_named(cluster: Balancers) -> None:
    node = cluster.nodes[0]
    cluster.run(node, "systemctl stop ha_lb-status.socket")
    take = f"systemd-run --quiet --unit=lab-taker python3 -m http.server --bind 127.0.0.1 {PORT}"
    try:
        cluster.run(node, take)
        until(cluster, lambda: cluster.run(node, f"ss -Htln 'sport = {PORT}'", check=False).strip(), "nobody listens")
        said = cluster.run(node, "/usr/local/libexec/ha_lb/notify-units start 2>&1", check=False)
        assert re.search(rf"Failed to create listening socket \(.*:{PORT}\): Address already in use", said), said
    finally:
        cluster.run(node, "systemctl stop lab-taker; systemctl reset-failed ha_lb-status.socket", check=False)
        assert cluster.run(node, "/usr/local/libexec/ha_lb/notify-units start").strip() == "started ha_lb-status.socket"


def test_what_is_mended_and_heard_is_told_once(cluster: Balancers, tell: Any, address: str) -> None:
    node = cluster.nodes[0]
    drop_in = "/run/systemd/system/ha_lb-notify.service.d/lab.conf"
    act = {"time": 1.5, "cause": "keepalived did not answer for 2 s", "did": "restarted keepalived"}
    finding = {"name": "web", "kind": "stranger", "message": "192.0.2.99 speaks VRRP.", "since": 2.0}
    cluster.run(node, f"mkdir -p {HERE} $(dirname {drop_in})")
    write(cluster, node, f"{HERE}/guard.json", json.dumps({"acts": [act]}))
    write(cluster, node, f"{HERE}/heard.json", json.dumps({"findings": [finding]}))
    agents = f"[Service]\nEnvironment=HA_LB_GUARD={HERE}/guard.json HA_LB_HEARD={HERE}/heard.json\n"
    write(cluster, node, drop_in, agents)
    cluster.run(node, "systemctl daemon-reload")
    try:
        tell(webhooks=[hook(address, "chat")])
        until(cluster, lambda: len(got(cluster, node=node)) == 2, "it is not told")
        assert [each["subject"] for each in got(cluster, node=node)] == [
            f"{node} has mended itself: restarted keepalived, because keepalived did not answer for 2 s",
            f"{node} hears: 192.0.2.99 speaks VRRP",
        ]
        restart(cluster, node)
        write(
            cluster, node, f"{HERE}/guard.json", json.dumps({"acts": [act, {**act, "time": 3.5, "did": "reloaded it"}]})
        )
        until(cluster, lambda: len(got(cluster, node=node)) > 2, "what is new is not told")
        assert [each["kind"] for each in got(cluster, node=node)] == ["mended", "heard", "mended"]
    finally:
        cluster.run(node, f"rm -rf {drop_in} {HERE}; systemctl daemon-reload")


def test_a_host_outside_the_admin_networks_gets_no_page(cluster: Balancers) -> None:
    """The management network is no admin network."""
    code, text = page(cluster.lab.nodes[cluster.nodes[0]].management, "/")
    assert (code, "instance" in text.lower()) == (403, False)


def test_the_page_answers_while_everything_else_is_dead(cluster: Balancers) -> None:
    node = cluster.active()
    host = cluster.lab.nodes[node].addresses[0].partition("/")[0]
    # The guard too, which would mend keepalived
    freeze = "systemctl kill --signal=STOP ha_lb-guard keepalived"
    cluster.run(node, f"systemctl kill --signal=KILL {cluster.unit(PROXY)}; {freeze}")
    try:
        until(cluster, lambda: asked(cluster, host)["problem"].startswith("nobody has looked at"), "no word")
        write(cluster, cluster.client, "/root/slowloris.py", SLOWLORIS.format(host))
        cluster.run(cluster.client, "mkfifo -m 600 /root/slow; sleep 60 > /root/slow & echo $! > /root/slow.pid")
        cluster.run(cluster.client, "python3 /root/slowloris.py < /root/slow > /root/slow.out & true")
        until(cluster, lambda: "open" in cluster.run(cluster.client, "cat /root/slow.out"), "no slow clients")
        begin = time.monotonic()
        assert asked(cluster, host)["node"] == node
        assert time.monotonic() - begin < 2.0
    finally:
        cluster.run(cluster.client, "kill $(cat /root/slow.pid); rm -f /root/slow /root/slow.pid", check=False)
        cluster.run(node, "systemctl kill --signal=CONT keepalived ha_lb-guard", check=False)
    cluster.wait_whole()
    until(cluster, lambda: last_state(cluster, node) == "active", "the log file does not say what is")


def test_the_channels_of_the_inventory_are_reached(cluster: Balancers, lab: Any) -> None:
    """A mail server, and a gateway for SMS."""
    (server,) = (node for node in cluster.backends if "192.168.0.121/24" in cluster.lab.nodes[node].addresses)
    count = "cat /var/mail/inbox 2>/dev/null | grep -c 'can reach you$' || true"
    before = int(cluster.run(server, count))
    sent = Run(lab, "notify_test", {}).finish()
    assert sent.process.returncode == 0, sent.output
    assert len(re.findall(r"mail \(inbox@example.org\): delivered", sent.output)) == len(cluster.nodes)
    assert len(re.findall(r"sms \(.*\): delivered", sent.output)) == len(cluster.nodes)
    until(cluster, lambda: int(cluster.run(server, count)) == before + len(cluster.nodes), "a letter did not come")


def test_notify_test_reaches_every_channel(cluster: Balancers, lab: Any, tell: Any, address: str) -> None:
    tell(webhooks=[hook(address, "always", "well"), hook(address, "chat")])
    sent = Run(lab, "notify_test", {}).finish()
    assert sent.process.returncode == 0, sent.output
    assert sent.output.count(f"chat ({address}): delivered") == len(cluster.nodes)
    assert [each["kind"] for each in got(cluster, path="/chat")] == ["test"] * len(cluster.nodes)
    mode(cluster, "refuse")
    failed = Run(lab, "notify_test", {}).finish()
    assert failed.process.returncode != 0
    assert failed.failures == [f"well ({address}): delivered; chat ({address}): not delivered: HTTP 403"] * len(
        cluster.nodes
    )
