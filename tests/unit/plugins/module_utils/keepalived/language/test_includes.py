# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest
from module_utils.keepalived.language import includes
from module_utils.keepalived.language.includes import read_includes
from module_utils.keepalived.language.parser import parse


def test_the_number_of_include_lines_is_limited(monkeypatch):
    monkeypatch.setattr(includes, "FILES", 3)
    asked = []
    tree = parse("include *.conf\n" * 5, read=lambda pattern, _file: asked.append(pattern) or [])
    assert len(asked) == 3
    assert {problem.message for problem in tree.problems} == {
        "*.conf is not included: more than 3 lines include something"
    }


def test_the_number_of_included_files_is_limited(monkeypatch):
    monkeypatch.setattr(includes, "FILES", 3)
    tree = parse("include *.conf", read=lambda pattern, _file: [(f"f{at}", f"a{at}\n") for at in range(5)])
    assert [each.keyword for each in tree.directives] == ["a0", "a1", "a2"]
    assert [problem.message for problem in tree.problems if problem.kind == "limit"] == [
        "f3 is not included: there are more than 3 files",
        "f4 is not included: there are more than 3 files",
    ]


def test_the_size_of_included_files_is_limited(tmp_path):
    main = os.fspath(tmp_path / "main")
    for name in "ab":
        (tmp_path / f"{name}.conf").write_bytes(b"x" * 2_000_000)
    assert [len(text) for _path, text in read_includes("*.conf", main)] == [2_000_000, 2_000_000]
    (tmp_path / "c.conf").write_bytes(b"x")
    with pytest.raises(OSError, match=r"\*\.conf: its files are larger than 4 MB together, so they are not read"):
        read_includes("*.conf", main)
