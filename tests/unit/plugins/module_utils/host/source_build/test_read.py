# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.basics import schema
from module_utils.host.source_build.read import Source, read_source, source_archives

SUM = "ab" * 32
URL = "https://www.keepalived.org/software/keepalived-2.3.0.tar.gz"
GOOD = {"version": "2.3.0", "archive": URL, "sha256": SUM}


def read(value, **there):
    findings = []
    return read_source(value, "keepalived_source", schema.collector(findings), **there), [
        str(each) for each in findings
    ]


@pytest.mark.parametrize("value", [None, {}])
def test_nothing_is_built(value):
    assert read(value) == (None, [])


def test_all_of_it():
    given = {
        **GOOD,
        "archive": [URL, "http://mirror.example/k.tar.gz"],
        "build_on": "lb1",
        "options": ["--disable-bfd"],
    }
    source, findings = read(given, hosts=["lb1"], files=[])
    assert findings == []
    assert source == Source("2.3.0", (URL, "http://mirror.example/k.tar.gz"), SUM, "lb1", ("--disable-bfd",))


def test_a_file_of_the_controller():
    assert read({**GOOD, "archive": "/srv/k.tar.gz"}, files=["/srv/k.tar.gz"])[1] == []
    assert read({**GOOD, "archive": "/srv/k.tar.gz"})[1] == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"sha256": None}, "sha256: is missing"),
        ({"sha256": ""}, "sha256: is missing"),
        ({"sha256": "ab" * 31}, "sha256: 'abab"),
        ({"sha256": "xy" * 32}, "64 hexadecimal digits"),
        ({"version": "newest"}, "version: 'newest' is not a version, such as '2.3.0'"),
        ({"version": 2.3}, "version: 2.3 is not a version"),
        ({"version": "../../etc"}, "is not a version"),
        ({"version": None}, "version: is missing"),
        ({"archive": None}, "archive: is missing"),
        ({"archive": []}, "archive: needs at least 1 item"),
        ({"archive": "k.tar.gz"}, "archive[0]: 'k.tar.gz' is neither a URL (https://…) nor an absolute path"),
        ({"archive": "/srv/none.tar.gz"}, "archive: there is no file /srv/none.tar.gz on the controller"),
        ({"archive": ["/srv/k.tar.gz", URL]}, "archive: is one path on the controller, or URLs"),
        ({"build_on": "lb9"}, "build_on: 'lb9' is no host of the inventory"),
        ({"options": ["; rm -rf /"]}, "options[0]: '; rm -rf /' is not one option of the build"),
        ({"options": ["--prefix=/opt"]}, "options[0]: --prefix is set already"),
        ({"options": ["DESTDIR=/x"]}, "options[0]: DESTDIR is set already"),
        (
            {"archive": "https://www.keepalived.org/software/"},
            "archive[0]: is a URL of a folder, not of a source",
        ),
        ({"archive": "https://www.keepalived.org"}, "archive[0]: is a URL of a folder"),
        ({"archive": "https://www.keepalived.org/software/.."}, "archive[0]: is a URL of a folder"),
        ({"archive": "https://www.keepalived.org/../k.tar.gz"}, "archive[0]: is a URL of a folder"),
        ({"archive": "https://..org/k.tar.gz"}, "archive[0]: is a URL without the name of a host"),
        ({"archive": "https://www.keepalived.org:0/k.tar.gz"}, "archive[0]: is a URL without the name of a host"),
        ({"archive": "https://me:geheim@mirror.example/k.tar.gz"}, "archive[0]: is a URL with a user, which everybody"),
        ({"archive": "https://www.keepalived.org/k.tar.gz.asc"}, "archive[0]: is a URL of something else"),
        (
            {"archive": "https://www.keepalived.org/k.ZIP"},
            "archive[0]: is a URL of something else than a source",
        ),
        ({"version": "1." + "9" * 500}, "is not a version"),
        ({"archive": "/etc/passwd"}, "archive[0]: '/etc/passwd' is not the path of a source archive"),
        ({"archive": "/root/.ssh/id_ed25519"}, "is not the path of a source archive (.tar.gz, .tgz, .tar.xz, .txz)"),
        ({"archive": "/srv/../etc/x.tar.gz"}, "is not the path of a source archive"),
        ({"archive": "/srv/"}, "archive[0]: '/srv/' is not the path of a source archive"),
        ({"sha512": SUM}, "sha512: unknown key; did you mean sha256?"),
    ],
)
def test_what_is_refused(change, finding):
    _source, findings = read({**GOOD, **change}, hosts=["lb1"], files=["/srv/k.tar.gz"])
    assert len(findings) == 1
    assert findings[0].startswith("keepalived_source.")
    assert finding in findings[0]
    assert "geheim" not in findings[0]


def test_everything_at_once():
    assert len(read({"version": "x", "archive": "y", "build_on": "z"}, hosts=[])[1]) == 4
    assert read(["2.3.0"])[1] == ["keepalived_source: ['2.3.0'] is not a mapping"]


@pytest.mark.parametrize(
    ("sources", "archives"),
    [
        (
            {"keepalived": GOOD, "haproxy": {**GOOD, "archive": ["/a.tar.gz", "/b.tar.gz"]}},
            [URL, "/a.tar.gz", "/b.tar.gz"],
        ),
        ({"keepalived": {}, "haproxy": "3.0"}, []),
        ({"keepalived": {"archive": 5}, "haproxy": {"archive": [None, "/a.tar.gz"]}}, ["/a.tar.gz"]),
    ],
)
def test_archives_of_input_that_nobody_has_checked(sources, archives):
    assert source_archives(sources) == archives
