# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.host.loaded import checksum, drift, recorded


@pytest.fixture
def node(tmp_path):
    """Make a node that has loaded what lies there, which is what was staged, and credentials that nobody stages."""
    run, staging, etc = (tmp_path / name for name in ("run", "staging", "etc"))
    for folder in (run, staging, etc):
        folder.mkdir()
    for path in (staging / "haproxy.cfg", etc / "haproxy.cfg", etc / "credentials"):
        path.write_text("wanted\n")
    lines = [f"{checksum(path)}  {path}" for path in (etc / "haproxy.cfg", etc / "credentials")]
    (run / "haproxy.loaded").write_text("\n".join(lines) + "\n")
    return run, staging, etc


def test_what_is_wanted_is_loaded(node):
    run, staging, etc = node
    assert drift(run, staging) == []
    assert [*recorded(run / "haproxy.loaded")] == [str(etc / "haproxy.cfg"), str(etc / "credentials")]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [("etc/haproxy.cfg", "loaded"), ("staging/haproxy.cfg", "staged"), ("etc/credentials", "loaded")],
)
def test_what_is_not(node, tmp_path, changed, kind):
    run, staging, etc = node
    (tmp_path / changed).write_text("another\n")
    path = etc / changed.rpartition("/")[2]
    assert drift(run, staging) == [{"unit": "haproxy", "path": str(path), "kind": kind}]


def test_a_file_that_is_gone(node):
    run, staging, etc = node
    (etc / "haproxy.cfg").unlink()
    assert [each["kind"] for each in drift(run, staging)] == ["loaded"]


@pytest.mark.parametrize("record", ["", "\n\n", "nothing", "\x00\xff", f"{'0' * 64}  -\n"])
def test_a_record_that_was_torn_or_names_no_file_says_nothing(node, record):
    run, staging, _etc = node
    (run / "haproxy.loaded").write_text(record)
    assert drift(run, staging) == []


def test_a_node_without_records(tmp_path):
    assert drift(tmp_path / "run", tmp_path / "staging") == []
