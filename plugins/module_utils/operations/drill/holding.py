# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of some addresses this host holds, with the time, at once and after every change.

The file stands alone, with nothing but Python's standard library, so that a lab can run it in its nodes as it is.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Set

# linux/rtnetlink.h
RTMGRP_IPV4_IFADDR = 0x10
RTMGRP_IPV6_IFADDR = 0x100


def held(wanted: Set[str]) -> List[str]:
    """Return those of the wanted addresses that are here."""
    links = json.loads(subprocess.run(["ip", "-json", "address"], stdout=subprocess.PIPE, check=True).stdout)
    return sorted(wanted & {info["local"] for link in links for info in link.get("addr_info", ()) if "local" in info})


def watch(
    wanted: Set[str], tell: Callable[[Dict[str, Any]], None], seconds: Optional[float] = None, stop: Any = None
) -> None:
    """Tell `{at, held}`, in seconds since the epoch, until so many seconds are over or `stop` can be read.

    Listens first and looks then, so that no change is missed.
    """
    began, zero = time.time(), time.monotonic()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as changes:
        changes.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
        sources = [changes, *([] if stop is None else [stop])]
        while True:
            # A clock that is set meanwhile must not turn the order around
            tell({"at": began + time.monotonic() - zero, "held": held(wanted)})
            left = None if seconds is None else max(0.0, zero + seconds - time.monotonic())
            ready = select.select(sources, [], [], left)[0]
            if not ready or stop in ready:
                return
            changes.recv(65536)


def say(sight: Dict[str, Any]) -> None:
    """Print a sight at once."""
    sys.stdout.write(json.dumps(sight) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Watch the addresses of the command line, until the standard input ends."""
    watch(set(sys.argv[1:]), say, stop=sys.stdin)


if __name__ == "__main__":
    main()
