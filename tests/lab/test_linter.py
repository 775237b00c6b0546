# SPDX-License-Identifier: GPL-3.0-or-later
"""The linter on real hosts: our own configuration, Debian's samples, and lines that keepalived itself rejects."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.access import INVENTORY
from lab.balancers import Balancers
from lab.cluster import Lab
from lab.playbook import Run
from lab.strangers import Stranger

pytestmark = pytest.mark.vrid_conflict

SAMPLES = "/usr/share/doc/keepalived/samples"
# A duplicate address, and a sync group without the keyword `group`: keepalived rejects them too
MISTAKES = ["keepalived.conf.vrrp.lvs_syncd:4", "keepalived.conf.vrrp.lvs_syncd:5", "keepalived.conf.vrrp:32"]


def test_our_own_configuration_has_no_finding(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "lint.json"
    run = Run(lab, "lint", {"ha_lb_lint_file": str(file), "ha_lb_lint_fail_on": "W"}).finish()
    assert run.process.returncode == 0, run.output
    data = json.loads(file.read_text())
    assert data["counts"]["E"] == data["counts"]["W"] == 0


@pytest.mark.parametrize("number", [0, 1], ids=["debian12", "debian13"])
def test_every_sample_of_the_package_parses(lab: Lab, cluster: Balancers, number: int) -> None:
    stranger = Stranger(cluster, cluster.group("strangers")[number])
    stranger.install()
    files = cluster.run(stranger.node, f"find {SAMPLES} -type f -name '*.conf*' ! -name '*.gz'").split()
    assert len(files) > 20
    configs = {f"n{number}": path for number, path in enumerate(sorted(files))}
    findings = linted(lab, stranger.node, configs)
    broken = [each for each in findings if each["rule"] in ("KA169", "KA170")]
    places = sorted(f"{Path(each['file']).name}:{each['line']}" for each in broken)
    assert places == MISTAKES, [each["message"] for each in broken]


def linted(lab: Lab, node: str, configs: list[dict[str, str]] | dict[str, str]) -> list[dict[str, Any]]:
    """Return the findings of the module, run on that node."""
    file = lab.state / "configs.json"
    file.write_text(json.dumps({"configs": configs}))
    command = [str(Path(sys.executable).with_name("ansible")), node, "-i", str(lab.state / INVENTORY)]
    done = subprocess.run(
        [*command, "-e", f"@{file}", "-m", "evenkeel.ha_lb.keepalived_lint", "-a", '{"configs": "{{ configs }}"}'],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        },
    )
    assert "SUCCESS =>" in done.stdout, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout.split("SUCCESS =>", 1)[1])
    return result["findings"]


@pytest.mark.parametrize("number", [0, 1], ids=["debian12", "debian13"])
def test_every_line_that_keepalived_rejects_is_a_finding(lab: Lab, cluster: Balancers, number: int) -> None:
    """Every line of a good configuration is broken in turn: what keepalived -t rejects must be a finding."""
    node = cluster.nodes[number]
    good = cluster.run(node, "cat /etc/keepalived/keepalived.conf").splitlines()
    broken = {
        f"line{at + 1}": "\n".join([*good[:at], *broken_line(good[at]), *good[at + 1 :]]) for at in range(len(good))
    }
    assert complaints(cluster, node, "\n".join(good)) == ""
    tested = {name: complaints(cluster, node, text) for name, text in broken.items()}
    rejected = {name: complaint for name, complaint in tested.items() if complaint}
    assert len(rejected) > len(good) / 4
    findings = linted(lab, node, [{"node": name, "content": broken[name]} for name in rejected])
    found = {each["node"] for each in findings if each["severity"] in "EW"}
    assert {name: complaint for name, complaint in rejected.items() if name not in found} == {}


def broken_line(line: str) -> list[str]:
    """Return a line with its first word misspelt, or without its brace."""
    word = line.strip()
    return [] if word == "}" else [line.replace(word[0], "x", 1)] if word else [line]


def complaints(cluster: Balancers, node: str, text: str) -> str:
    """Return keepalived's messages with a line number; its exit status alone may be that of a signal."""
    test = "setsid keepalived -t -f /tmp/tested.conf 2>&1 | grep 'tested.conf: Line'; rm /tmp/tested.conf"
    return cluster.run(node, f"printf %s {shlex.quote(text)} >/tmp/tested.conf; {test}", check=False).strip()
