# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the VIPs of LVS on a real server, which must never answer for them. Says what it changed.

    real-server check          only says what is not as it is wanted
    real-server put            put it in force, now and at every boot
    real-server start | stop   what the unit does, before the network is there and after it is gone
    real-server test FILE      fail, with a sentence, where this host cannot do what a configuration wants
    real-server remove         as stop, for good: the kernel gets the settings back that it had

With direct routing the VIPs are on the loopback, with tunnels on the device that unpacks the packets: the kernel drops
what comes from one without an IPv4 address unless rp_filter is 0 on `all`. ARP is answered for every address of a host
unless arp_ignore is 1, and sent with any unless arp_announce is 2 (ip-sysctl.rst), so these are first. Scope `host`
keeps a VIP from being a source, and silent where an interface has another arp_ignore. Neighbour discovery answers for
no address of another interface; `preferred_lft 0` keeps a VIP from being the source of what the host begins.

The role lvs_real_server copies this file to a node, where it runs alone: it imports nothing of the core.
"""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

CONFIG = Path("/etc/ha_lb/real-server.json")
PLACED = Path("/run/ha_lb-real-server/placed.json")
BEFORE = Path("/var/lib/ha_lb/real-server.before")
UNIT = "ha_lb-real-server.service"
PROC = Path("/proc/sys")
NETWORKD = Path("/run/systemd/netif/links")

SILENT = {"net.ipv4.conf.all.arp_ignore": "1", "net.ipv4.conf.all.arp_announce": "2"}
# By what unpacks: the device of each family, which the module makes
DEVICES = {
    "direct": {4: "lo", 6: "lo"},
    "ipip": {4: "tunl0", 6: "ip6tnl0"},
    "gue": {4: "tunl0", 6: "ip6tnl0"},
    "gre": {4: "gre0", 6: "ip6gre0"},
}
MODULES = {"tunl0": "ipip", "ip6tnl0": "ip6_tunnel", "gre0": "ip_gre", "ip6gre0": "ip6_gre"}
GUE_MODULES = {4: "fou", 6: "fou6"}

Thing = Tuple[str, ...]
"""What can be put and taken away: `(address, 192.0.2.10/32, lo)`, `(up, tunl0)`, `(gue, 4, 6080)` (family and port)."""


class Refusal(Exception):
    """Why this host cannot do what is wanted: one sentence."""


class State(NamedTuple):
    """What a configuration asks of the host, with things in the order in which they are put; or what the host has."""

    things: Sequence[Thing] = ()
    settings: Mapping[str, str] = {}
    modules: Sequence[str] = ()
    managed: Mapping[str, str] = {}
    """Devices that systemd-networkd manages, and the file by which it does; of the host alone."""


class Step(NamedTuple):
    """One change: what is said of it, and its command."""

    says: str
    command: Sequence[str]


def main(arguments: Sequence[str], config: Path = CONFIG, placed: Path = PLACED, before: Path = BEFORE) -> None:
    """Do what is asked. Raises Refusal, and OSError."""
    verb, *rest = arguments or ["check"]
    wanted = wanted_of(json.loads(Path(rest[0] if verb == "test" else config).read_text()))
    found, ours = look(wanted), read_placed(placed)
    if verb in ("stop", "remove"):
        vips = [each for each in wanted.things if each[0] == "address" and each not in ours]
        carry_out(undoing([*ours, *vips], found))
        placed.unlink(missing_ok=True)
        if verb == "remove":
            give_back(before)
        return
    refuse(wanted, found, ours, may_load=verb in ("put", "test"))
    if verb == "test":
        return
    changes = [*steps(wanted, found, ours), *(unit_steps() if verb in ("check", "put") else ())]
    if verb == "put" and changes:
        keep(before, found.settings)
    if verb == "check":
        sys.stdout.writelines(f"{each.says}\n" for each in changes)
    else:
        note(placed, added(ours, wanted, found))
        carry_out(changes)
        note(placed, [each for each in added(ours, wanted, found) if each in wanted.things])


def wanted_of(config: Mapping[str, Any]) -> State:
    """Return what is wanted by `{vips, forwarding, tunnel, port}`; with NAT nothing but the host's default route is."""
    if config["forwarding"] == "nat":
        return State()
    kind = "direct" if config["forwarding"] == "direct" else config["tunnel"]
    addresses = [ipaddress.ip_address(each) for each in config["vips"]]
    families = sorted({each.version for each in addresses})
    tunnels = [DEVICES[kind][family] for family in families if kind != "direct"]
    loose = {f"net.ipv4.conf.{each}.rp_filter": "2" for each in tunnels if MODULES[each] in ("ipip", "ip_gre")}
    gue = families if kind == "gue" else []
    return State(
        [
            *(("up", each) for each in tunnels),
            *(("gue", str(family), str(config["port"])) for family in gue),
            *(("address", f"{each}/{each.max_prefixlen}", DEVICES[kind][each.version]) for each in addresses),
        ],
        {**SILENT, **loose},
        [*(MODULES[each] for each in tunnels), *(GUE_MODULES[each] for each in gue)],
    )


