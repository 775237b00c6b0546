# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the facts of a host that the linter's rules need. Changes nothing on the host.

A fact that cannot be found out is left out, and the rules that need it are listed as not checked.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional

from ...engines.catalogue import ENGINES
from ...host.runner import Runner
from ..config.commands import ScriptCommand, commands
from ..config.input import FACT_CHARACTERS, recorder, short
from ..config.model import ConfiguredNode
from ..config.read import read_node
from ..config.virtual_servers import virtual_servers
from ..language.includes import read_includes
from ..language.parser import parse, read_file
from .script_files import ScriptUser, find_program, script_file

SCRIPT_USER = "keepalived_script"
SERVICES = ("NetworkManager", "systemd-networkd")
SYSCTLS = (
    "net.ipv4.ip_nonlocal_bind",
    "net.ipv6.ip_nonlocal_bind",
    "net.ipv4.ip_forward",
    "net.ipv4.vs.backup_only",
)
INTERFACE_SYSCTLS = ("proxy_arp", "proxy_arp_pvlan", "rp_filter", "promote_secondaries", "arp_ignore", "arp_announce")
CLOUDS = {
    "Amazon EC2": "amazon",
    "Google": "google",
    "DigitalOcean": "digitalocean",
    "Hetzner": "hetzner",
    "OpenStack Foundation": "openstack",
    "Scaleway": "scaleway",
    "Vultr": "vultr",
    "Akamai": "linode",
    "Linode": "linode",
    "Alibaba Cloud": "alibaba",
    "OracleCloud.com": "oracle",
}
AZURE = "7783-7084-3265-9085-8269-3286-77"
"""The chassis asset tag of Azure; its vendor is that of any Hyper-V machine."""
USER_NAMESPACE, PID_NAMESPACE = "user:[4026531837]", "pid:[4026531836]"
"""The links of the initial namespaces (PROC_USER_INIT_INO, PROC_PID_INIT_INO of the kernel)."""
ADDRESS = re.compile(
    r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w.:])"
)
NETWORK_FILES = (
    "etc/network/interfaces",
    "etc/network/interfaces.d/*",
    "etc/netplan/*.yaml",
    "etc/systemd/network/*.network",
    "etc/NetworkManager/system-connections/*",
    "etc/sysconfig/network-scripts/ifcfg-*",
)


def configuration_of_host(name: str, path: Path, run: Runner) -> dict[str, Any]:
    """Return {node, path, content, included, facts} of this host: an element of `configs` for lint_result.

    Raises HaLbError when the configuration cannot be read.
    """
    content = read_file(path)
    included: list[Mapping[str, Any]] = []
    tree = parse(
        content, str(path), config_id=short(os.uname().nodename), read=recorder(read_includes, included.append)
    )
    facts = host_facts(read_node(name, tree), run)
    return {"node": name, "path": str(path), "content": content, "included": included, "facts": facts}


def host_facts(node: ConfiguredNode, run: Runner, root: Path = Path("/")) -> dict[str, Any]:
    """Return the facts of this host, as FACTS of config/input.py describes them; `root` is its root directory."""
    interfaces = _interfaces(run)
    names = {each.interface for each in node.instances} | {"all", "default"}
    found = {
        "hostname": os.uname().nodename,
        "keepalived_version": _version(run),
        "packages": _packages(run),
        "distribution": _distribution(root),
        "interfaces": interfaces,
        "sysctls": _sysctls(names, root),
        "firewall": _firewall(run),
        "virtualization": _first_line(run, "systemd-detect-virt"),
        "cloud": _cloud(root),
        "time_synchronised": _synchronised(run),
        "network_services": [each for each in SERVICES if _is_active(run, each)],
        "keeps_addresses": _keeps_addresses(root),
        "configured_addresses": _configured(root),
        "initial_namespaces": _initial_namespaces(root),
        "guarded": _is_active(run, "ha_lb-guard"),
        **{each.fact: _text(root, each.files) for each in (engine.configuration for engine in ENGINES) if each},
        "real_servers": None if virtual_servers(node) else {},
        **_scripts(commands(node), run, root),
    }
    return {name: value for name, value in found.items() if value is not None}


def _is_active(run: Runner, unit: str) -> bool:
    return run(["systemctl", "is-active", "--quiet", unit])[0] == 0


def _first_line(run: Runner, *command: str) -> Optional[str]:
    """Return the first line of a command's output, whatever its exit status, or None if it is empty."""
    lines = run(list(command))[1].split("\n")
    return lines[0].strip() or None


def _version(run: Runner) -> Optional[str]:
    printed = "".join(run(["keepalived", "--version"])[1:])
    found = re.search(r"\bv([0-9]+(?:\.[0-9]+)+)", printed)
    return found.group(1) if found else None


def _packages(run: Runner) -> Optional[dict[str, str]]:
    """Return {name: version} of the packages that are installed, keepalived's and the engines'; None without dpkg."""
    names = ["keepalived", *(engine.name for engine in ENGINES)]
    out, err = run(["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status} ${Version}\\n", *names])[1:]
    lines = [line.split(" ") for line in out.splitlines()]
    found = {line[0]: line[2] for line in lines if len(line) == 3 and line[1] == "installed"}
    return found if out or "dpkg-query:" in err else None


