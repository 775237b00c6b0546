# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequences that are recorded: (seconds after the beginning, step, nodes).

Nodes are named by their priority for the first VIP. Every sequence ends with a healthy cluster.
"""

from __future__ import annotations

Step = tuple[float, str, *tuple[str, ...]]
Sequences = dict[str, list[Step]]

FIRST, SECOND, THIRD = "first", "second", "third"

SINGLE: Sequences = {
    "the proxy of the first choice fails": [(0, "fail", FIRST), (1.5, "recover", FIRST)],
    "the first choice is drained": [(0, "drain", FIRST), (3, "restore", FIRST)],
    "keepalived of the first choice is killed": [(0, "kill", FIRST)],
    "keepalived of the first choice is stopped": [(0, "stop", FIRST), (2, "start", FIRST)],
    "the first choice is frozen": [(0, "freeze", FIRST), (1, "thaw", FIRST)],
    "the second choice does not hear the first": [(0, "lose", FIRST, SECOND), (1, "regain", FIRST, SECOND)],
    "the cable of the first choice is pulled": [(0, "cut", FIRST), (2.5, "heal", FIRST)],
    "the first choice is frozen, and killed": [(0, "freeze", FIRST), (0.8, "kill", FIRST)],
    # keepalived may never recover from that, so it is started anew at the end
    "the interface of the first choice is made again": [
        (0, "unmake", FIRST),
        (0.5, "remake", FIRST),
        (3.5, "stop", FIRST),
        (5, "start", FIRST),
    ],
    "the interface of the first choice is made again, and then its heir fails": [
        (0, "unmake", FIRST),
        (0.5, "remake", FIRST),
        (3, "fail", SECOND),
        (4.5, "recover", SECOND),
        (5.5, "stop", FIRST),
        (7, "start", FIRST),
    ],
    "the first choice fails, and then the second": [
        (0, "fail", FIRST),
        (1, "fail", SECOND),
        (2, "recover", FIRST),
        (3, "recover", SECOND),
    ],
}

PREEMPTING: Sequences = {
    **SINGLE,
    "the proxy of the second choice fails": [(0, "fail", SECOND), (1.5, "recover", SECOND)],
    "the proxy of the third choice fails": [(0, "fail", THIRD), (1, "recover", THIRD)],
    "the proxy of the first choice is killed, and comes back by itself": [(0, "crash", FIRST)],
    "the proxy of the first choice fails again while it waits": [
        (0, "fail", FIRST),
        (0.7, "recover", FIRST),
        (1.1, "fail", FIRST),
        (1.8, "recover", FIRST),
    ],
    "the second choice is drained": [(0, "drain", SECOND), (3, "restore", SECOND)],
    "the first choice is drained, and its heir fails": [
        (0, "drain", FIRST),
        (2.5, "fail", SECOND),
        (3.5, "recover", SECOND),
        (4, "restore", FIRST),
    ],
    "keepalived of the third choice is killed": [(0, "kill", THIRD)],
    "keepalived of the first and of the second choice is killed": [(0, "kill", FIRST), (0.05, "kill", SECOND)],
    "keepalived of the second choice is stopped": [(0, "stop", SECOND), (2, "start", SECOND)],
    "keepalived of two is stopped, one after the other": [
        (0, "stop", FIRST),
        (1.5, "stop", SECOND),
        (3, "start", SECOND),
        (4, "start", FIRST),
    ],
    "the first choice is frozen for a moment": [(0, "freeze", FIRST), (0.15, "thaw", FIRST)],
    "the second choice is frozen": [(0, "freeze", SECOND), (1, "thaw", SECOND)],
    "the first choice is drained while it is frozen": [
        (0, "freeze", FIRST),
        (0.6, "drain", FIRST),
        (1.2, "thaw", FIRST),
        (4, "restore", FIRST),
    ],
    "nobody hears the first choice": [
        (0, "lose", FIRST, SECOND),
        (0, "lose", FIRST, THIRD),
        (1, "regain", FIRST, SECOND),
        (1, "regain", FIRST, THIRD),
    ],
    "the first choice does not hear the second": [(0, "lose", SECOND, FIRST), (1, "regain", SECOND, FIRST)],
    "the cable of the first choice is pulled for a moment": [(0, "cut", FIRST), (0.15, "heal", FIRST)],
    "the cable of the second choice is pulled": [(0, "cut", SECOND), (2.5, "heal", SECOND)],
    "the first and the second choice fail together": [
        (0, "fail", FIRST),
        (0, "fail", SECOND),
        (1.5, "recover", SECOND),
        (2.5, "recover", FIRST),
    ],
    "all fail, and come back one by one": [
        *((0, "fail", each) for each in (FIRST, SECOND, THIRD)),
        *((1.5 + at, "recover", each) for at, each in enumerate((THIRD, SECOND, FIRST))),
    ],
    "the interface of the first choice is made again at once": [
        (0, "unmake", FIRST),
        (0.02, "remake", FIRST),
        (3.5, "stop", FIRST),
        (5, "start", FIRST),
    ],
    "the interface of the second choice is made again, and then the first fails": [
        (0, "unmake", SECOND),
        (0.5, "remake", SECOND),
        (3, "fail", FIRST),
        (4.5, "recover", FIRST),
        (5.5, "stop", SECOND),
        (7, "start", SECOND),
    ],
    "the interface of the first choice is made again, and then all others fail": [
        (0, "unmake", FIRST),
        (0.5, "remake", FIRST),
        (3, "fail", SECOND),
        (3, "fail", THIRD),
        (4.5, "recover", SECOND),
        (5, "recover", THIRD),
        (6, "stop", FIRST),
        (7.5, "start", FIRST),
    ],
    "the interface of the first choice is made again, and keepalived is reloaded": [
        (0, "unmake", FIRST),
        (0.5, "remake", FIRST),
        (3, "reload", FIRST),
    ],
    "the power of the first choice is cut": [(0, "power_off", FIRST), (1, "power_on", FIRST)],
}

VARIANTS: dict[str, tuple[dict[str, object], Sequences]] = {
    "preempt": ({"keepalived_preempt_delay_seconds": 0.5}, PREEMPTING),
    "nopreempt": ({"keepalived_preempt": False}, SINGLE),
}
