# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard writes into the tracked file of the uplinks, by what the ear has heard."""

from __future__ import annotations

import json

import pytest
from module_utils.agent.guard.cut_off import CutOff
from module_utils.vrrp.uplinks import uplinks_config
from module_utils.vrrp.weights import UPLINK_WEIGHT

GATEWAY = "192.0.2.1"
WAIT = 2.0  # of a holder: an interval, and what busy nodes are apart


class Directory:
    """Where the tracked files are."""

    def __init__(self, path):
        self.path = str(path)
        self.numbers = {"uplink": 0}

    def say(self, name, number):
        self.numbers[name] = number
        with open(f"{self.path}/{name}", "w", encoding="utf-8") as file:
            file.write(f"{number}\n")


class Node:
    """A guard's part for uplinks, with what it was told and what it has done."""

    def __init__(self, path):
        self.config = path / "uplinks.json"
        self.directory = Directory(path)
        self.acts = []
        self.asks(GATEWAY)
        self.cut_off = CutOff(str(self.config), self.directory, lambda *act: self.acts.append(act))

    def asks(self, *uplinks):
        self.config.write_text(json.dumps(uplinks_config(list(uplinks))))

    def tick(self, reached, now, holds=False, age=0.0):
        said = {"address": GATEWAY, "port": None, "reached": reached, "since": 100.0}
        ear = None if reached == "no ear" else {"monotonic": now - age, "uplinks": [said]}
        self.cut_off.read()
        self.cut_off.tick(ear, holds, now)
        return self.directory.numbers["uplink"]


@pytest.fixture
def node(tmp_path):
    return Node(tmp_path)


def test_a_backup_says_it_at_once_and_a_holder_later(node, tmp_path):
    assert node.tick(False, 100.0, holds=True) == 0
    assert node.tick(False, 100.0 + WAIT, holds=True) == UPLINK_WEIGHT
    assert (tmp_path / "uplink").read_text() == f"{UPLINK_WEIGHT}\n"
    assert Node(tmp_path).tick(False, 100.0) == UPLINK_WEIGHT


def test_it_is_told_once(node):
    for now in (100.0, 101.0, 102.0):
        node.tick(False, now)
    assert node.acts == [
        ("none of the uplinks is reached", "told keepalived, which leaves its VIPs to who reaches one")
    ]


@pytest.mark.parametrize(("reached", "age", "expected"), [
    (True, 0.0, 0), (None, 0.0, UPLINK_WEIGHT), ("no ear", 0.0, 0), (False, 9.0, 0),
])  # fmt: skip
def test_who_reaches_one_or_asks_nobody_is_not_cut_off(node, reached, age, expected):
    node.tick(False, 100.0)
    assert node.tick(reached, 200.0, age=age) == expected


def test_what_was_said_of_uplinks_that_are_no_longer_asked_is_taken_back(node, tmp_path):
    node.tick(False, 100.0)
    node.asks()
    node.tick(False, 101.0)
    assert (tmp_path / "uplink").read_text() == "0\n"


def test_also_by_a_guard_that_has_just_started(tmp_path):
    (tmp_path / "uplink").write_text(f"{UPLINK_WEIGHT}\n")
    fresh = Node(tmp_path)
    fresh.asks()
    fresh.tick(False, 100.0)
    assert (tmp_path / "uplink").read_text() == "0\n"


@pytest.mark.parametrize("text", ["", "{", "{}", "7", "[7]", None])
def test_without_uplinks_no_file_is_made(tmp_path, text):
    fresh = Node(tmp_path)
    fresh.config.unlink() if text is None else fresh.config.write_text(text)
    fresh.tick(False, 100.0)
    assert not (tmp_path / "uplink").exists()
    assert fresh.acts == []