def _distribution(root: Path) -> Optional[str]:
    """Return the distribution and its release, as `debian 12`."""
    text = _line(root / "etc/os-release") or ""
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    name, release = (found.get(key, "").strip("\"'") for key in ("ID", "VERSION_ID"))
    return f"{name} {release}".strip() or None


def _interfaces(run: Runner) -> Optional[list[dict[str, Any]]]:
    code, out = run(["ip", "-json", "addr"])[:2]
    try:
        return [_interface(each) for each in json.loads(out)] if code == 0 else None
    except (LookupError, TypeError, ValueError):
        return None


def _interface(link: Mapping[str, Any]) -> dict[str, Any]:
    usual = [each for each in link["addr_info"] if each["scope"] != "link"]
    v4 = [each for each in usual if each["family"] == "inet"]
    return {
        "name": link["ifname"],
        "addresses": [f"{each['local']}/{each['prefixlen']}" for each in usual],
        "own": [each["local"] for each in v4[:1] if each.get("protocol") != "keepalived"],
    }


def _sysctls(interfaces: Iterable[str], root: Path) -> dict[str, str]:
    per_interface = [f"net.ipv4.conf.{name}.{key}" for name in sorted(interfaces) for key in INTERFACE_SYSCTLS if name]
    found = {name: _line(root / "proc/sys" / _sysctl_path(name)) for name in (*SYSCTLS, *per_interface)}
    return {name: value for name, value in found.items() if value is not None}


def _sysctl_path(name: str) -> str:
    """Return the path of a sysctl below /proc/sys; an interface name may have dots."""
    prefix = "net.ipv4.conf."
    if not name.startswith(prefix):
        return name.replace(".", "/")
    interface, _dot, key = name[len(prefix) :].rpartition(".")
    return f"net/ipv4/conf/{interface}/{key}"


def _line(path: Path) -> Optional[str]:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None


def _firewall(run: Runner) -> Optional[str]:
    """Return the rules of nftables and iptables; None if neither can be listed."""
    outputs = [out for code, out, _err in (run(["nft", "list", "ruleset"]), run(["iptables-save"])) if code == 0]
    return _limited("\n".join(outputs)) if outputs else None


def _limited(text: str) -> Optional[str]:
    """Return a text, or None where it is too large for a fact."""
    return text if len(text) <= FACT_CHARACTERS else None


def _cloud(root: Path) -> str:
    dmi = root / "sys/class/dmi/id"
    if _line(dmi / "chassis_asset_tag") == AZURE:
        return "azure"
    return next(
        (CLOUDS[each] for each in (_line(dmi / "sys_vendor"), _line(dmi / "chassis_asset_tag")) if each in CLOUDS), ""
    )


def _synchronised(run: Runner) -> Optional[bool]:
    printed = _first_line(run, "timedatectl", "show", "--property=NTPSynchronized", "--value")
    return {"yes": True, "no": False}.get(printed or "")


def _keeps_addresses(root: Path) -> bool:
    """Tell whether KeepConfiguration keeps networkd from removing addresses that it did not set."""
    files = [*_matching(root, ("etc/systemd/network/*.network", "etc/systemd/network/*.network.d/*.conf"))]
    return any(re.search(r"^KeepConfiguration\s*=\s*(yes|static)\b", _line(each) or "", re.MULTILINE) for each in files)


def _configured(root: Path) -> dict[str, str]:
    """Return {address: file} of the addresses in the network's configuration files."""
    found = {}
    for path in _matching(root, NETWORK_FILES):
        for line in (_line(path) or "").splitlines():
            for address in ADDRESS.findall(line.partition("#")[0]):
                found[address.lower()] = "/" + str(path.relative_to(root))
    return found


def _matching(root: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(root.glob(pattern)) if path.is_file()]


def _text(root: Path, patterns: Iterable[str]) -> Optional[str]:
    texts = [_line(path) for path in _matching(root, patterns)]
    return _limited("\n".join(text for text in texts if text) + "\n") if any(texts) else None


def _initial_namespaces(root: Path) -> Optional[bool]:
    """Tell whether keepalived can track processes: the kernel reports them to the initial namespaces only (cn_proc)."""
    links = {}
    for name, path in {"user": "self/ns/user", "pid": "self/ns/pid", "net": "self/ns/net", "first": "1/ns/net"}.items():
        try:
            links[name] = os.readlink(root / "proc" / path)
        except OSError:
            return None
    return links["user"] == USER_NAMESPACE and links["pid"] == PID_NAMESPACE and links["net"] == links["first"]


def _scripts(found: Iterable[ScriptCommand], run: Runner, root: Path) -> dict[str, Any]:
    """Return {users, files, commands}: the users that exist, script_file by path, and path by program name."""
    there = {name: _user(name, run) for name in {SCRIPT_USER, "root", *(each.user for each in found if each.user)}}
    users = {name: user for name, user in there.items() if user}
    default = users.get(SCRIPT_USER, ScriptUser(0, 0))
    files, programs = {}, {}
    for command in found:
        if command.program.startswith("/"):
            files[command.program] = script_file(command.program, users.get(command.user, default), root)
        else:
            programs[command.program] = find_program(command.program, root)
    return {"users": sorted(users), "files": files, "commands": programs}


def _user(name: str, run: Runner) -> Optional[ScriptUser]:
    code, out = run(["getent", "passwd", name])[:2]
    fields = out.split(":")
    return ScriptUser(int(fields[2]), int(fields[3])) if code == 0 and len(fields) > 3 else None
