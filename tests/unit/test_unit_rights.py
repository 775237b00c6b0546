# SPDX-License-Identifier: GPL-3.0-or-later
"""No unit that the roles print may do more than it needs, as systemd itself rates it."""

from __future__ import annotations

import re
import subprocess

import pytest
from inputs import INPUTS
from rendering import ROLES, render

from lab.rights import ABOVE, AGENTS, ELSEWHERE, MOST, bound_of, command

# By the unit: the role, and its templates. The distribution's units say nothing of rights: nginx's stands for them
PLAIN = "[Service]\nType=forking\nExecStart=/usr/sbin/nginx\n"
UNITS = {
    "ha_lb-guard": ("agents", "guard.service.j2", None),
    "ha_lb-ear": ("agents", "ear.service.j2", None),
    "ha_lb-notify": ("agents", "notify.service.j2", None),
    "ha_lb-status": ("agents", "status.service.j2", None),
    "ha_lb-real-server": ("lvs_real_server", "real-server.service.j2", None),
    "ha_lb-watch": ("keepalived", "watch.service.j2", None),
    "keepalived": ("keepalived", "keepalived.service.j2", "unit.conf.j2"),
    "haproxy": ("haproxy", "haproxy.service.j2", "unit.conf.j2"),
    "nginx": ("nginx", None, "unit.conf.j2"),
}
WANTED = {
    **dict.fromkeys(("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "PrivateMounts", "RestrictNamespaces"), "yes"),
    **dict.fromkeys(("ProtectClock", "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs"), "yes"),
    **dict.fromkeys(("ProtectKernelModules", "ProtectKernelTunables", "RestrictSUIDSGID", "LockPersonality"), "yes"),
    **{"ProtectSystem": "strict", "ProtectHome": "yes", "ProtectProc": "invisible", "ProcSubset": "pid"},
    **{"RestrictRealtime": "yes", "MemoryDenyWriteExecute": "yes", "SystemCallArchitectures": "native"},
    **{"SystemCallFilter": "@system-service", "SystemCallErrorNumber": "EPERM", "UMask": "0077"},
}
# What a unit has in the place of that, and why
OTHERWISE = {
    # Reads sysctls, to put them in force again
    ("ha_lb-guard", "ProcSubset"): None,
    # A command that tells people may be any program: `uptime`, `df`
    ("ha_lb-notify", "ProcSubset"): None,
    # Sets sysctls, before the address that needs them
    ("ha_lb-real-server", "ProcSubset"): None,
    ("ha_lb-real-server", "ProtectKernelTunables"): None,
    # Says on which devices the VIPs are, to whoever wants to know
    ("ha_lb-real-server", "UMask"): "0022",
    # Sets the sysctls of virtual MACs
    ("keepalived", "ProcSubset"): None,
    # Adverts must be on time
    ("keepalived", "RestrictRealtime"): None,
    # Regular expressions are compiled to machine code, and refused where they cannot be
    ("haproxy", "MemoryDenyWriteExecute"): None,
    ("haproxy", "SystemCallFilter"): "@system-service chroot",
    # And modules of nginx, such as Lua's, do the same
    ("nginx", "MemoryDenyWriteExecute"): None,
    # Certificates may be in /root
    ("haproxy", "ProtectHome"): "read-only",
    ("nginx", "ProtectHome"): "read-only",
    # Logs and caches are where nginx_access_log and nginx_extra_* say, and logs are for the group adm
    ("nginx", "ProtectSystem"): "full",
    ("nginx", "UMask"): "0027",
    # pgrep, which tells when a reload is over, reads the clock there
    ("nginx", "ProcSubset"): None,
}
PRINTED = [
    pytest.param(unit, given, id=f"{unit}-{name}")
    for unit, (role, _unit_file, _drop_in) in UNITS.items()
    for name, given in INPUTS[role].items()
]


def texts(unit, given):
    """Return what stands in the files of a unit, by their names below /etc/systemd/system."""
    role, unit_file, drop_in = UNITS[unit]
    found = {f"{unit}.service": render(role, unit_file, **given) if unit_file else PLAIN}
    if drop_in:
        found[f"{unit}.service.d/ha_lb.conf"] = render(role, drop_in, **given)
    return found


def rated(tmp_path, unit, files):
    """Return whether systemd finds a unit within its bound, and what it says last."""
    for name, text in files.items():
        path = tmp_path / "etc/systemd/system" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    asked = command(unit, "--offline=yes", f"--root={tmp_path}")
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert f"exposure level for {unit}.service" in done.stdout, done.stderr
    return done.returncode == 0, done.stdout.splitlines()[-1]


def test_every_unit_is_here():
    found = {path.relative_to(ROLES) for path in ROLES.glob("*/templates/*") if ".service" in path.name}
    found |= {path.relative_to(ROLES) for path in ROLES.glob("*/templates/unit.conf.j2")}
    known = {f"{role}/templates/{name}" for role, *names in UNITS.values() for name in names if name}
    assert {str(path) for path in found} == known
    assert {*ABOVE, *AGENTS, *ELSEWHERE} == {*UNITS}


@pytest.mark.parametrize(("unit", "given"), PRINTED)
def test_no_unit_is_more_exposed_than_it_may_be(tmp_path, unit, given):
    within, said = rated(tmp_path, unit, texts(unit, given))
    assert within, f"{said}, and at most {bound_of(unit)}"


@pytest.mark.parametrize("unit", ABOVE)
def test_no_exception_is_wider_than_needed(tmp_path, unit):
    given = INPUTS[UNITS[unit][0]]
    worst = max(
        float(re.search(r": ([0-9.]+) ", rated(tmp_path / str(n), unit, texts(unit, each))[1])[1])
        for n, each in enumerate(given.values())
    )
    assert MOST < worst == ABOVE[unit]


@pytest.mark.parametrize("unit", UNITS)
def test_the_bound_finds_what_is_missing(tmp_path, unit):
    given = next(iter(INPUTS[UNITS[unit][0]].values()))
    lost = ("CapabilityBoundingSet=", "SystemCallFilter=") if unit in ABOVE else tuple(f"{name}=" for name in WANTED)
    files = {
        name: "".join(line for line in text.splitlines(keepends=True) if not line.startswith(lost))
        for name, text in texts(unit, given).items()
    }
    assert not rated(tmp_path, unit, files)[0]


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_has_what_every_unit_has(unit):
    given = next(iter(INPUTS[UNITS[unit][0]].values()))
    lines = [line.partition("=") for text in texts(unit, given).values() for line in text.splitlines()]
    said = {name: value for name, _sep, value in reversed(lines)}
    wanted = {name: OTHERWISE.get((unit, name), value) for name, value in WANTED.items()}
    assert {name: said.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("unit", UNITS)
def test_what_a_filter_refuses_is_an_error_and_no_end(unit):
    """A system call that a filter does not know must not kill a daemon in service."""
    given = next(iter(INPUTS[UNITS[unit][0]].values()))
    assert any("\nSystemCallErrorNumber=EPERM\n" in text for text in texts(unit, given).values())


def test_only_what_needs_sysctls_may_write_them():
    with_vmac, without = (
        render("keepalived", "unit.conf.j2", **INPUTS["keepalived"][name]) for name in ("vmac", "pair")
    )
    assert "\nReadWritePaths=/proc/sys/net\n" in with_vmac
    assert "/proc/sys" not in without


def test_the_chroot_of_haproxy_is_there_with_the_log_in_it():
    """The package brings the directory and the mount; a source build has them of our unit."""
    (chroot,) = re.findall(r"^ +chroot (\S+)$", render("haproxy", "haproxy.cfg.j2", **INPUTS["haproxy"]["http"]), re.M)
    unit = render("haproxy", "haproxy.service.j2", **INPUTS["haproxy"]["http"])
    assert f"\nStateDirectory={chroot.removeprefix('/var/lib/')}\n" in unit
    assert f"\nBindReadOnlyPaths=/dev/log:{chroot}/dev/log\n" in unit


@pytest.mark.parametrize("unit", ABOVE)
def test_what_runs_beside_a_daemon_is_not_confined_with_it(unit):
    """It writes for others to read, sets sysctls and removes VIPs: `+`, and a umask of its own."""
    role = UNITS[unit][0]
    lines = render(role, "unit.conf.j2", **next(iter(INPUTS[role].values()))).splitlines()
    ours = [line.partition("=")[2] for line in lines if line.startswith("Exec") and "ha_lb" in line]
    assert ours
    for each in ours:
        # What nginx's own program is asked to do, as the unit itself does
        assert each.startswith(("+", "-+")) or each.endswith("/reload-nginx"), each
        assert "sh -c" not in each or re.search("'umask 0(22|77); ", each), each
