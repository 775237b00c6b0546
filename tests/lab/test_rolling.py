# SPDX-License-Identifier: GPL-3.0-or-later
"""A running pair is changed node by node under load, and in every way that this can fail."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import Lab
from lab.balancers import Balancers
from lab.namespace import pid_of
from lab.playbook import Run

pytestmark = pytest.mark.rolling

HOLDER, BACKUP = "lb1", "lb2"
QUICK: dict[str, object] = {"ha_lb_listen_seconds": 1}
CHANGED: dict[str, object] = {"haproxy_timeout_server_seconds": 31, "keepalived_garp_repeat": 4}
# At most one request fails in every hand-over; more on a machine with other load
PER_HAND_OVER = 5
HAND_OVER_MS = 500.0
CONFIGS = "sha256sum /etc/keepalived/keepalived.conf /etc/haproxy/haproxy.cfg"
HOLD_DPKG = (
    'import fcntl, time; held = open("/var/lib/dpkg/lock-frontend", "w"); '
    "fcntl.lockf(held, fcntl.LOCK_EX); time.sleep(600)"
)
LOCK = "/run/ha_lb/lock"


@pytest.fixture
def pair(whole: Balancers) -> Iterator[Balancers]:
    """The cluster, whole before and after, without a lock."""
    whole.wait_whole()
    yield whole
    whole.wait_whole()
    for node in whole.nodes:
        whole.run(node, f"! test -e {LOCK}")


def site(lab: Lab, directory: Path, **variables: object) -> tuple[Run, dict[str, tuple[str, str]]]:
    """Run `site`; return the run, and the state and reason of every node."""
    file = directory / "site.json"
    file.unlink(missing_ok=True)
    run = Run(lab, "site", {**QUICK, "ha_lb_site_file": str(file), **variables}).finish()
    assert "Traceback" not in run.output
    nodes = json.loads(file.read_text())["nodes"] if file.exists() else []
    return run, {each["node"]: (each["state"], each["reason"]) for each in nodes}


def configs(cluster: Balancers, node: str) -> str:
    return cluster.run(node, CONFIGS)


@contextmanager
def mounted(lab: Lab, node: str, directory: str) -> Iterator[None]:
    """Move the files of a directory of a node to their own file system, and fill it."""
    enter = ["nsenter", "--target", str(pid_of(lab.nodes[node].container)), "--mount", "--"]
    script = (
        f"cp -a {directory} /root/full && mount -t tmpfs -o size=64k tmpfs {directory} && "
        f"cp -a /root/full/. {directory} && (cat /dev/zero >{directory}/filler; test -s {directory}/filler) 2>/dev/null"
    )
    subprocess.run([*enter, "sh", "-c", script], check=True)
    try:
        yield
    finally:
        subprocess.run([*enter, "sh", "-c", f"umount {directory}; rm -r /root/full"], check=True)


def test_a_setting_changes_under_load_and_no_vip_moves(lab, pair, tmp_path, record_property):
    with pair.logged() as log, pair.traffic() as traffic:
        run, became = site(lab, tmp_path, **CHANGED)
    record_property("failed", traffic.result["failed"])
    assert run.process.returncode == 0, run.output
    assert list(became.items()) == [(BACKUP, ("changed", "")), (HOLDER, ("changed", ""))]
    assert log.taken() == []
    assert traffic.result["failed"] <= PER_HAND_OVER
    assert log.count_ms(2) == 0


def test_a_change_that_only_the_last_node_refuses(lab, pair, tmp_path):
    """A port is in use there, which no test of a configuration finds: the proxy goes on with the previous one."""
    before = configs(pair, HOLDER)
    listen = 'import socket, time; s = socket.create_server(("", 8099)); time.sleep(600)'
    pair.run(HOLDER, f"systemd-run --quiet --unit=squatter python3 -c '{listen}'")
    pair.wait(lambda: [] if ":8099" in pair.run(HOLDER, "ss -Hltn") else ["nobody has the port"])
    extra = f"# {time.time_ns()}\nlisten extra\n    mode tcp\n    bind 192.168.1.200:8099\n"
    try:
        run, became = site(lab, tmp_path, haproxy_extra_sections=extra, **CHANGED)
    finally:
        pair.run(HOLDER, "systemctl stop squatter")
    assert run.process.returncode != 0
    assert became[BACKUP] == ("changed", "")
    state, reason = became[HOLDER]
    assert state == "failed, restored", became
    assert reason.startswith("haproxy does not run with the new configuration"), reason
    assert "192.168.1.200:8099" in reason
    assert re.search(f"{HOLDER} +failed, restored +the previous configuration", run.output)
    assert configs(pair, HOLDER) == before


@pytest.mark.matrix
def test_a_change_that_makes_the_first_node_unfit_is_taken_back(lab, pair, tmp_path):
    """The proxy may have only one connection, which is the watcher's, so it answers no other client."""
    before = {node: configs(pair, node) for node in pair.nodes}
    with pair.logged() as log, pair.traffic() as traffic:
        run, became = site(lab, tmp_path, haproxy_maxconn=1, **CHANGED)
    assert run.process.returncode != 0
    assert became[HOLDER] == ("not reached", "")
    state, reason = became[BACKUP]
    assert state == "failed, restored", became
    assert re.match(r"after \d+ s, ", reason), reason
    assert {node: configs(pair, node) for node in pair.nodes} == before
    assert (log.taken(), traffic.result["failed"]) == ([], 0)


