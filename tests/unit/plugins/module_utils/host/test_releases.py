# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.host.releases import Branch, Fault, Releases, shortcomings, upstream_of

LOOP = Fault(
    "CVE-1", "it loops", since="2.0.0", fixed=("2.4.30", "2.9.10", "3.0.4"), source="https://www.example.org/1"
)
CRASH = Fault(
    "CVE-2", "it crashes", since="3.0.0", fixed=("3.0.16",), source="https://www.example.org/2", needs="USE_X"
)
BRANCHES = (Branch("2.4", "2026-04-01"), Branch("2.9", "2025-03-21"), Branch("3.0", "2029-04-01"))
PROXY = Releases("proxy", "2026-08-22", "https://www.example.org/", branches=BRANCHES, faults=(LOOP, CRASH))
TODAY = "2026-03-01"
KNOWN = "(as of 2026-08-22, https://www.example.org/)"


def said(version, today=TODAY, options=()):
    return [each.replace(f" {KNOWN}", "") for each in shortcomings(version, PROXY, today, options)]


@pytest.mark.parametrize("version", ["2.4.30", "2.4.31", "3.0.4", "3.0.100", "3.1.0", "4.0"])
def test_a_release_with_the_fix_or_after_the_last_branch_that_had_the_fault_is_silent(version):
    assert said(version) == []


@pytest.mark.parametrize(
    ("version", "better"),
    [("2.0.0", "2.4.30"), ("2.4.29", "2.4.30"), ("2.6.7", "3.0.4"), ("2.9.9", "3.0.4"), ("3.0.3", "3.0.4")],
)
def test_a_fault_is_said_with_the_next_release_without_it_of_a_branch_that_is_mended(version, better):
    sentence = f"proxy {version} has a known fault: CVE-1 (it loops); {better} is the next release without it"

    assert said(version)[0] == sentence


def test_the_day_of_what_is_known_and_its_source_are_said():
    assert next(shortcomings("3.0.3", PROXY, TODAY, ())).endswith(f" {KNOWN}")


def test_a_fault_of_a_part_counts_where_it_is_built_in_and_where_nobody_knows():
    both = (
        "proxy 3.0.3 has known faults: CVE-1 (it loops) and CVE-2 (it crashes); 3.0.16 is the next release without them"
    )

    assert said("3.0.3", options=["USE_X=1"]) == said("3.0.3", options=None) == [both]
    assert "CVE-2" not in said("3.0.3", options=["USE_XY=1"])[0]


def test_many_faults_are_counted():
    faults = tuple(Fault(f"CVE-{each}", "", "1.0", ("2.0",), "https://www.example.org/") for each in range(5))

    (sentence,) = shortcomings("1.5", Releases("proxy", "2026-08-22", "", faults=faults), TODAY)

    assert "CVE-0 (), CVE-1 (), CVE-2 () and 2 more; 2.0 is the next release without them" in sentence


def test_where_no_release_that_is_mended_is_without_the_fault_that_is_said():
    of_old = Releases("proxy", "2026-08-22", "", branches=(Branch("3.0", "2025-01-01"),), faults=(CRASH,))

    assert "no release is known without it" in next(shortcomings("3.0.1", of_old, TODAY))


@pytest.mark.parametrize(
    ("version", "today", "what"),
    [
        ("2.4.30", "2026-04-01", ""),
        ("2.4.30", "2026-04-02", "is past its end since 2026-04-01"),
        ("2.4.30", "2036-04-02", "is past its end since 2026-04-01"),
        ("1.8.3", TODAY, "is older than 2.4, which is past its end since 2026-04-01"),
        ("3.1.0", "2036-01-01", ""),
    ],
)
def test_a_branch_is_past_its_end_the_day_after(version, today, what):
    ends = [each for each in said(version, today) if "end since" in each]

    assert ends == ([f"proxy {version} {what}: what is found in it is mended no more"] if what else [])


@pytest.mark.parametrize("version", ["", "unknown", "2.4.x", "2.4.1\n", "9" * 5000, "2.4.1; rm", "-1"])
def test_what_is_no_version_is_silent(version):
    assert said(version) == []


@pytest.mark.parametrize(
    ("package", "upstream"),
    [
        ("3.2.22-1~bpo12+1", "3.2.22"),
        ("1.30.1-1~bookworm", "1.30.1"),
        ("2.9.9-1ppa1~noble", "2.9.9"),
        ("1:2.4.0-1~bpo13+1", "2.4.0"),
        ("2.6.12-1+deb12u2", ""),
        ("1:2.2.7-1+b2", ""),
        ("3.0.11-1+deb13u2~bpo12+1", ""),
        ("2.8.5-1ubuntu3.3", ""),
        ("1.22.1-9+deb12u3", ""),
        ("3.2.22", ""),
        ("", ""),
    ],
)
def test_a_package_is_upstreams_own_or_the_distributions(package, upstream):
    assert upstream_of(package) == upstream
