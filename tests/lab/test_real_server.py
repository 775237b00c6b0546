# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers of LVS: they never claim a VIP, at no moment of a run, a boot, a power cut or a removal."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.cluster import Lab
from lab.playbook import Run

pytestmark = pytest.mark.lvs_real_server

ROOT = Path(__file__).parents[2]
CONVERGE = ROOT / "molecule/lvs_real_server/converge.yml"
CLAIMS = ROOT / "lab/claims.py"
VIPS = ("192.0.2.10", "2001:db8::10")
SERVERS = ("web1", "web2")
SECONDS = 30


class Claims:
    """What the client hears of some addresses while it asks for them all the time."""

    def __init__(self, lab: Lab, *addresses: str) -> None:
        command = lab.command("client", ["python3", "-c", CLAIMS.read_text(), "eth0", *addresses])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.heard: list[list[str]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.heard.extend(line.split() for line in self.process.stdout)

    def hears(self, *addresses: str) -> None:
        """Wait until each of these has been heard of anew: the asking goes on, and is answered."""
        begin, deadline = len(self.heard), time.monotonic() + SECONDS
        while missing := {*addresses} - {address for _kind, address, _mac in self.heard[begin:]}:
            assert time.monotonic() < deadline, f"nobody said anything of {missing}"
            time.sleep(0.05)

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self._thread.join()


@pytest.fixture
def claims(lab: Lab) -> Iterator[Claims]:
    """Ask for the VIPs all the time, and for the servers' own addresses; nobody may have said anything of the VIPs."""
    own = [lab.nodes[server].address for server in SERVERS]
    asking = Claims(lab, *VIPS, *own)
    asking.hears(*own)
    yield asking
    asking.end()
    assert [each for each in asking.heard if each[1] in VIPS] == []


def play(lab: Lab, path: Path, entry: str) -> str:
    """Play one step of the role on the servers; return the output."""
    step = {"name": "evenkeel.ha_lb.lvs_real_server", "tasks_from": entry}
    tasks = [{"name": entry, "ansible.builtin.include_role": step}]
    path.write_text(yaml.safe_dump([{"name": entry, "hosts": "servers", "become": True, "tasks": tasks}]))
    run = Run(lab, str(path), {}).finish()
    assert run.process.returncode == 0, run.output
    return run.output


def converged(lab: Lab, *options: str) -> str:
    run = Run(lab, str(CONVERGE), {}, *options).finish()
    assert run.process.returncode == 0, run.output
    return run.output


def changes(output: str) -> list[int]:
    return [int(each) for each in re.findall(r"^web\d .* changed=(\d+) ", output, re.MULTILINE)]


def serves(lab: Lab, server: str) -> None:
    """Send packets for the VIPs to this server, as a director does: it answers by the VIPs."""
    web = "systemd-run --quiet --unit lab-web python3 -m http.server --bind :: 80"
    lab.run(server, f"systemctl is-active --quiet lab-web || {web}")
    mac = lab.run(server, "cat /sys/class/net/eth0/address").stdout.strip()
    for vip in VIPS:
        lab.run("client", f"ip neigh replace {vip} lladdr {mac} dev eth0 nud permanent")
        url = f"http://{f'[{vip}]' if ':' in vip else vip}/"
        patience = f"--retry 20 --retry-connrefused --retry-delay 1 --max-time {SECONDS}"
        asked = f"curl -sS -o /dev/null {patience} -w '%{{http_code}}' {url}"
        assert lab.run("client", asked).stdout == "200"
        lab.run("client", f"ip neigh del {vip} dev eth0")


def test_it_is_there_and_a_second_run_changes_nothing(lab: Lab, claims: Claims) -> None:
    assert changes(converged(lab)) == [0, 0]
    for server in SERVERS:
        serves(lab, server)


def test_nothing_is_claimed_while_it_is_removed_and_comes_back(lab: Lab, claims: Claims, tmp_path: Path) -> None:
    assert changes(play(lab, tmp_path / "remove.yml", "remove")) == [1, 1]
    left = "ls -d /etc/ha_lb /var/lib/ha_lb /usr/local/libexec/* /etc/*/*ha_lb* /etc/systemd/*/*ha_lb* /run/ha_lb*"
    for server in SERVERS:
        assert lab.run(server, left, check=False).stdout == ""
        assert lab.run(server, "ip -br address show dev lo").stdout.split()[2:] == ["127.0.0.1/8", "::1/128"]
        settings = lab.run(server, "sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce")
        assert settings.stdout == "0\n0\n"
        assert lab.run(server, "systemctl list-units --all --no-legend 'ha_lb-real-server*'").stdout == ""
    assert changes(play(lab, tmp_path / "again.yml", "remove")) == [0, 0]
    assert changes(converged(lab, "--check")) == [1, 1]
    assert lab.run("web1", left, check=False).stdout == ""
    converged(lab)
    assert changes(converged(lab)) == [0, 0]
    claims.hears(*(lab.nodes[server].address for server in SERVERS))


@pytest.mark.parametrize("how", ["reboot", "power cut"])
def test_nothing_is_claimed_during_a_boot_and_it_serves_again(lab: Lab, claims: Claims, how: str) -> None:
    for server in SERVERS:
        if how == "reboot":
            lab.reboot(server)
        else:
            lab.kill(server)
            lab.start(server)
        serves(lab, server)
        assert lab.run(server, "/usr/local/libexec/ha_lb/real-server check").stdout == ""
        claims.hears(lab.nodes[server].address)


def test_a_vip_on_the_nic_is_refused_and_nothing_is_changed(lab: Lab) -> None:
    own = lab.nodes["web1"].address
    before = lab.run("web1", "sha256sum /etc/ha_lb/real-server.json; ip -br address").stdout
    run = Run(lab, str(CONVERGE), {"lvs_real_server_vips": [own]}, "--limit", "web1").finish()
    assert run.process.returncode != 0
    assert run.failures == [
        f"lvs_real_server_vips[0]: {own} is on eth0 of this host, which answers ARP for it: "
        "take it away there, or leave it out here"
    ]
    assert lab.run("web1", "sha256sum /etc/ha_lb/real-server.json; ip -br address").stdout == before


def test_a_loopback_that_networkd_manages_is_refused_and_nothing_is_in_force(lab: Lab) -> None:
    file = "/etc/systemd/network/10-all.network"
    before = lab.run("web2", "sha256sum /etc/ha_lb/real-server.json; ip -br address").stdout
    lab.run("web2", f"printf '[Match]\\nName=lo\\n' >{file}; systemctl start systemd-networkd")
    try:
        lab.run("web2", "until grep -q NETWORK_FILE /run/systemd/netif/links/1; do sleep 0.1; done", timeout=SECONDS)
        run = Run(lab, str(CONVERGE), {"lvs_real_server_vips": ["192.0.2.20"]}, "--limit", "web2").finish()
    finally:
        lab.run("web2", f"rm {file}; systemctl stop systemd-networkd.socket systemd-networkd")
        lab.run("web2", "rm -f /run/systemd/netif/links/*; systemctl restart ha_lb-real-server")
    assert run.process.returncode != 0
    (said,) = run.failures
    assert f"let {file} not match it" in said
    assert lab.run("web2", "sha256sum /etc/ha_lb/real-server.json; ip -br address").stdout == before


def test_a_tunnel_that_the_kernel_has_not_is_refused_and_nothing_is_in_force(lab: Lab) -> None:
    if lab.run("web1", "modprobe --dry-run ip_gre", check=False).returncode == 0:
        pytest.skip("the kernel of this machine has GRE")
    before = lab.run("web1", "sha256sum /etc/ha_lb/real-server.json; ip -br address").stdout
    given = {"lvs_real_server_forwarding": "tunnel", "lvs_real_server_tunnel": "gre"}
    run = Run(lab, str(CONVERGE), given, "--limit", "web1").finish()
    assert run.process.returncode != 0
    (said,) = run.failures
    assert "has no module ip_gre" in said
    assert lab.run("web1", "sha256sum /etc/ha_lb/real-server.json; ip -br address").stdout == before
