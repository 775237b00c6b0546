# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that lets VRRP in, against firewalls that write down what they are told: it opens, forgets and closes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from inputs import CLUSTER
from module_utils.agent.open_firewall import main
from module_utils.host.bundle import core_files, needed
from rendering import variables_of

PEERS = PEER, _ = "192.0.2.12", "2001:db8::12"
FORMER = "192.0.2.77"
CHAIN = {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "handle": 1}
INACTIVE = {"systemctl": "exit 3", "ufw": "echo Status: inactive"}


def rule(peer, handle):
    place = {"family": "inet", "table": "filter", "chain": "input"}
    return {"rule": {**place, "handle": handle, "comment": f"ha_lb VRRP {peer}"}}


def nft(*rules):
    return f"echo '{json.dumps({'nftables': [{'chain': CHAIN}, {'rule': {'family': 'inet', 'handle': 9}}, *rules]})}'"


@pytest.fixture
def firewall(tmp_path, monkeypatch, capsys):
    """Return a function that runs the program among such commands: what it said, and what they were told."""

    def run(commands, *arguments):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name, script in commands.items():
            (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/told\n{script}\n')
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        told, peers = tmp_path / "told", tmp_path / "peers"
        told.write_text("")
        peers.write_text("".join(f"{each}\n" for each in PEERS))
        main(arguments, peers, tmp_path / "opened")
        return capsys.readouterr().out.splitlines(), told.read_text()

    return run


def test_nftables_is_opened_for_the_peers_and_closed_for_those_that_left(firewall):
    said, told = firewall({**INACTIVE, "nft": nft(rule(FORMER, 7))})
    assert said[0] == f"closed inet filter input: ha_lb VRRP {FORMER}"
    assert f"opened inet filter input for {PEER}" in said
    assert "nft delete rule inet filter input handle 7" in told
    assert f'insert rule inet filter input ip saddr {PEER} meta l4proto 112 accept comment "ha_lb VRRP {PEER}"' in told


def test_nftables_that_is_as_it_must_be_is_left_alone(firewall):
    peers = [line.split(" for ")[1] for line in firewall({**INACTIVE, "nft": nft()})[0]]
    rules = [rule(peer, number) for number, peer in enumerate(peers)]
    said, told = firewall({**INACTIVE, "nft": nft(*rules)})
    assert said == []
    assert "insert" not in told
    closed, told = firewall({**INACTIVE, "nft": nft(*rules)}, "--close")
    assert len(closed) == told.count("delete rule") == len(peers)


def test_a_check_says_the_same_and_changes_nothing(firewall, tmp_path):
    said, _told = firewall({**INACTIVE, "nft": nft(rule(FORMER, 7))})
    checked, told = firewall({**INACTIVE, "nft": nft(rule(FORMER, 7))}, "--check")
    assert checked == said
    assert "delete" not in told
    assert "insert" not in told
    assert not (tmp_path / "opened").exists()


def test_ufw_keeps_the_rules_that_are_not_ours(firewall):
    added = f"ufw allow proto vrrp from {FORMER} comment 'ha_lb VRRP'\\nufw allow proto vrrp from 192.0.2.88"
    ufw = f'case "$1 $2" in status*) echo "Status: active" ;; "show added") printf "{added}\\n" ;; esac'
    said, told = firewall({"systemctl": "exit 3", "ufw": ufw})
    assert f"closed ufw for {FORMER}" in said
    assert f"ufw allow proto vrrp from {PEER} comment ha_lb VRRP" in told
    assert f"ufw delete allow proto vrrp from {FORMER}\n" in told
    assert "192.0.2.88" not in told


@pytest.mark.parametrize(
    ("tool", "commands", "opened", "closed"),
    [
        ("firewalld", {"systemctl": "exit 0"}, "--permanent --add-rich-rule", "--permanent --remove-rich-rule"),
        ("iptables", INACTIVE, "-I INPUT -s", "-D INPUT -s"),
    ],
)
def test_what_keeps_no_comment_is_remembered(firewall, tmp_path, tool, commands, opened, closed):
    """A rule that was there before us is in no list of ours, and stays."""
    absent = {
        "firewall-cmd": 'case "$1" in --query*) exit 1 ;; esac',
        "iptables-legacy": 'case "$1" in -S) echo "-A INPUT x" ;; -C) exit 1 ;; esac',
        "ip6tables-legacy": "",
    }
    present = {**absent, "firewall-cmd": "exit 0", "iptables-legacy": 'case "$1" in -S) echo "-A INPUT x" ;; esac'}
    names = {"firewalld": ["firewall-cmd"], "iptables": ["iptables-legacy", "ip6tables-legacy"]}[tool]
    _said, told = firewall({**commands, **{name: present[name] for name in names}}, "--close")
    assert closed not in told
    said, told = firewall({**commands, **{name: absent[name] for name in names}})
    assert opened in told
    assert any(PEER in line for line in said)
    assert f"{tool} {PEER}" in (tmp_path / "opened").read_text().splitlines()
    _said, told = firewall({**commands, **{name: present[name] for name in names}}, "--close")
    assert closed in told


def test_it_runs_alone_as_the_role_writes_it(tmp_path):
    assert [path.name for path in needed("agent.open_firewall")] == ["__init__.py", "__init__.py", "open_firewall.py"]
    program = tmp_path / "open-firewall"
    program.write_text(core_files(["agent.open_firewall"], "")[-1]["content"])
    for name in ("systemctl", "ufw"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 3\n")
        (tmp_path / name).chmod(0o755)
    command = [sys.executable, "-I", str(program), "--close"]
    assert subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, check=True, text=True).stdout == ""


def test_the_role_names_the_peers_of_all_instances():
    assert variables_of("keepalived", CLUSTER)["__keepalived_peers"] == ["192.0.2.12"]
