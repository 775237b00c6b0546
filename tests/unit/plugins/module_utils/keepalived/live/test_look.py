# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest
from module_utils.keepalived.live.look import calm_seconds

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("since", "changed", "calm"),
    [
        (NOW - 60, {}, 60.0),
        (NOW - 60, {"proxy": NOW - 3600}, 60.0),
        (NOW - 60, {"proxy": NOW - 5, "drain": NOW - 20}, 5.0),  # its priority has changed since
        (NOW + 60, {}, 0.0),  # a clock that was set back
    ],
)
def test_for_how_long_nothing_has_changed(tmp_path, since, changed, calm):
    for name, moment in changed.items():
        path = tmp_path / name
        path.write_text("0")
        os.utime(path, (moment, moment))
    assert calm_seconds(since, NOW, [tmp_path / name for name in ("drain", "proxy", "uplink")]) == calm
