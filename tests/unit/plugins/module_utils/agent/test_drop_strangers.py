# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that drops strangers' VRRP, against an nft that writes down what it is told. See tests/wire too."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import CLUSTER, KEEPALIVED
from module_utils.agent.drop_strangers import LINE, _note, let_in, main, read_senders, rules_of, table_of
from module_utils.host.bundle import core_files, needed
from rendering import render, variables_of

PEER, OTHER, FORMER, SIX = "192.0.2.12", "192.0.2.13", "192.0.2.77", "2001:db8::12"


def line(family, *senders):
    return f"! VRRP over {family} comes from these alone: {', '.join(senders)}\n"


@pytest.fixture
def nft(tmp_path, monkeypatch, capsys):
    """Return a function that runs the program beside such files and rules: what it said, complained, and loaded."""

    def run(*arguments, config="", allowed="", before="", locked=True, rules=(), refuses=False, there=True):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        objects = [{"rule": {"comment": _note(rule)}} for rule in rules]
        script = f"""#!/bin/sh
case "$*" in
*list*) echo '{json.dumps({"nftables": [{"table": {}}, *objects]})}' ;;
*) {"echo 'no nf_tables here' >&2; exit 1" if refuses else f'echo "$*" >{tmp_path}/told; cat >>{tmp_path}/told'} ;;
esac
"""
        program, told = folder / "nft", tmp_path / "told"
        program.write_text(script)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin" if there else str(tmp_path))
        told.write_text("")
        files = [tmp_path / name for name in ("senders", "keepalived.conf", "before")]
        for file, text in zip(files, (allowed, config, before), strict=True):
            file.write_text(text)
        lock = tmp_path / "lock"
        lock.touch() if locked else lock.unlink(missing_ok=True)
        main(arguments, *files, lock)
        said = capsys.readouterr()
        return said.out.splitlines(), said.err, told.read_text()

    return run


PAIR = {"config": line("ipv4", PEER), "allowed": line("ipv4", PEER)}


def test_all_but_the_peers_are_dropped(nft):
    said, complained, told = nft(**PAIR)
    assert said == [f"closed VRRP over ipv4 to all but {PEER}"]
    assert complained == ""
    assert told == "--file -\n" + table_of(rules_of({"ipv4": {PEER}}))


def test_what_is_loaded_already_is_left_alone(nft):
    said, _complained, told = nft(**PAIR, rules=rules_of({"ipv4": {PEER}}))
    assert (said, told) == ([], "")


def test_whoever_joins_is_let_in_before_the_configuration_names_it(nft):
    said, _complained, _told = nft(config=line("ipv4", PEER), allowed=line("ipv4", PEER, OTHER))
    assert said == [f"closed VRRP over ipv4 to all but {PEER}, {OTHER}"]


def test_whoever_leaves_is_let_in_until_the_configuration_does_not_name_it(nft):
    said, _complained, _told = nft(config=line("ipv4", PEER, FORMER), allowed=line("ipv4", PEER))
    assert said == [f"closed VRRP over ipv4 to all but {PEER}, {FORMER}"]


def test_the_configuration_to_go_back_to_lets_its_senders_in(nft):
    said, _complained, _told = nft(**PAIR, before=line("ipv4", FORMER) + line("ipv6", SIX))
    assert said == [f"closed VRRP over ipv4 to all but {PEER}, {FORMER}"]


def test_once_no_run_has_the_lock_nobody_goes_back(nft):
    said, _complained, _told = nft(**PAIR, before=line("ipv4", FORMER), locked=False)
    assert said == [f"closed VRRP over ipv4 to all but {PEER}"]


@pytest.mark.parametrize(
    "files",
    [
        {"config": "vrrp_instance web {\n}\n", "allowed": line("ipv4", PEER)},
        {"config": line("ipv4", PEER), "allowed": "\n"},
        {"config": line("ipv4", PEER), "allowed": line("ipv6", SIX)},
        {"config": line("ipv4", PEER, "lb2"), "allowed": line("ipv4", PEER)},
        {"config": line("ipv4", SIX), "allowed": line("ipv4", PEER)},
        {"config": line("ipv4", PEER).replace("! ", "# "), "allowed": line("ipv4", PEER)},
    ],
    ids=["not of ours", "not wanted", "other families", "a name", "wrong family", "other comment"],
)
def test_nothing_is_dropped_where_a_sender_may_be_unknown(nft, files):
    assert nft(**files) == ([], "", "")
    said, _complained, told = nft(**files, rules=rules_of({"ipv4": {PEER}}))
    assert said == ["opened VRRP to everybody"]
    assert "chain" not in told


def test_close_takes_the_table_away(nft):
    said, _complained, told = nft("--close", **PAIR, rules=rules_of({"ipv4": {PEER}}))
    assert said == ["opened VRRP to everybody"]
    assert told.splitlines()[1:] == ["table inet ha_lb_vrrp", "delete table inet ha_lb_vrrp"]


def test_a_check_says_the_same_and_loads_nothing(nft):
    said, _complained, told = nft("--check", **PAIR)
    assert said == nft(**PAIR)[0]
    assert told.startswith("--check --file -\n")


@pytest.mark.parametrize("how", [{"there": False}, {"refuses": True}], ids=["no nft", "the kernel refuses"])
def test_where_it_cannot_be_done_that_is_said_and_nothing_fails(nft, how):
    said, complained, _told = nft(**PAIR, **how)
    assert said == []
    assert complained.startswith("strangers' VRRP is not dropped: ")
    assert nft("--check", **PAIR, **how)[0] == []
    assert nft(**how) == ([], "", "")


addresses = st.sets(st.sampled_from([PEER, OTHER, FORMER]))
senders = st.dictionaries(st.sampled_from(["ipv4", "ipv6"]), addresses)


@given(senders, senders, senders)
def test_nobody_is_shut_out_whom_a_configuration_names(now, newest, before):
    for family, allowed in let_in(now, newest, before).items():
        assert family in now
        assert family in newest
        assert allowed == now[family] | newest[family] | before.get(family, set())


@given(senders)
def test_rules_drop_vrrp_alone(wanted):
    for rule in rules_of(wanted):
        assert rule.startswith(("meta nfproto ipv4 meta l4proto 112 ", "meta nfproto ipv6 meta l4proto 112 "))
        assert rule.endswith(" drop")


def test_the_configuration_names_the_senders_that_the_file_allows(tmp_path):
    for name, given_ in KEEPALIVED.items():
        config = tmp_path / "keepalived.conf"
        config.write_text(render("keepalived", "keepalived.conf.j2", **given_))
        lines = variables_of("keepalived", given_)["__keepalived_senders"]
        assert LINE.findall(config.read_text()) == LINE.findall("\n".join(lines)), name
        assert read_senders(config) or name in ("by name",), name


def test_the_role_can_leave_it():
    assert variables_of("keepalived", {**CLUSTER, "keepalived_drop_strangers": False})["__keepalived_senders"] == []
    assert "alone" not in render("keepalived", "keepalived.conf.j2", **CLUSTER, keepalived_drop_strangers=False)


def test_it_runs_alone_as_the_role_writes_it(tmp_path):
    assert [path.name for path in needed("agent.drop_strangers")][-1:] == ["drop_strangers.py"]
    program = tmp_path / "drop-strangers"
    program.write_text(core_files(["agent.drop_strangers"], "")[-1]["content"])
    command = [sys.executable, "-I", str(program), "--close"]
    assert subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, check=True, text=True).stdout == ""
