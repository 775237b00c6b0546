# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics.errors import Refused
from module_utils.operations.probe.loop import Pace, Target
from module_utils.operations.probe.summary import check_pace, samples, summary, target_of

GOOD, BAD = "", "ECONNREFUSED"


def rows(*errors, who="web1"):
    return [(number * 0.01, 0.001, 0.002, error, "" if error else who) for number, error in enumerate(errors)]


def test_an_outage_lasts_to_the_next_good_request():
    seen = summary(rows(GOOD, BAD, BAD, GOOD, GOOD), 1e9, 3)
    assert seen["outages"] == [{"at_ms": 10.0, "gap_ms": 20.0, "failed": 2, "ended": True, "errors": {BAD: 2}}]
    assert {key: seen[key] for key in ("sent", "missed", "failed", "longest_gap_ms", "errors", "began")} == {
        "sent": 5,
        "missed": 3,
        "failed": 2,
        "longest_gap_ms": 20.0,
        "errors": {BAD: 2},
        "began": 1e9,
    }


def test_an_outage_that_has_not_ended():
    seen = summary(rows(GOOD, BAD, GOOD, BAD, "HTTP 503"), 0.0, 0)
    assert [(each["gap_ms"], each["ended"]) for each in seen["outages"]] == [(10.0, True), (10.0, False)]
    assert seen["outages"][1]["errors"] == {BAD: 1, "HTTP 503": 1}


def test_without_failures_there_is_no_outage():
    seen = summary(rows(GOOD, GOOD), 0.0, 0)
    assert (seen["outages"], seen["longest_gap_ms"]) == ([], 0.0)
    assert seen["answered_by"] == {"web1": {"requests": 2, "first_ms": 0.0, "last_ms": 10.0}}
    assert seen["answer"] == {"p50_ms": 2.0, "p99_ms": 2.0, "max_ms": 2.0}
    assert seen["lateness"]["max_ms"] == 1.0


def test_summary_without_requests():
    assert summary([], 0.0, 0)["sent"] == 0


def test_samples():
    assert samples(rows(GOOD, BAD)) == [[0.0, 2.0], [10.0, None]]


def test_target_of():
    request = {"address": "2001:db8::10", "port": 80, "mode": "http", "path": "/x", "headers": {"X-A": "1"}}
    assert target_of(request).text == "GET /x HTTP/1.1\r\nHost: [2001:db8::10]\r\nX-A: 1\r\nConnection: close\r\n\r\n"
    named = target_of({**request, "headers": {"Host": "test.com"}, "method": "HEAD"})
    assert named.text.startswith("HEAD /x HTTP/1.1\r\nHost: test.com\r\n")
    assert target_of({"address": "192.0.2.10", "port": 53, "mode": "udp", "payload": "a"}) == Target(
        "192.0.2.10", 53, "udp", "a"
    )


def test_check_pace_accepts():
    check_pace(Pace(seconds=60, interval=0.005), 3)


@pytest.mark.parametrize(
    ("pace", "targets", "finding"),
    [
        (Pace(seconds=0.5), 1, "seconds: 0.5 is not from 1 to 600"),
        (Pace(seconds=601), 1, "seconds: 601 is not from 1 to 600"),
        (Pace(interval=0), 1, "interval_seconds: 0 is not from 0.001 to 10"),
        (Pace(timeout=100), 1, "timeout_seconds: 100 is not from 0.01 to 60"),
        (Pace(), 0, "targets: there is nothing to ask: name services or targets"),
        (Pace(seconds=600, interval=0.001), 1, "interval_seconds: 0.001 makes more than 200000 requests"),
    ],
)
def test_check_pace_refuses(pace, targets, finding):
    with pytest.raises(Refused) as refused:
        check_pace(pace, targets)
    assert str(refused.value) == finding
