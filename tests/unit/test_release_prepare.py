# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess

import pytest

from release.prepare import NoRelease, changed, prepare, version_findings

FILES = {
    "galaxy.yml": "version: 1.2.3\n",
    "changelogs/changelog.yaml": "releases:\n  1.2.3: {}\n",
    "CHANGELOG.md": "# Release Notes\n\n## v1\\.2\\.3\n",
}


@pytest.fixture
def checkout(tmp_path):
    """Return a checkout of which all is committed, and whose version is the same everywhere."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "--quiet"], ["add", "--all"], [*who, "commit", "--quiet", "--no-gpg-sign", "-m", "a"]):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    return tmp_path


def test_a_release_that_agrees_has_no_findings(checkout):
    assert [*changed(checkout), *version_findings(checkout)] == []


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("galaxy.yml", "version: 1.2.4\n", "changelogs/changelog.yaml: has no release 1.2.4, as galaxy.yml says"),
        ("changelogs/changelog.yaml", "releases: {}\n", "changelogs/changelog.yaml: has no release 1.2.3"),
        ("CHANGELOG.md", "## v1.2.30\n", "CHANGELOG.md: has no heading v1.2.3"),
        ("changelogs/fragments/1-new.yml", "trivial: []\n", "changelogs/fragments/1-new.yml: is of no release yet"),
    ],
)
def test_where_versions_disagree_is_said(checkout, name, text, finding):
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text(text)

    assert [said for said in version_findings(checkout) if said.startswith(finding)]


def test_what_is_not_committed_is_no_release(checkout):
    (checkout / "CHANGELOG.md").write_text("")
    (checkout / "new").write_text("")
    (checkout / "dist").mkdir()  # of an earlier release

    with pytest.raises(NoRelease) as refused:
        prepare(checkout)

    assert str(refused.value).splitlines() == [
        "CHANGELOG.md: is not committed",
        "new: is not committed",
        "CHANGELOG.md: has no heading v1.2.3, the version of galaxy.yml",
    ]
    assert not (checkout / "dist").exists()
