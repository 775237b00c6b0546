# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import time

import pytest
from module_utils.operations.drill.holding import held, watch


@pytest.fixture
def ip(tmp_path, monkeypatch):
    """Replace the system's `ip` by one that prints one address."""
    (tmp_path / "ip").write_text('#!/bin/sh\necho \'[{"addr_info": [{"local": "192.0.2.10"}, {}]}, {}]\'\n')
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("ip")
def test_only_wanted_addresses_are_returned():
    assert held({"192.0.2.10", "192.0.2.20"}) == ["192.0.2.10"]
    assert held({"192.0.2.20"}) == []


@pytest.mark.usefixtures("ip")
def test_watch_reports_at_once_and_ends_in_time():
    sights = []
    begin = time.time()
    watch({"192.0.2.10"}, sights.append, seconds=0.05)
    assert time.time() - begin < 2
    assert [sight["held"] for sight in sights][:1] == [["192.0.2.10"]]
    assert sights[0]["at"] == pytest.approx(begin, abs=1)


@pytest.mark.usefixtures("ip")
def test_watch_ends_when_stop_is_readable():
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading) as stop:
        watch({"192.0.2.10"}, lambda sight: None, stop=stop)
