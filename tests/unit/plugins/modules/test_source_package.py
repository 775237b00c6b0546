# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive is downloaded from the first server that has it; one that sends too much is passed over."""

from __future__ import annotations

import hashlib
import importlib
import io
from types import SimpleNamespace

import pytest

ARCHIVE = b"the source"
MIRRORS = ["https://a.example.org/x.tar.gz", "https://b.example.org/x.tar.gz"]


class Endless:
    """A server that never stops sending."""

    def read(self, size):
        return bytes(size)


@pytest.fixture
def module(collections):
    return importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.modules.source_package")


@pytest.fixture
def download(module, monkeypatch, tmp_path):
    """Return a function that downloads from servers, each of which answers with what it is given, or with 404."""
    asked = []

    def run(*answers):
        told = dict(zip(MIRRORS, answers, strict=True))

        def fetch(_module, url, timeout):
            asked.append(url)
            return told[url], {"status": 200 if told[url] else 404, "msg": "OK" if told[url] else "Not Found"}

        monkeypatch.setattr(module, "fetch_url", fetch)
        order = module.Order("haproxy", "3.0.11", hashlib.sha256(ARCHIVE).hexdigest(), ())
        return module.archive_of(SimpleNamespace(params={"archive": MIRRORS}), order, tmp_path)

    run.asked = asked
    return run


def test_the_first_server_that_has_it(download):
    assert download(None, io.BytesIO(ARCHIVE)).read_bytes() == ARCHIVE
    assert download.asked == MIRRORS


def test_a_server_without_an_end_is_passed_over(download):
    assert download(Endless(), io.BytesIO(ARCHIVE)).read_bytes() == ARCHIVE


def test_what_is_here_is_not_downloaded_again(download):
    first = download(io.BytesIO(ARCHIVE), None)
    assert download(None, None) == first
    assert download.asked == MIRRORS[:1]


def test_all_problems_are_said_at_once(download, tmp_path):
    with pytest.raises(Exception, match="no archive is to be had") as error:
        download(Endless(), None)
    for said in (f"{MIRRORS[0]}: more than 256 MiB are no source archive", f"{MIRRORS[1]}: Not Found"):
        assert said in str(error.value)
    assert list(tmp_path.iterdir()) == []
