# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.source_build.archive import checked_archive


def test_an_archive_with_the_right_sum_may_leave(tmp_path):
    archive = tmp_path / "haproxy.tar.gz"
    archive.write_bytes(b"x" * 3_000_000)
    assert checked_archive(str(archive), hashlib.sha256(archive.read_bytes()).hexdigest().upper()) == str(archive)


@pytest.mark.parametrize(("content", "message"), [(b"-----BEGIN", "is sent to nobody"), (None, "there is no file")])
def test_what_is_not_the_archive_stays_here(tmp_path, content, message):
    key = tmp_path / "id_ed25519"
    if content:
        key.write_bytes(content)
    with pytest.raises(HaLbError, match=message) as refused:
        checked_archive(str(key), "0" * 64)
    assert "BEGIN" not in str(refused.value)
