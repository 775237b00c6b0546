# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at the table of IPVS that a kernel has. Changes nothing: without the module, ipvsadm would load it."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any, Dict, Mapping

from ...basics.errors import HaLbError
from ...host.rights import as_root
from ...host.runner import Runner, run_command
from .ipvsadm import counting, read_counted, read_daemons, read_entries, read_saved, read_statistics
from .table import services_data

OPTIONS: Dict[str, Any] = {"entries": {"type": "bool", "default": False}}
PROC = Path("/proc/net")
WITH_CONNECTIONS, WITH_RATES = ("--persistent-conn", 4), ("--rate", 5)


def look(options: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what M(ipvs_info) returns for its options; where it fails, C(failed) and C(msg)."""
    try:
        as_root()
        return {"changed": False, **table(options, run_command, PROC)}
    except (HaLbError, OSError) as error:
        return {"failed": True, "msg": str(error)}


def table(options: Mapping[str, Any], run: Runner, proc: Path) -> Dict[str, Any]:
    """Return the table as data. Raises HaLbError where the kernel has none, or where it cannot be read."""
    statistics = proc / "ip_vs_stats"
    if not statistics.exists():
        raise HaLbError(
            f"the kernel {platform.release()} of {platform.node()} has no table of IPVS: "
            "its module ip_vs is not loaded (modprobe ip_vs), or not installed"
        )
    services = read_saved(_printed(run, "-Sn"))
    connections, rates = (
        read_counted(_printed(run, "-Ln", option), columns) for option, columns in (WITH_CONNECTIONS, WITH_RATES)
    )
    entries = None
    if options["entries"]:
        with (proc / "ip_vs_conn_sync").open(encoding="ascii") as lines:
            entries = read_entries(lines)
    return {
        "services": services_data(counting(services, connections, rates)),
        "sync": read_daemons(_printed(run, "-Ln", "--daemon")),
        **read_statistics(statistics.read_text(encoding="ascii")),
        "entries": entries,
    }


def _printed(run: Runner, *words: str) -> str:
    """Return what ipvsadm prints. Raises HaLbError where it is not there, or refuses."""
    try:
        code, out, err = run(["ipvsadm", *words])
    except FileNotFoundError as error:
        raise HaLbError(f"there is no ipvsadm on {platform.node()}: the package ipvsadm has it") from error
    if code:
        raise HaLbError(f"ipvsadm {' '.join(words)} failed on {platform.node()}: {' '.join((err or out).split())}")
    return out
