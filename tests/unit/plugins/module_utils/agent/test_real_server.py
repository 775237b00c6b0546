# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that has the VIPs on a real server, on a host of which every command is simulated. See tests/wire too."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from module_utils.agent import real_server
from module_utils.agent.real_server import DEVICES, MODULES, SILENT, UNIT, Refusal, main, modules_of, wanted_of
from module_utils.host.bundle import needed
from rendering import variables_of

VIP, SECOND, VIP6 = "192.0.2.10", "192.0.2.20", "2001:db8::10"
MADE_BY = {module: device for device, module in MODULES.items()}
IGNORE, ANNOUNCE = SILENT
ENABLED = {"NeedDaemonReload": "no", "UnitFileState": "enabled", "ActiveState": "active"}


def config(*vips, forwarding="direct", tunnel="ipip", port=6080):
    return {"vips": list(vips), "forwarding": forwarding, "tunnel": tunnel, "port": port}


class Host:
    """What a kernel and systemd know, changed by the commands of the program as the real ones would be."""

    def __init__(self, proc, modules=(*MADE_BY, "fou", "fou6")):
        self.proc, self.modules = proc, modules
        self.addresses = [("127.0.0.1/8", "lo"), ("192.0.2.21/24", "eth0"), ("2001:db8::21/64", "eth0")]
        self.up, self.loaded, self.gue, self.unit, self.told = {"lo", "eth0"}, set(), [], {}, []
        for key in SILENT:
            self.set(key, "0")

    def set(self, key, value):
        path = self.proc / key.replace(".", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")

    def get(self, key):
        return (self.proc / key.replace(".", "/")).read_text().strip()

    def run(self, *command):
        if command[:2] == ("systemctl", "show"):
            return "".join(f"{key}={value}\n" for key, value in self.unit.items())
        if command[:2] != ("ip", "-json") and "--dry-run" not in command:
            self.told.append(" ".join(command))
        tool, *words = command
        return getattr(self, tool)(*words) or ""

    def systemctl(self, *words):
        if words[0] == "daemon-reload":
            self.unit = {"UnitFileState": "disabled", "ActiveState": "inactive", **self.unit, "NeedDaemonReload": "no"}
        else:
            self.unit.update({"enable": {"UnitFileState": "enabled"}, "start": {"ActiveState": "active"}}[words[0]])

    def sysctl(self, _quiet, _write, setting):
        self.set(*setting.split("="))

    def modprobe(self, *words):
        if words[-1] not in self.modules:
            raise Refusal(f"modprobe {words[-1]} failed: not found")
        if "--dry-run" not in words:
            self.loaded.add(words[-1])
            if words[-1] in MADE_BY:
                self.set(f"net.ipv4.conf.{MADE_BY[words[-1]]}.rp_filter", "1")

    def ip(self, *words):
        if words == ("-json", "address", "show"):
            names = ["lo", "eth0", *(MADE_BY[each] for each in self.loaded if each in MADE_BY)]
            return json.dumps([self.link(name) for name in names])
        if words == ("-json", "fou", "show"):
            return json.dumps(self.gue)
        if words[1:3] in (("fou", "add"), ("fou", "del")):
            known = {"port": int(words[4]), "gue": None, **({"family": "inet6"} if words[0] == "-6" else {})}
            (self.gue.append if words[2] == "add" else self.gue.remove)(known)
        elif words[0] == "link":
            (self.up.add if words[4] == "up" else self.up.discard)(words[3])
        else:
            (self.addresses.append if words[1] == "add" else self.addresses.remove)((words[2], words[4]))

    def link(self, name):
        addresses = [each.split("/") for each, device in self.addresses if device == name]
        shown = [{"local": address, "prefixlen": int(prefix)} for address, prefix in addresses]
        index = 1 if name == "lo" else 2 + len(name)
        return {"ifname": name, "ifindex": index, "flags": ["UP"] if name in self.up else [], "addr_info": [*shown, {}]}


@pytest.fixture
def host(tmp_path, monkeypatch):
    made = Host(tmp_path / "proc")
    monkeypatch.setattr(real_server, "run", made.run)
    monkeypatch.setattr(real_server, "PROC", made.proc)
    monkeypatch.setattr(real_server, "NETWORKD", tmp_path / "links")
    monkeypatch.setattr(real_server, "_is_loaded", lambda module: module in made.loaded)
    return made


@pytest.fixture
def program(tmp_path, capsys, host):
    """Return a function that runs the program for a configuration: what it says, in lines."""
    files = [tmp_path / name for name in ("etc/config.json", "run/placed.json", "lib/before.json")]
    files[0].parent.mkdir()

    def run(verb, wanted=None):
        if wanted is not None:
            files[0].write_text(json.dumps(wanted))
        host.told.clear()
        main([verb, *([str(files[0])] if verb == "test" else [])], *files)
        return capsys.readouterr().out.splitlines()

    run.placed, run.before = files[1:]
    return run


def places(host):
    return [(address.partition("/")[0], device) for address, device in host.addresses[3:]]


def test_the_settings_come_first_and_the_unit_is_told_last(host, program):
    assert program("check", config(VIP, VIP6)) == (said := program("put"))
    assert said == [
        f"{IGNORE} is 1",
        f"{ANNOUNCE} is 2",
        f"put {VIP}/32 on lo",
        f"put {VIP6}/128 on lo",
        "systemd has read the unit",
        f"{UNIT} is enabled",
        f"{UNIT} is active",
    ]
    assert host.told[2:4] == [
        f"ip address add {VIP}/32 dev lo scope host",
        f"ip address add {VIP6}/128 dev lo nodad preferred_lft 0",
    ]
    assert host.unit == ENABLED
    assert program("check") == program("put") == program("start") == []
    assert host.told == []


def test_a_check_changes_nothing(host, program):
    program("check", config(VIP))
    assert (host.told, places(host), program.placed.exists(), program.before.exists()) == ([], [], False, False)


@pytest.mark.parametrize(
    ("kind", "module", "device", "device6"),
    [("ipip", "ipip", "tunl0", "ip6tnl0"), ("gre", "ip_gre", "gre0", "ip6gre0"), ("gue", "ipip", "tunl0", "ip6tnl0")],
)
def test_a_tunnel_is_opened_before_its_vip_is_there(host, program, kind, module, device, device6):
    program("put", config(VIP, VIP6, forwarding="tunnel", tunnel=kind))
    assert places(host) == [(VIP, device), (VIP6, device6)]
    assert host.get(f"net.ipv4.conf.{device}.rp_filter") == "2"
    first = [host.told.index(each) for each in (f"modprobe {module}", f"ip link set dev {device} up")]
    assert first == sorted(first)
    assert max(first) < host.told.index(f"ip address add {VIP}/32 dev {device} scope host")
    assert [each["port"] for each in host.gue] == ([6080, 6080] if kind == "gue" else [])
    assert program("check") == []
    assert program("stop")[:2] == [f"took {VIP}/32 from {device}", f"took {VIP6}/128 from {device6}"]
    assert (places(host), host.gue, host.up) == ([], [], {"lo", "eth0"})


def test_what_somebody_else_has_opened_stays_open(host, program):
    host.loaded.add("ipip")
    host.set("net.ipv4.conf.tunl0.rp_filter", "0")
    host.up.add("tunl0")
    program("put", config(VIP, forwarding="tunnel"))
    program("stop")
    assert (places(host), host.up) == ([], {"lo", "eth0", "tunl0"})


@pytest.mark.parametrize("after", [config(SECOND), config(VIP, forwarding="tunnel"), config(forwarding="nat")])
def test_what_is_no_longer_wanted_goes(host, program, after):
    program("put", config(VIP))
    program("put", after)
    assert places(host) == [(each, "lo" if after["forwarding"] == "direct" else "tunl0") for each in after["vips"]]
    assert program("check") == []
    program("put", config(VIP))
    assert (places(host), host.up, host.gue) == ([(VIP, "lo")], {"lo", "eth0"}, [])


def test_after_a_boot_everything_is_there_again(host, program):
    program("put", config(VIP, VIP6))
    host.addresses = host.addresses[:3]
    host.set(IGNORE, "0")
    program.placed.unlink()
    assert program("start") == [f"{IGNORE} is 1", f"put {VIP}/32 on lo", f"put {VIP6}/128 on lo"]


def test_a_vip_of_which_nothing_is_noted_goes_too(host, program):
    program("put", config(VIP))
    program.placed.unlink()
    assert program("stop") == [f"took {VIP}/32 from lo"]
    assert program("stop") == []


def test_remove_gives_back_the_first_settings_when_the_vips_have_gone(host, program):
    host.set(ANNOUNCE, "1")
    program("put", config(VIP))
    program("put", config(SECOND))
    program("remove")
    assert (host.get(IGNORE), host.get(ANNOUNCE)) == ("0", "1")
    assert host.told[0] == f"ip address delete {SECOND}/32 dev lo"
    assert not program.before.exists()
    assert program("remove") == []


@pytest.mark.parametrize(("vip", "asked"), [("192.0.2.21", "ARP"), ("2001:db8::21", "neighbour discovery")])
@pytest.mark.parametrize("verb", ["check", "put", "start", "test"])
def test_a_vip_on_a_nic_is_refused_and_nothing_is_changed(host, program, verb, vip, asked):
    with pytest.raises(Refusal) as refused:
        program(verb, config(VIP, vip))
    assert str(refused.value) == f"{vip} is already on eth0, which answers {asked} for it"
    assert (host.told, places(host), host.get(IGNORE)) == ([], [], "0")


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("# private\nADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/10-all.network\n", True),
        ("ADMIN_STATE=configuring\nNETWORK_FILE=/etc/systemd/network/10-all.network\n", True),
        ("ADMIN_STATE=unmanaged\n", False),
        ("", False),
    ],
)
def test_a_loopback_that_networkd_manages_is_refused_and_nothing_is_changed(host, program, tmp_path, said, refused):
    (tmp_path / "links").mkdir()
    (tmp_path / "links/1").write_text(said)
    if not refused:
        assert program("put", config(VIP))
        return
    with pytest.raises(Refusal) as refusal:
        program("put", config(VIP))
    assert str(refusal.value) == (
        "systemd-networkd manages lo, and takes away what it has not put there: "
        "let /etc/systemd/network/10-all.network not match it"
    )
    assert (host.told, places(host), host.get(IGNORE)) == ([], [], "0")


