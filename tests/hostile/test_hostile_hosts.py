# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook against balancers that were taken over: the controller reads, writes and runs nothing for them."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import lies
import pytest
from honest import HOSTS, everybody
from stage import CANARY, PLAYBOOKS, PRECIOUS, SECONDS, STEERING, Act, play, prepare

AT_ONCE = 2
ALL = tuple(PLAYBOOKS)
LOOK_AT_FIREWALLS = ("status", "lint")
AS_FILES = ("status",)
SAY = ("status",)
GATHER = ("preflight", "site")
GATHER_LATE = ("site", "drill")


def _honest(act: Act) -> dict:
    return everybody()


# What is played: the playbook, the lie, and whether programs come by the connection or modules as files
ACTS = [
    *((playbook, _honest, True) for playbook in ALL),
    *((playbook, lies.texts, True) for playbook in ALL),
    *((playbook, lies.texts, False) for playbook in AS_FILES),
    *((playbook, lies.shapeless, True) for playbook in ALL),
    *((playbook, lies.shapeless, False) for playbook in AS_FILES),
    *((playbook, lies.few_facts, True) for playbook in ALL),
    *((playbook, lies.facts, True) for playbook in GATHER),
    *((playbook, lies.late_facts, True) for playbook in GATHER_LATE),
    *((playbook, lies.paths, True) for playbook in ("lint", "preflight")),
    *((playbook, lies.verdicts, True) for playbook in SAY),
    *((playbook, lies.loops, True) for playbook in LOOK_AT_FIREWALLS),
]
LYING = [each for each in ACTS if each[1] is not _honest]


def name_of(act: tuple) -> str:
    playbook, lie, pipelining = act
    return f"{playbook}-{lie.__name__.strip('_')}{'' if pipelining else '-as-files'}"


@pytest.fixture(scope="session")
def acts(tmp_path_factory):
    """Begin all runs; return each by what is played, once it is over."""
    top = tmp_path_factory.mktemp("acts")

    def run(each) -> Act:
        playbook, lie, pipelining = each
        act = prepare(Path(top / name_of(each)))
        return play(act, playbook, lie(act), pipelining=pipelining, files=lie is not lies.few_facts)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures: dict[tuple, Future] = {each: pool.submit(run, each) for each in ACTS}
        yield lambda *each: futures[each].result()
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("each", LYING, ids=name_of)
def test_nothing_is_read_written_or_run_on_the_controller(acts, each):
    act = acts(*each)
    assert not act.marker.exists()
    assert act.precious.read_text() == PRECIOUS
    assert act.appeared == []
    assert CANARY not in act.output
    sent = [kind for host in HOSTS for kind, data in act.received(host) if CANARY.encode() in data]
    assert sent == []


@pytest.mark.parametrize("each", LYING, ids=name_of)
def test_it_ends(acts, each):
    assert acts(*each).code >= 0
    assert acts(*each).seconds < SECONDS


@pytest.mark.parametrize("each", LYING, ids=name_of)
def test_nothing_steers_the_terminal(acts, each):
    assert STEERING.findall(acts(*each).output) == []


@pytest.mark.parametrize("each", [each for each in LYING if each[1] is lies.shapeless], ids=name_of)
def test_a_sentence_names_the_host(acts, each):
    """Ours where the answer is none; Ansible's where it is not even JSON."""
    assert re.search(r"\blb[123] answers \w+ with what is no answer: |^fatal: \[lb[123]\]", acts(*each).output, re.M)


@pytest.mark.parametrize("playbook", GATHER)
def test_a_host_that_sets_our_variables_ends_the_run(acts, playbook):
    act = acts(playbook, lies.facts, True)
    assert act.code != 0
    assert "lb1 says ha_lb_accept_conflicts" in act.output


@pytest.mark.parametrize("playbook", GATHER_LATE)
def test_nor_does_it_set_them_later(acts, playbook):
    """By the answer of a module of Ansible's own; what is decided after it, is refused."""
    act = acts(playbook, lies.late_facts, True)
    assert act.code != 0
    assert "lb1 says ha_lb_accept_conflicts" in act.output or playbook == "drill"


