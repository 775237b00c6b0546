# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of some addresses this host holds, with the time: now and after every change.

The file imports only Python's standard library, so that the lab can run it on its nodes as it is.
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
    """Return those of the wanted addresses that the kernel has."""
    links = json.loads(subprocess.run(["ip", "-json", "address"], stdout=subprocess.PIPE, check=True).stdout)
    return sorted(wanted & {info["local"] for link in links for info in link.get("addr_info", ()) if "local" in info})


def watch(
    wanted: Set[str], report: Callable[[Dict[str, Any]], None], seconds: Optional[float] = None, stop: Any = None
) -> None:
    """Report `{at, held}`, in seconds since the epoch, until `seconds` have passed or `stop` is readable.

    Subscribes to the kernel before it reads the addresses, so that no change is missed.
    """
    began, zero = time.time(), time.monotonic()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as changes:
        changes.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
        sources = [changes, *([] if stop is None else [stop])]
        while True:
            # By the monotonic clock, so that setting the clock meanwhile does not change the order
            report({"at": began + time.monotonic() - zero, "held": held(wanted)})
            left = None if seconds is None else max(0.0, zero + seconds - time.monotonic())
            ready = select.select(sources, [], [], left)[0]
            if not ready or stop in ready:
                return
            changes.recv(65536)


def print_now(sight: Dict[str, Any]) -> None:
    """Print a report as a line of JSON, unbuffered."""
    sys.stdout.write(json.dumps(sight) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Watch the addresses of the command line until standard input ends."""
    watch(set(sys.argv[1:]), print_now, stop=sys.stdin)


if __name__ == "__main__":
    main()