def modules_of(config: Mapping[str, Any]) -> List[str]:
    """Return the modules that the kernel needs for a configuration, for modules-load.d(5)."""
    return list(wanted_of(config).modules)


def refuse(wanted: State, found: State, ours: Sequence[Thing], may_load: bool) -> None:
    """Raise Refusal where a VIP is on an interface that answers for it, or the kernel has no module."""
    others = {each[1].partition("/")[0]: each[2] for each in found.things if each[0] == "address" and each not in ours}
    for _kind, address, device in (each for each in wanted.things if each[0] == "address"):
        bare = address.partition("/")[0]
        if others.get(bare, device) != device:
            asks = "ARP" if "." in bare else "neighbour discovery"
            raise Refusal(f"{bare} is already on {others[bare]}, which answers {asks} for it")
        if device in found.managed:
            # Seen with systemd 257; systemd 252 leaves an address on the loopback alone
            why = f"systemd-networkd manages {device}, and takes away what it has not put there"
            raise Refusal(f"{why}: let {found.managed[device]} not match it")
    for module in (each for each in wanted.modules if each not in found.modules):
        if not may_load:
            raise Refusal(f"the module {module} is not loaded: /etc/modules-load.d names it")
        try:
            run("modprobe", "--dry-run", module)
        except Refusal as error:
            raise Refusal(f"the kernel {os.uname().release} has no module {module} ({error})") from error


def steps(wanted: State, found: State, ours: Sequence[Thing]) -> Iterator[Step]:
    """Yield the changes in their order: nothing answers for a VIP at any moment between them."""
    unset = [each for each in wanted.settings.items() if found.settings.get(each[0]) != each[1]]
    yield from (_setting_step(*each) for each in unset if each[0] in SILENT)
    yield from (Step(f"loaded {each}", ["modprobe", each]) for each in wanted.modules if each not in found.modules)
    yield from (_setting_step(*each) for each in unset if each[0] not in SILENT)
    yield from undoing([each for each in ours if each not in wanted.things], found)
    yield from (_putting(each) for each in wanted.things if each not in found.things)


def undoing(things: Sequence[Thing], found: State) -> Iterator[Step]:
    """Yield what takes these things away: the VIPs first, then the ways by which packets come."""
    for each in sorted(things):
        if each in found.things:
            yield _taking(each)


def _putting(thing: Thing) -> Step:
    kind, what, *where = thing
    if kind == "up":
        return Step(f"{what} is up", ["ip", "link", "set", "dev", what, "up"])
    if kind == "gue":
        return Step(f"port {where[0]} takes GUE of IPv{what}", ["ip", f"-{what}", "fou", "add", "port", *where, "gue"])
    how = ["scope", "host"] if "." in what else ["nodad", "preferred_lft", "0"]
    return Step(f"put {what} on {where[0]}", ["ip", "address", "add", what, "dev", *where, *how])


def _taking(thing: Thing) -> Step:
    kind, what, *where = thing
    if kind == "up":
        return Step(f"{what} is down", ["ip", "link", "set", "dev", what, "down"])
    if kind == "gue":
        return Step(f"port {where[0]} takes no GUE of IPv{what}", ["ip", f"-{what}", "fou", "del", "port", *where])
    return Step(f"took {what} from {where[0]}", ["ip", "address", "delete", what, "dev", *where])


