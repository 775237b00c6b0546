# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a node has no more rights than it needs, and nothing of ours is for others to write."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from lab.balancers import Balancers
from lab.rights import AGENTS, LENT, command
from plugins.module_utils.host import paths

pytestmark = [pytest.mark.short, pytest.mark.haproxy_pair, pytest.mark.notify, pytest.mark.usefixtures("whole")]

OURS = (paths.RUN, paths.STATE, paths.CONFIG, paths.LIBEXEC, paths.CODE, paths.LOGS, paths.NOTIFY_RUN)
DROP_INS = "/etc/systemd/system/*.service.d/ha_lb.conf /etc/systemd/system/ha_lb-*.service"
# What another user writes, and who
WRITERS = {
    f"{paths.RUN}/watch": "keepalived_script",
    paths.NOTIFY_FIFO: "root",  # and, as its group, the notifier
    paths.LOGS: "ha_lb_notify",
    paths.NOTIFY_LOG: "ha_lb_notify",
    paths.NOTIFY_RUN: "ha_lb_notify",
}
PROCESSES = """
# The page's is there only while somebody looks
systemctl start {0}
main=$(systemctl show --property=MainPID --value {0})
for pid in $main $(cat /proc/$main/task/$main/children); do
    # A script of the unit may be over
    cat /proc/$pid/status 2>/dev/null || true
done
"""


def units(cluster: Balancers) -> list[str]:
    return ["keepalived", cluster.proxy, *AGENTS]


def test_no_unit_is_more_exposed_than_it_may_be(cluster: Balancers, balancer: Any) -> None:
    for unit in units(cluster):
        rated = balancer.run(shlex.join(command(unit)))
        assert rated.rc == 0, rated.stdout.splitlines()[-1]


def test_every_process_runs_with_no_more(cluster: Balancers, balancer: Any) -> None:
    for unit in units(cluster):
        text = balancer.check_output(PROCESSES.format(unit))
        assert re.findall(r"^NoNewPrivs:\t(.)", text, re.MULTILINE), unit
        assert {*re.findall(r"^(?:NoNewPrivs:\t1|Seccomp:\t2)$", text, re.MULTILINE)} == {
            "NoNewPrivs:\t1",
            "Seccomp:\t2",
        }, unit
        bounding = {int(each, 16) for each in re.findall(r"^CapBnd:\t(\w+)$", text, re.MULTILINE)}
        assert (bounding == {LENT.get(unit, 0)}) == (unit in AGENTS), unit
        # Neither CAP_SYS_ADMIN, nor CAP_SYS_MODULE, nor CAP_SYS_PTRACE
        assert not any(each & (1 << 21 | 1 << 16 | 1 << 19) for each in bounding), unit


def test_no_unit_was_refused_anything(cluster: Balancers, balancer: Any) -> None:
    names = " ".join(f"--unit={unit}" for unit in units(cluster))
    log = balancer.check_output(f"journalctl --no-pager --output=cat --boot {names}")
    refused = re.compile("[Nn]ot permitted|[Pp]ermission denied|Read-only file system|SIGSYS")
    assert [line for line in log.splitlines() if refused.search(line)] == []


def test_a_request_is_logged_from_the_chroot(cluster: Balancers, vip: str, client: Any, hosts: dict[str, Any]) -> None:
    if cluster.proxy != "haproxy":
        pytest.skip("nginx logs to a file")
    client.run("curl -s -m 2 -H 'Host: test.com' http://%s/from-the-chroot", vip)
    log = "journalctl --no-pager --output=cat --boot --identifier=haproxy"
    lines = lambda: [node for node in cluster.nodes if "/from-the-chroot" in hosts[node].check_output(log)]  # noqa: E731
    cluster.wait(lambda: [] if lines() else ["no node has logged the request"], 10)


def test_nothing_of_ours_is_for_others_to_write(balancer: Any) -> None:
    listed = balancer.check_output(f"find {' '.join(OURS)} {DROP_INS} -printf '%p\\t%u\\t%m\\t%y\\n'").splitlines()
    assert len(listed) > len(OURS)
    for path, user, mode, kind in (line.split("\t") for line in listed):
        assert user == WRITERS.get(path, "ha_lb_notify" if path.startswith(f"{paths.NOTIFY_RUN}/") else "root"), path
        assert kind == "p" or not int(mode, 8) & 0o022, path
        assert kind != "p" or mode == "660", path


@pytest.mark.parametrize("path", [paths.STATE, f"{paths.CONFIG}/notify.json", f"{paths.NOTIFY_STATE}/known.json"])
def test_what_is_for_nobody_else_to_read(balancer: Any, path: str) -> None:
    assert balancer.file(path).mode & 0o077 == 0
