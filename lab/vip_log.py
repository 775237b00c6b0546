# SPDX-License-Identifier: GPL-3.0-or-later
"""Print which of some addresses this host holds, with the time, at once and after every change.

It runs inside a balancer with nothing but Python's standard library, until its standard input ends.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time

# linux/rtnetlink.h
RTMGRP_IPV4_IFADDR = 0x10
RTMGRP_IPV6_IFADDR = 0x100


def held(wanted: set[str]) -> list[str]:
    """Return those of the wanted addresses that are here."""
    links = json.loads(subprocess.run(["ip", "-json", "address"], stdout=subprocess.PIPE, check=True).stdout)
    return sorted(wanted & {info["local"] for link in links for info in link.get("addr_info", ()) if "local" in info})


def main() -> None:
    """Listen first and look then, so that no change is missed."""
    wanted = set(sys.argv[1:])
    changes = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    changes.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
    while True:
        now = time.time()
        print(json.dumps({"at": now, "held": held(wanted)}), flush=True)
        if sys.stdin in select.select([changes, sys.stdin], [], [])[0]:
            return
        changes.recv(65536)


if __name__ == "__main__":
    main()