def unit_steps() -> Iterator[Step]:
    """Yield what systemd has to be told, so that it does the same at every boot."""
    shown = run("systemctl", "show", "--property=NeedDaemonReload,UnitFileState,ActiveState", UNIT).splitlines()
    state = dict(line.split("=", 1) for line in shown)
    if state.get("NeedDaemonReload") == "yes" or not state.get("UnitFileState"):
        yield Step("systemd has read the unit", ["systemctl", "daemon-reload"])
    if state.get("UnitFileState") != "enabled":
        yield Step(f"{UNIT} is enabled", ["systemctl", "enable", "--quiet", UNIT])
    if state.get("ActiveState") != "active":
        yield Step(f"{UNIT} is active", ["systemctl", "start", UNIT])


def look(wanted: State) -> State:
    """Return what the kernel has: all addresses, devices that are up, ports of GUE, and of the rest what is wanted."""
    links = json.loads(run("ip", "-json", "address", "show") or "[]")
    addresses = [
        ("address", f"{each['local']}/{each['prefixlen']}", link["ifname"])
        for link in links
        for each in link.get("addr_info", ())
        if "local" in each
    ]
    up = [("up", link["ifname"]) for link in links if "UP" in link.get("flags", ())]
    gue = _gue(json.loads(run("ip", "-json", "fou", "show") or "[]")) if _is_loaded("fou") else []
    settings = {key: _setting(key) for key in wanted.settings}
    managed = {link["ifname"]: file for link in links if (file := _manages(link.get("ifindex", 0)))}
    return State([*addresses, *up, *gue], settings, [each for each in wanted.modules if _is_loaded(each)], managed)


def _manages(index: int) -> str:
    """Return the file by which systemd-networkd manages a device; empty where it does not, or does not run."""
    try:
        text = (NETWORKD / str(index)).read_text()
    except FileNotFoundError:
        return ""
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return said.get("NETWORK_FILE", "") if said.get("ADMIN_STATE") != "unmanaged" else ""


def _gue(shown: Iterable[Any]) -> List[Thing]:
    """Read what ip-fou(8) shows as JSON."""
    known = [each for each in shown if isinstance(each, Mapping) and "gue" in each]
    return [("gue", "6" if each.get("family") == "inet6" else "4", str(each["port"])) for each in known]


def _is_loaded(module: str) -> bool:
    return Path("/sys/module", module).exists()


def _setting(key: str) -> str:
    try:
        return (PROC / key.replace(".", "/")).read_text().strip()
    except FileNotFoundError:
        return ""


def _setting_step(key: str, value: str) -> Step:
    return Step(f"{key} is {value}", ["sysctl", "--quiet", "--write", f"{key}={value}"])


def added(ours: Sequence[Thing], wanted: State, found: State) -> List[Thing]:
    """Return what is ours once all that is wanted is there: every VIP, and of the rest what was not there before."""
    fresh = (each for each in wanted.things if each[0] == "address" or each not in found.things)
    return [*ours, *(each for each in fresh if each not in ours)]


def read_placed(file: Path) -> List[Thing]:
    """Return what was written down since the host was booted; the file does not outlive that."""
    try:
        return [tuple(each) for each in json.loads(file.read_text())]
    except FileNotFoundError:
        return []


def note(file: Path, things: Sequence[Thing]) -> None:
    """Write down what is, or is about to be, ours."""
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}")
    beside.write_text(json.dumps(things))
    os.replace(beside, file)


def keep(file: Path, settings: Mapping[str, str]) -> None:
    """Write down the settings that the kernel had before ours; of a device that was not there, none."""
    known: Dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    fresh = {key: value for key, value in settings.items() if value and key in SILENT}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(json.dumps({**fresh, **known}))


def give_back(file: Path) -> None:
    """Give the kernel the settings back that it had before."""
    if file.exists():
        for key, value in json.loads(file.read_text()).items():
            run(*_setting_step(key, value).command)
        file.unlink()


def carry_out(changes: Iterable[Step]) -> None:
    """Make the changes one after the other, and say each."""
    for change in changes:
        run(*change.command)
        sys.stdout.write(f"{change.says}\n")


def run(*command: str) -> str:
    """Run a command; return what it printed. Raises Refusal with what it says when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Refusal(f"there is no {command[0]}") from error
    if done.returncode:
        raise Refusal(f"{' '.join(command)} failed: {' '.join((done.stderr + done.stdout).split())}")
    return done.stdout


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Refusal, OSError) as error:
        sys.exit(str(error))