@pytest.mark.parametrize("playbook", ALL)
def test_what_an_honest_node_is_sent_does_not_change(acts, playbook):
    """To the end, or until the run is refused."""
    wanted = _one_look([_essence(*each) for each in acts(playbook, _honest, True).received("lb3")])
    for lie in (lies.texts, lies.few_facts):
        act = acts(playbook, lie, True)
        sent = _one_look([_essence(*each) for each in act.received("lb3")])
        if (playbook, lie) == ("site", lies.texts):
            # How keepalived is loaded depends on what the node says of its own; what is loaded does not
            assert _of("run-service_state", sent) == _of("run-service_state", wanted) != []
            continue
        while act.code and sent and sent[-1][0] == "run-cluster_lock":
            sent.pop()  # whoever is refused gives the lock up
        assert sent == wanted[: len(sent)]
        assert len(sent) == len(wanted) or act.code != 0


LOOK = ["run-vrrp_info", "run-vip_probe"]


def _one_look(sent: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return ``sent`` without the looks that only repeat the one before: `verify` looks until all is well."""
    kept: list[tuple[str, bytes]] = []
    for each in sent:
        kept.append(each)
        if [kind for kind, _ in kept[-2:]] == LOOK and kept[-4:-2] == kept[-2:]:
            del kept[-2:]
    return kept


def _of(kind: str, sent: list[tuple[str, bytes]]) -> list[bytes]:
    return [data for name, data in sent if name == kind]


OPTIONS = re.compile(rb"^options = (.*)$", re.MULTILINE)


def _essence(kind: str, data: bytes) -> tuple[str, bytes]:
    """Return of what a node was sent the options of a program, which have the digests of all of its files."""
    found = OPTIONS.search(data)
    return kind, found[1] if found else b""


@pytest.mark.parametrize("playbook", ALL)
def test_an_honest_cluster_is_played_to_the_end(acts, playbook):
    """Otherwise nothing would follow from what the others do not do."""
    act = acts(playbook, _honest, True)
    least = {"lint": 1, "notify_test": 1, "status": 1, "verify": 2, "drain": 5, "restore": 5, "remove": 3}.get(
        playbook, 6
    )
    assert act.code == 0 or playbook == "drill", act.output[-3000:]
    assert len(act.received("lb3")) >= least


def test_facts_that_an_earlier_play_has_cached_are_refused_before_a_host_is_asked(tmp_path):
    act = prepare(tmp_path / "act")
    fact = {"ha_lb_status_file": str(act.precious), "cacheable": True}
    first = {"hosts": "lb1", "gather_facts": False, "tasks": [{"ansible.builtin.set_fact": fact}]}
    (act.folder / "first.json").write_text(json.dumps([first]))
    play(act, "status", everybody(), pipelining=True)
    assert "lb1 says ha_lb_status_file of itself" in act.output
    assert [act.received(host) for host in HOSTS] == [[]] * len(HOSTS)
    assert act.precious.read_text() == PRECIOUS


def test_input_that_is_wrong_is_refused_before_a_host_is_asked(tmp_path):
    act = prepare(tmp_path / "act")
    (act.folder / "extra.json").write_text(json.dumps({"ha_lb_services": [{"name": "x y"}]}))
    for playbook in ("preflight", "site"):
        play(act, playbook, everybody(), pipelining=True)
        assert "ha_lb_services[0].name: 'x y' is not a name" in act.output
    assert [act.received(host) for host in HOSTS] == [[]] * len(HOSTS)


def test_the_lies_are_lies(tmp_path):
    """The canary is where a file would be read, and every variable of the documentation is a fact."""
    act = prepare(tmp_path / "act")
    assert sum(str(act.key) in said for said in lies.each_text(lies.texts(act)["lb1"])) > 20
    usurped = lies.usurping(act)
    assert {"ha_lb_vips", "haproxy_source", "ha_lb_status_file", "notify_mail", "source_build"} <= {*usurped}
    assert len(usurped) > 80
