# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import tarfile

import pytest

from release.archive import FILES, MANIFEST, build, packed, sha256
from release.bill import RUNTIME, bill_of

ABOUT = {
    "namespace": "evenkeel",
    "name": "ha_lb",
    "version": "1.2.3",
    "description": "balancers",
    "authors": ["somebody"],
    "license": ["GPL-3.0-or-later"],
    "repository": "https://www.example.org/ha_lb",
    "dependencies": {},
}


def archive(tmp_path, **changes):
    manifest = {"collection_info": {**ABOUT, **changes}, "file_manifest_file": {"chksum_sha256": ""}}
    listed = [{"name": "docs", "ftype": "dir"}, {"name": RUNTIME, "ftype": "file", "chksum_sha256": "0" * 64}]
    texts = {MANIFEST: manifest, FILES: {"files": listed}, RUNTIME: {"requires_ansible": ">=2.17"}}
    path = tmp_path / "made.tar.gz"
    path.write_bytes(packed({name: (json.dumps(text).encode(), False) for name, text in texts.items()}, 86400))
    return path


def test_it_names_the_archive_by_its_sum_its_files_and_what_it_runs_on(tmp_path):
    path = archive(tmp_path)

    bill = bill_of(path)

    collection = bill["metadata"]["component"]
    assert (collection["name"], collection["version"]) == ("ha_lb", "1.2.3")
    assert collection["hashes"] == [{"alg": "SHA-256", "content": sha256(path)}]
    assert bill["metadata"]["timestamp"] == "1970-01-02T00:00:00Z"
    components = {each["name"]: each for each in bill["components"]}
    assert components["ansible-core"]["properties"] == [{"name": "requires_ansible", "value": ">=2.17"}]
    assert components[RUNTIME]["hashes"] == [{"alg": "SHA-256", "content": "0" * 64}]
    assert "docs" not in components


def test_the_same_archive_has_the_same_bill(tmp_path):
    assert bill_of(archive(tmp_path)) == bill_of(archive(tmp_path))


def test_a_dependency_that_it_could_not_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match="dependencies on other collections"):
        bill_of(archive(tmp_path, dependencies={"community.general": "*"}))


def test_every_reference_points_at_a_component_of_it(tmp_path):
    bill = bill_of(build(tmp_path))

    refs = [bill["metadata"]["component"]["bom-ref"], *(each["bom-ref"] for each in bill["components"])]
    assert len(refs) == len(set(refs))
    assert {name for each in bill["dependencies"] for name in (each["ref"], *each.get("dependsOn", ()))} <= set(refs)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as opened:
        assert sum(entry.isfile() for entry in opened) - 2 == sum(each["type"] == "file" for each in bill["components"])
