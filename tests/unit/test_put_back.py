# SPDX-License-Identifier: GPL-3.0-or-later
"""A torn configuration is put back, and an edit of people is not."""

from __future__ import annotations

import hashlib
import os
import subprocess

import pytest
from inputs import INPUTS
from rendering import render

WHOLE = "global_defs {\n}\nvrrp_instance web {\n}\n"


@pytest.fixture
def put_back(tmp_path):
    """The script with this directory for that of the units, as a function of what is in force."""
    text = render("agents", "put-back.j2", **next(iter(INPUTS["agents"].values())))
    text = text.replace("/run/ha_lb", str(tmp_path)).replace("/var/lib/ha_lb", f"{tmp_path}/state")
    program, file, staged = tmp_path / "put-back", tmp_path / "haproxy.cfg", tmp_path / "state/haproxy.cfg"
    program.write_text(text)
    staged.parent.mkdir()
    (tmp_path / "bin").mkdir()
    systemctl = tmp_path / "bin/systemctl"
    # One that takes only what ends with a bracket
    test = tmp_path / "bin/haproxy"
    test.write_text('#!/bin/sh\ntail -c 2 "$3" | grep -q "}"\n')
    test.chmod(0o755)

    def run(in_force, *, state="active", staged_text=WHOLE, loaded=WHOLE):
        if in_force is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(in_force)
            file.chmod(0o640)
        staged.write_text(staged_text)
        digest = hashlib.sha256(loaded.encode()).hexdigest()
        (tmp_path / "haproxy.loaded").write_text(f"{digest}  {file}\n")
        systemctl.write_text(f"#!/bin/sh\necho {state}\n")
        systemctl.chmod(0o755)
        environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        command = ["sh", program, "haproxy", file]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        torn = staged.with_name("haproxy.cfg.torn")
        return done.stdout, file.read_text(), torn.read_text() if torn.exists() else None

    run.file = file
    return run


@pytest.mark.parametrize("torn", ["", WHOLE[:20], WHOLE[:-3]])
@pytest.mark.parametrize("state", ["active", "activating"])
def test_what_ends_in_the_middle_is_put_back(put_back, torn, state):
    said, now, kept = put_back(torn, state=state)
    assert (now, kept) == (WHOLE, torn)
    assert "was torn" in said
    assert put_back.file.stat().st_mode & 0o777 == 0o640


def test_what_is_gone_is_put_back(put_back):
    said, now, kept = put_back(None)
    assert (now, kept) == (WHOLE, None)
    assert "was gone" in said


@pytest.mark.parametrize(
    ("in_force", "change"),
    [
        (WHOLE, {}),
        # Valid, whether it is longer or shorter
        (WHOLE + "! by hand\n}\n", {}),
        (WHOLE[:16], {}),
        # People are at it, and the unit runs
        (WHOLE + "virtual_server {\n", {}),
        # What is staged is not what runs, or not known to be
        (WHOLE[:20], {"staged_text": WHOLE + "!\n"}),
        (WHOLE[:20], {"loaded": "another"}),
    ],
)
def test_what_people_wrote_stays(put_back, in_force, change):
    assert put_back(in_force, **change) == ("", in_force, None)


def test_what_a_unit_cannot_start_with_is_put_back(put_back):
    broken = WHOLE + "virtual_server {\n"
    assert put_back(broken, state="failed")[1:] == (WHOLE, broken)
