# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether all that a role owns on a host is there and in force. Changes nothing: every node can be asked first."""

from __future__ import annotations

import grp
import hashlib
import pwd
import stat
from dataclasses import asdict
from pathlib import Path
from typing import Any, Iterator, List, Mapping, Optional, Sequence

from ..basics.errors import HaLbError
from .files import content
from .rights import as_root
from .runner import Runner, run_command
from .unit_config import compare, service_of

FILE: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str"},
    "secret": {"type": "str", "no_log": True},
    "sha256": {"type": "str"},
    "mode": {"type": "str", "default": "0644"},
    "group": {"type": "str", "default": "root"},
    "diff": {"type": "bool"},
    "validate": {"type": "str"},
}
OPTIONS: dict[str, Any] = {
    "files": {"type": "list", "elements": "dict", "options": FILE, "default": []},
    "packages": {"type": "list", "elements": "str", "default": []},
    "unit": {"type": "dict", "default": {}},
    "commands": {"type": "list", "elements": "list", "default": []},
}
STATUS = "${binary:Package} ${db:Status-Status}\n"


def compared(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what M(service_state) returns for its options, as a program that stands alone; `failed` where it fails."""
    try:
        as_root()
        return {"changed": False, **service_state(options, run_command)}
    except (HaLbError, OSError) as error:
        return {"failed": True, "msg": str(error)}


def service_state(options: Mapping[str, Any], run: Runner) -> dict[str, Any]:
    """Compare what is on this host with what is wanted.

    `files` are C({path, sha256, mode, group}) (without a sum: a directory), `packages` names of dpkg, `commands` print
    a line for everything that they would put in force, and `unit` is as M(service_config) takes it, or empty.
    Returns `files` (paths that differ), `packages` (that are not installed), `pending` (lines of the commands), `unit`
    (what keeps the staged configuration from being in force) and `differs` (whether there is any of that).
    Raises HaLbError when a command fails.
    """
    files = [wanted["path"] for wanted in digested(options["files"]) if _file_differs(wanted)]
    packages = _not_installed(options["packages"], run)
    unit = asdict(compare(service_of(options["unit"]), run)) if options["unit"] else {}
    # A script that is not the wanted one may not know that it is to change nothing
    pending = [] if files else [line for command in options["commands"] for line in _printed(command, run)]
    differs = bool(files or packages or pending or any(unit.values()))
    return {"differs": differs, "files": files, "packages": packages, "pending": pending, "unit": unit}


def digested(files: Sequence[Mapping[str, Any]]) -> List[dict[str, Any]]:
    """Return files with the sums of their contents in the place of the contents, which may be secret."""
    return [
        {
            "path": wanted["path"],
            "sha256": _sum(wanted),
            "mode": wanted.get("mode") or FILE["mode"]["default"],
            "group": wanted.get("group") or FILE["group"]["default"],
        }
        for wanted in files
    ]


def _sum(wanted: Mapping[str, Any]) -> Optional[str]:
    text = wanted.get("content") if wanted.get("secret") is None else wanted["secret"]
    known: Optional[str] = wanted.get("sha256")
    return known if text is None else hashlib.sha256(text.encode()).hexdigest()


def _file_differs(wanted: Mapping[str, Any]) -> bool:
    path = Path(wanted["path"])
    try:
        found = path.stat()
    except OSError:
        return True
    if wanted.get("sha256") is None:
        if not path.is_dir():
            return True
    elif hashlib.sha256(content(path) or b"").hexdigest() != wanted["sha256"]:
        return True
    owner = (_name_of(pwd.getpwuid, found.st_uid), _name_of(grp.getgrgid, found.st_gid))
    return stat.S_IMODE(found.st_mode) != int(wanted["mode"], 8) or owner != ("root", wanted["group"])


def _name_of(lookup: Any, number: int) -> str:
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def _not_installed(packages: Sequence[str], run: Runner) -> List[str]:
    if not packages:
        return []
    lines = run(["dpkg-query", "--show", f"--showformat={STATUS}", *packages])[1].splitlines()
    installed = {line.split()[0].partition(":")[0] for line in lines if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def _printed(command: Sequence[str], run: Runner) -> Iterator[str]:
    """Yield the lines that a command prints.

    Raises HaLbError when it fails.
    """
    code, out, err = run(list(command))
    if code:
        raise HaLbError(f"{' '.join(command)} failed: {' '.join((err + out).split())}")
    yield from (line for line in out.splitlines() if line.strip())
