# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.engines.lvs.leaving import GONE, REFUSE, TAKE_OUT, WAIT, WEIGHT, next_step
from module_utils.engines.lvs.table import Server, Service, services_data

LEAVES, STAYS = "192.0.2.21", "192.0.2.22"
LIMIT = 60


def table(*servers):
    """Return two services: one with these servers and one that stays, and one of which nothing is asked."""
    stays = Server(STAYS, 80)
    web = Service("tcp", "192.0.2.10", 80, servers=(*servers, stays))
    return services_data([web, Service("udp", "192.0.2.10", 53, servers=(stays,))])


def server(**more):
    return replace(Server(LEAVES, 80, weight=0), **more)


def ask(services, now=100.0, since=None, which=LEAVES):
    return next_step(services, which, now, LIMIT, since)


PLACE = (("tcp 192.0.2.10:80", f"{LEAVES}:80"),)


def test_it_goes_from_weight_to_gone():
    step = ask(table(server(weight=3, active=5)))
    assert (step.do, step.where, step.since) == (WEIGHT, PLACE, 100.0)
    step = ask(table(server(active=5, inactive=1)), 130.0, step.since)
    assert (step.do, step.connections, step.since) == (WAIT, 6, 100.0)
    assert step.says == f"{LEAVES} has 6 connections, for which 30 s are left"
    step = ask(table(server()), 140.0, step.since)
    assert (step.do, step.where, step.says) == (TAKE_OUT, PLACE, f"{LEAVES} has no connection any more")
    assert ask(table(), 141.0, step.since).do == GONE


@pytest.mark.parametrize(("now", "do"), [(159.9, WAIT), (160.0, TAKE_OUT)])
def test_the_limit_is_kept(now, do):
    step = ask(table(server(active=1)), now, 100.0)
    assert step.do == do
    if do == TAKE_OUT:
        assert (step.says, step.connections) == (f"{LEAVES} still has 1 connection after 60 s, which break", 1)


def test_connections_that_only_end_are_waited_for():
    assert ask(table(server(inactive=1)), 101.0, 100.0).do == WAIT


def test_an_interrupted_run_is_gone_on_with_and_waits_anew():
    step = ask(table(server(active=1)), 500.0)
    assert (step.do, step.since) == (WAIT, 500.0)


def test_persistence_is_said_because_it_may_keep_the_server_busy():
    assert ask(table(server(active=1, persistent=2))).says.endswith(
        "; persistence has 2 clients for it, and may send more of theirs"
    )


@pytest.mark.parametrize("staying", [[], [Server(STAYS, 80, weight=0)]])
def test_the_last_server_is_refused(staying):
    web = Service("tcp", "192.0.2.10", 80, servers=(server(weight=1), *staying))
    step = ask(services_data([web]))
    assert (step.do, step.where) == (REFUSE, ())
    assert step.says == f"{LEAVES} is the last server of tcp 192.0.2.10:80, which would answer nobody"


def test_one_of_two_ports_leaves_alone():
    services = table(server(weight=1), replace(server(weight=1), port=81))
    assert ask(services, which=f"{LEAVES}:81").where == (("tcp 192.0.2.10:80", f"{LEAVES}:81"),)
    assert len(ask(services).where) == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=4), st.floats(0, 1000), st.floats(0, 1000))
def test_a_server_with_weight_or_connections_is_never_taken_out_before_its_time(servers, since, now):
    ports = [replace(server(weight=weight, active=active), port=n) for n, (weight, active) in enumerate(servers)]
    step = ask(table(*ports), now, since)
    if step.do == TAKE_OUT:
        assert not any(weight for weight, _active in servers)
        assert not any(active for _weight, active in servers) or now - since >= LIMIT
