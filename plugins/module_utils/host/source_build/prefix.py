# SPDX-License-Identifier: GPL-3.0-or-later
"""The prefix of a version: what is in it, and putting a package there whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import List, Optional

from ...basics.errors import HaLbError
from ...basics.visible import shortened
from ..runner import Runner
from .limits import check_members
from .package import NOTE, Order

MODE = 0o755
AS_OURS = ("--gzip", "--no-same-owner", "--no-same-permissions")


def is_there(order: Order) -> bool:
    """Tell whether this very build is in its prefix.

    Raises HaLbError when something else is.
    """
    if not os.path.lexists(order.prefix):
        return False
    if _note(order.prefix) == order.key:
        return True
    raise HaLbError(
        f"{order.prefix} is there, and not this build of {order.title}: of another archive, with other options, or "
        "made by hand; where nothing runs from it, remove it"
    )


def _note(prefix: Path) -> Optional[str]:
    try:
        return str(json.loads((prefix / NOTE).read_text())["key"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def members(package: Path, run: Runner) -> List[str]:
    """Return the paths in a package, below the prefix.

    Raises HaLbError where one of them leads out of it: `remove` takes away what is recorded.
    """
    listed = run(["tar", "--list", "--gzip", "--quoting-style=literal", f"--file={package}"])[1].splitlines()
    astray = [name for name in listed if name.startswith("/") or ".." in Path(name).parts]
    if astray:
        raise HaLbError(f"{package} has a file that leads out of the prefix, {shortened(astray[0], 60)}")
    return listed


def program_of(order: Order) -> Path:
    """Return the program in the prefix."""
    return order.prefix / "sbin" / order.product


def install(order: Order, package: Path, sha256: str, run: Runner) -> None:
    """Unpack a package into its prefix, once its checksum is right and its program says the version that was ordered.

    Raises HaLbError otherwise; there is no prefix then.
    """
    if hashlib.sha256(package.read_bytes()).hexdigest() != sha256:
        raise HaLbError(f"{package} is not the package of {order.title} that was built: it was changed on its way")
    check_members(package)
    unpacked = order.prefix.with_name(f".{order.prefix.name}.new")
    shutil.rmtree(unpacked, ignore_errors=True)
    try:
        unpacked.mkdir(mode=MODE)
        code, out, err = run(["tar", "--extract", *AS_OURS, f"--file={package}", f"--directory={unpacked}"])
        if code:
            raise HaLbError(f"{package} cannot be unpacked: {(err or out).strip()}")
        unpacked.chmod(MODE)
        _check_version(order, unpacked / "sbin" / order.product, run)
        (unpacked / NOTE).write_text(
            json.dumps({"key": order.key, "sha256": order.sha256, "options": order.options}) + "\n"
        )
        os.replace(unpacked, order.prefix)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _check_version(order: Order, program: Path, run: Runner) -> None:
    code, out, err = run([str(program), "-v"])
    said = (out + err).strip()
    if code:
        raise HaLbError(f"{order.title} was built, and does not run here: {said}")
    found = re.search(r"\bv?([0-9]+(?:\.[0-9]+)+)", said)
    if not found or found.group(1) != order.version:
        raise HaLbError(
            f"the archive is not of {order.title}: what was built says {said.splitlines()[0] if said else 'nothing'}"
        )
