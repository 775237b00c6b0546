# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd and a service say to each other: that it is ready (sd_notify(3)), and its sockets (sd_listen_fds(3))."""

from __future__ import annotations

import os
import socket
from typing import List, Mapping

FIRST_SOCKET = 3  # SD_LISTEN_FDS_START


def notify_systemd(word: str) -> None:
    """Send systemd a state, if it has set NOTIFY_SOCKET."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if name:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.sendto(word.encode(), "\0" + name[1:] if name.startswith("@") else name)


def given_sockets(environment: Mapping[str, str], first: int = FIRST_SOCKET) -> List[socket.socket]:
    """Return the listening sockets that systemd has opened for this process; none if it was started without."""
    count = int(environment.get("LISTEN_FDS", "0")) if environment.get("LISTEN_PID") == str(os.getpid()) else 0
    return [socket.socket(fileno=first + number) for number in range(count)]
