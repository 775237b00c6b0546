# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.program import Program, back, chosen, runs_otherwise, switch

PID = "42"


@pytest.fixture
def program(tmp_path):
    """Return a function that makes a program of this version wanted; None: the distribution's."""
    folders = {name: tmp_path / name for name in ("staging", "links", "prefixes", "units")}
    for folder in folders.values():
        folder.mkdir()
    (folders["staging"] / "haproxy.service").write_text("[Service]\n")

    def program(version=None, there=True):
        if version is None:
            return Program("haproxy", **folders)
        path = folders["prefixes"] / f"haproxy-{version}/sbin/haproxy"
        if there:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o755)
        return Program("haproxy", wanted=str(path), **folders)

    return program


def running(program):
    """Return a runner that says which executable runs."""
    return lambda command: (0, os.path.realpath(program.wanted) + "\n", "")


def nothing(command):
    raise AssertionError(command)


def test_from_package_to_source_to_another_and_back(program):
    package, old, new = program(), program("2.9.8"), program("2.9.9")
    assert not runs_otherwise(package, PID, nothing)
    for before, after in ((package, old), (old, new), (new, old), (old, package)):
        assert runs_otherwise(after, PID, running(before))
        switch(after)
        assert chosen(after) == after.wanted
        assert not runs_otherwise(after, PID, running(after))
        assert back(after, after.previous) == before
    assert not old.link.exists()
    assert not old.unit_file.exists()
    assert os.path.exists(new.wanted)


def test_what_was_chosen_and_does_not_run(program):
    old, new = program("2.9.8"), program("2.9.9")
    switch(new)
    assert runs_otherwise(new, PID, running(old))
    assert not runs_otherwise(new, "0", nothing)
    new.staged.write_text("[Service]\nNice=1\n")
    assert runs_otherwise(new, PID, running(new))


def test_a_program_that_is_not_there(program):
    with pytest.raises(HaLbError, match=r"there is no program .*haproxy-2\.9\.9/sbin/haproxy: it was removed"):
        switch(program("2.9.9", there=False))


def test_nothing_to_go_back_to(program):
    with pytest.raises(HaLbError, match=r"haproxy: .*haproxy\.previous names no program to go back to"):
        back(program(), program().previous)


@pytest.mark.parametrize("kind", ["file", "link", "unit"])
def test_what_is_not_ours_stays(program, kind):
    wanted = program("2.9.9")
    if kind == "file":
        wanted.link.touch()
    elif kind == "link":
        wanted.link.symlink_to("/opt/haproxy/haproxy")
    else:
        wanted.unit_file.touch()
    for act in (lambda: runs_otherwise(wanted, PID, nothing), lambda: switch(wanted)):
        with pytest.raises(HaLbError, match="is not ours, and in the way of"):
            act()
    assert not runs_otherwise(program(), PID, nothing)
