# SPDX-License-Identifier: GPL-3.0-or-later
"""Send the frames from standard input (hexadecimal, one per line) in turn at a rate, and print how many were sent.

wire_sender.py INTERFACE FRAMES_PER_SECOND SECONDS
"""

from __future__ import annotations

import socket
import sys
import time

BURST = 0.002  # seconds between bursts: sleep() is not more exact


def main() -> None:
    """Send the frames that are due, sleep, and repeat until the time is up."""
    interface, rate, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    frames = [bytes.fromhex(line) for line in sys.stdin.read().split()]
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((interface, 0))
    sent, begin = 0, time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        while sent < passed * rate + 1:
            wire.send(frames[sent % len(frames)])
            sent += 1
        time.sleep(min(BURST, max(0.0, (sent - 1) / rate - passed)) or BURST)
    print(sent)


if __name__ == "__main__":
    main()