@pytest.mark.matrix
def test_before_a_restart_the_vips_are_handed_over(lab, pair, tmp_path, record_property):
    with pair.logged() as log, pair.traffic() as traffic:
        run, became = site(lab, tmp_path, keepalived_vmac=True)
        pair.wait_whole()
    record_property("failed", traffic.result["failed"])
    assert run.process.returncode == 0, run.output
    assert list(became.items()) == [(BACKUP, ("changed", "")), (HOLDER, ("changed", ""))]
    assert [sight.node for sight in log.taken()] == [BACKUP, HOLDER]
    assert traffic.result["failed"] <= 2 * PER_HAND_OVER
    assert traffic.result["longest_gap_ms"] <= HAND_OVER_MS


def test_two_runs_at_the_same_time(lab, pair, tmp_path):
    """The second run fails and names the first; with a wait, it runs after it."""
    with ThreadPoolExecutor(2) as pool:
        ended = as_completed([pool.submit(Run(lab, "site", QUICK).finish) for _ in range(2)])
        refused = next(ended).result()
        waiting = Run(lab, "site", {**QUICK, "ha_lb_lock_wait_seconds": 240})
        first = next(ended).result()
    waiting.finish()
    assert first.process.returncode == 0, first.output
    assert waiting.process.returncode == 0, waiting.output
    assert refused.process.returncode != 0, refused.output
    (message,) = refused.failures
    assert "runs evenkeel.ha_lb.site since" in message
    assert message.startswith(f"{HOLDER}: ")
    assert "TASK [Stage keepalived" not in refused.output


@pytest.mark.parametrize(
    ("directory", "state"),
    [
        pytest.param("/var/lib/ha_lb", "not reached", marks=pytest.mark.matrix),
        ("/etc/haproxy", "failed, restored"),
    ],
)
def test_a_full_disk(lab, pair, tmp_path, directory, state):
    before = configs(pair, BACKUP)
    with mounted(lab, BACKUP, directory):
        run, became = site(lab, tmp_path, haproxy_timeout_server_seconds=33)
        assert configs(pair, BACKUP) == before
    assert run.process.returncode != 0
    assert became[BACKUP][0] == state, became
    assert became[HOLDER] == ("not reached", "")
    (message,) = {each for each in run.failures if "cannot be written" in each and "\n" not in each}
    assert message.startswith(f"{directory}/")
    assert message.endswith(f" on {BACKUP} cannot be written, and stays as it is: No space left on device")


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("make", "mend", "words", "besides"),
    [
        (
            f"systemd-run --quiet --unit=holder python3 -c '{HOLD_DPKG}'",
            "systemctl stop holder",
            "Unable to acquire the dpkg frontend lock",
            "held by process",
        ),
        ("echo x >/var/lib/dpkg/updates/0001", "rm /var/lib/dpkg/updates/0001", "dpkg --configure -a", ""),
    ],
    ids=["held", "interrupted"],
)
def test_apt_is_locked_or_interrupted(lab, pair, tmp_path, make, mend, words, besides):
    """The message names the holder of the lock after the allowed time, or what to do; nothing is put in force."""
    before = configs(pair, BACKUP)
    missing = {"Debian": ["keepalived", "tree"]}
    pair.run(BACKUP, make)
    try:
        run, became = site(lab, tmp_path, ha_lb_apt_wait_seconds=2, __keepalived_packages=missing, **CHANGED)
    finally:
        pair.run(BACKUP, mend)
    assert run.process.returncode != 0
    assert any(words in each for each in run.failures), run.failures
    assert besides in run.output
    assert became == {BACKUP: ("not reached", ""), HOLDER: ("not reached", "")}
    assert configs(pair, BACKUP) == before


@pytest.mark.matrix
def test_a_clock_that_is_an_hour_off_is_a_warning(lab, pair, tmp_path):
    """The clock of a container cannot be set, so Ansible gets a Python there that reports another time."""
    late = "import time\nright = time.time\ntime.time = lambda: right() + 3600\n"
    python = "/root/late/python3"
    pair.run(BACKUP, f"mkdir -p /root/late && printf '%s' '{late}' >/root/late/sitecustomize.py")
    pair.run(
        BACKUP, f"printf '#!/bin/sh\\nPYTHONPATH=/root/late exec python3 \"$@\"\\n' >{python} && chmod +x {python}"
    )
    chosen = f"{{{{ '{python}' if inventory_hostname == '{BACKUP}' else '/usr/bin/python3' }}}}"
    run = Run(lab, "preflight", {**QUICK, "ansible_python_interpreter": chosen}).finish()
    pair.run(BACKUP, "rm -r /root/late")
    assert run.process.returncode == 0, run.output
    # The playbook itself takes some seconds
    assert re.search(rf"the clock of {BACKUP} is (0:59:5|1:00:0)\d ahead of", " ".join(run.output.split()))
