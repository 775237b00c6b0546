# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files are read without waiting, and written whole."""

from __future__ import annotations

import os
import resource

import pytest
from module_utils.agent.files import EVERYBODYS, MOST_OCTETS, text_of, write_whole


def test_only_a_file_is_read(tmp_path):
    (tmp_path / "file").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_text("x" * (MOST_OCTETS + 5))
    assert text_of(str(tmp_path / "file")) == "{}"
    assert [text_of(str(tmp_path / name)) for name in ("link", "pipe", "none", "")] == [None] * 4
    assert len(text_of(str(tmp_path / "large"))) == MOST_OCTETS


def test_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "known.json"
    write_whole(str(path), "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(str(path), "\udcff")
    assert path.read_text() == "old"
    with pytest.raises(OSError, match="nowhere"):
        write_whole(str(tmp_path / "nowhere/known.json"), "new")
    assert os.listdir(tmp_path) == ["known.json"]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "known.json"
    write_whole(str(path), "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            write_whole(str(path), "newer")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == ["known.json"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("umask", [0o077, 0])
def test_the_mode_is_the_one_that_is_asked_for(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_whole(str(tmp_path / "known.json"), "ours", durable=True)
        write_whole(str(tmp_path / "channels.json"), "everybody's", EVERYBODYS)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"known.json": 0o600, "channels.json": 0o644}
