# SPDX-License-Identifier: GPL-3.0-or-later
"""Skew times as in keepalived: (256 - priority) / 256 s in version 2, times the interval in version 3."""

from __future__ import annotations

import pytest
from module_utils.vrrp.model import Settings
from module_utils.vrrp.simulation.election import active_down_interval, effective_priority, skew, takeover_time, weigh
from samples import LB1, LB2, WEB, laid_out


@pytest.mark.parametrize(
    ("version", "interval", "priority", "seconds"),
    [
        (2, 1.0, 100, 0.609375),
        (2, 1.0, 250, 0.0234375),
        (2, 5.0, 250, 0.0234375),  # version 2: whatever the interval is
        (3, 1.0, 100, 0.609375),
        (3, 0.1, 100, 0.0609375),
        (3, 0.1, 250, 0.00234375),
        (3, 1.0, 255, 0.00390625),
    ],
)
def test_skew(version, interval, priority, seconds):
    assert skew(version, priority, interval) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("version", "priority", "interval", "adverts", "seconds"),
    [
        (2, 100, 1.0, 3, 3.609375),
        (2, 250, 1.0, 3, 3.0234375),
        (3, 250, 0.1, 3, 0.30234375),
        (3, 250, 0.1, 2, 0.20234375),
    ],
)
def test_active_down_interval(version, priority, interval, adverts, seconds):
    assert active_down_interval(version, priority, interval, adverts) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("base", "contributions", "effective"),
    [
        (250, [], 250),
        (250, [-253], 1),
        (100, [-50, -60], 1),
        (200, [30, 40], 254),
        (200, [-10, 5], 195),
        (255, [-254], 255),  # the owner of the address never changes
    ],
)
def test_effective_priority(base, contributions, effective):
    assert effective_priority(base, contributions) == effective


@pytest.mark.parametrize(
    ("base", "contributions", "effective"),
    [
        (250, [], 250),
        (250, [0, -253], 1),
        (250, [-253, -253], 1),
        (250, [20], 254),
        (250, [-254], None),
        (255, [-254], 255),
    ],
)
def test_weigh(base, contributions, effective):
    assert weigh(base, contributions) == effective


def test_takeover_time_of_the_slowest_backup():
    assert takeover_time(laid_out([LB1, LB2], [WEB]), Settings()) == pytest.approx(
        0.3 + 6 / 256 * 0.1
    )  # the backup's priority is 250
