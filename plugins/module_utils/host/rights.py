# SPDX-License-Identifier: GPL-3.0-or-later
"""As whom a module or a program runs: as root, with its own PATH, language and umask, whoever logged in."""

from __future__ import annotations

import getpass
import os
import platform

from ..basics.errors import HaLbError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UMASK = 0o022


def as_root() -> None:
    """Go on with root's umask: `sudo` and `su` may keep that of the login, under which nobody else reads what we write.

    Raises HaLbError for any user but root.
    """
    if os.geteuid() != 0:
        remedy = "log in as root, or become root by sudo or su (-b, and -K for the password)"
        raise HaLbError(f"{_user()} on {platform.node()} is not root: {remedy}")
    os.umask(UMASK)


def environment() -> dict[str, str]:
    """Return what commands get in place of what the login has: its PATH may lack sbin, and its language is not ours."""
    return {"PATH": PATH, "LC_ALL": "C.UTF-8", "LANGUAGE": ""}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.geteuid()}"
