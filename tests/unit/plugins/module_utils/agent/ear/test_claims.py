# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import pairwise

from module_utils.agent.ear.claims import AT_ONCE, EVERY, KEPT, SOON, Claims, Question
from module_utils.wire.survey import MOST_MACS

VIP, PEER = Question("192.0.2.10", "eth0"), Question("192.0.2.12", "eth0", True)
MAC, OTHER = "02:00:00:00:00:12", "02:00:00:00:00:66"


def claims(*questions):
    made = Claims(lambda: 0.5)
    made.want(questions or (VIP, PEER), 0.0)
    return made


def asked_at(made, question, until):
    """Return the seconds at which a question is asked."""
    return [second for second in range(until) if question in made.due(float(second))]


def test_every_address_is_asked_for_now_and_then():
    times = asked_at(claims(), VIP, 130)
    assert times == [4, 34, 64, 94, 124]


def test_who_asks_is_not_always_on_the_second():
    made = Claims(iter([0.1, 0.9] * 50).__next__)
    made.want([VIP, Question("192.0.2.13", "eth0")], 0.0)
    assert len({second / 4 for second in range(400) if made.due(second / 4)}) > 4


def test_a_peer_that_does_not_answer_is_asked_soon_and_then_rarely():
    times = asked_at(claims(), PEER, 200)
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[:5] == [SOON] * 5
    assert pauses[-1] == EVERY


def test_a_peer_that_answers_is_asked_rarely():
    made, times = claims(), []
    for second in range(100):
        if PEER in made.due(float(second)):
            times.append(second)
            made.add(PEER, MAC, second + 0.25)
    assert [after - before for before, after in pairwise(times)] == [31, 31, 31]
    assert made.of(PEER.address, "eth0").unanswered == 0


def test_not_all_at_once():
    many = [Question(f"192.0.2.{number}", "eth0") for number in range(100)]
    assert max(len(claims(*many).due(100.0)) for _turn in range(3)) == AT_ONCE


def test_a_claim_ends():
    made = claims()
    assert made.add(VIP, OTHER, 10.0) is True
    assert made.add(VIP, OTHER, 40.0) is False
    asked = made.of(VIP.address, "eth0")
    assert asked.current(40.0 + KEPT) == [OTHER]
    assert asked.current(41.0 + KEPT) == []
    assert made.add(VIP, OTHER, 42.0 + KEPT) is True


def test_a_thousand_claims_are_few():
    made = claims()
    for number in range(1000):
        made.add(VIP, f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", 10.0)
    assert len(made.of(VIP.address, "eth0").macs) == MOST_MACS
    assert made.add(VIP, OTHER, 11.0 + KEPT) is True


def test_nobody_asks_for_what_is_not_ours():
    made = claims()
    assert made.wanted("192.0.2.5", "eth0") is None
    assert made.wanted(VIP.address, "eth1") is None
    assert made.add(Question("192.0.2.5", "eth0"), MAC, 1.0) is False
    assert made.of("192.0.2.5", "eth0").current(1.0) == []


def test_after_a_new_claim_all_are_asked_soon_but_not_again_and_again():
    made = claims()
    assert made.due(10.0) == [VIP, PEER]
    made.hurry("eth1", 20.0)
    assert made.due(20.0) == [PEER]
    made.hurry("eth0", 20.0)
    assert made.due(20.0) == [VIP]
    made.hurry("eth0", 20.0 + SOON)
    assert VIP not in made.due(20.0 + SOON)


def test_what_was_asked_stays_when_more_is_wanted():
    made = claims()
    made.add(VIP, MAC, 1.0)
    made.want([VIP], 2.0)
    assert made.of(VIP.address, "eth0").current(2.0) == [MAC]
    assert made.wanted(PEER.address, "eth0") is None