@pytest.mark.parametrize("verb", ["put", "test"])
def test_a_kernel_without_the_module_is_refused_and_nothing_is_changed(host, program, verb):
    host.modules = ("ipip",)
    with pytest.raises(Refusal, match="has no module fou "):
        program(verb, config(VIP, forwarding="tunnel", tunnel="gue"))
    assert (host.told, places(host), host.get(IGNORE)) == ([], [], "0")


def test_the_unit_which_may_load_no_module_says_which_is_missing(program):
    with pytest.raises(Refusal, match="the module ipip is not loaded"):
        program("start", config(VIP, forwarding="tunnel"))


def test_the_modules_of_modules_load_are_those_of_the_families():
    assert modules_of(config(VIP)) == modules_of(config(forwarding="nat")) == []
    assert modules_of(config(VIP6, forwarding="tunnel", tunnel="gue")) == ["ip6_tunnel", "fou6"]
    assert modules_of(config(VIP, VIP6, forwarding="tunnel", tunnel="gre")) == ["ip_gre", "ip6_gre"]


@pytest.mark.parametrize("kind", sorted({*DEVICES} - {"direct"}))
def test_rp_filter_is_of_ipv4_alone(kind):
    assert {*wanted_of(config(VIP6, forwarding="tunnel", tunnel=kind)).settings} == {*SILENT}


def test_what_the_role_writes_is_what_the_program_reads():
    given = {"lvs_real_server_vips": [VIP], "lvs_real_server_forwarding": "tunnel", "lvs_real_server_tunnel": "gue"}
    assert variables_of("lvs_real_server", given)["__lvs_real_server_config"].keys() == config().keys()


def test_it_needs_no_other_file():
    assert [path.name for path in needed("agent.real_server") if path.name != "__init__.py"] == ["real_server.py"]


def test_a_refusal_is_one_line_and_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, real_server.__file__, "test", str(tmp_path / "none")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
