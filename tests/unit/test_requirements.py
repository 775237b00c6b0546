# SPDX-License-Identifier: GPL-3.0-or-later
"""Every list of what is installed is pinned by version and SHA-256, and says no more than where a name comes from."""

from __future__ import annotations

import re

import pytest

from release.archive import CHECKOUT

PLACES = ("", "*/", "tests/*/")
LISTS = sorted(
    str(path.relative_to(CHECKOUT).with_suffix("")) for at in PLACES for path in CHECKOUT.glob(f"{at}requirements.in")
)
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[^ ]+)( ; (?P<where>.+?))? \\$")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?$")
ASKED = re.compile(r"(?P<name>[A-Za-z0-9-]+)(\[[a-z,-]+\])?==(?P<version>\S+)$")


def lines(name: str) -> list[str]:
    return [line for line in (CHECKOUT / name).read_text().splitlines() if not line.lstrip().startswith("#")]


def test_the_toolchain_and_that_of_releases_are_among_the_lists():
    assert {"requirements", "release/requirements"} <= set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_every_file_that_may_be_installed_has_its_sum(name):
    pinned = 0
    listed = lines(f"{name}.txt")
    for line, after in zip(listed, [*listed[1:], ""], strict=True):
        assert PIN.match(line) or HASH.match(line), f"{line!r}: neither a pin nor a sum"
        assert HASH.match(after) or not line.endswith("\\"), f"{line!r}: has no sum"
        pinned += bool(PIN.match(line))
    assert pinned


@pytest.mark.parametrize("name", LISTS)
def test_what_was_asked_for_is_what_is_pinned(name):
    """`make requirements` writes the list anew."""
    pins = {(found["name"], found["version"]) for found in map(PIN.match, lines(f"{name}.txt")) if found}
    asked = [ASKED.match(line) for line in lines(f"{name}.in")]

    assert all(asked), "an exact version, so that each checkout gets the same"
    assert {(found["name"].lower(), found["version"]) for found in asked if found} <= pins
