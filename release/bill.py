# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release is made of, as CycloneDX: the archive with the sums of its files, and what it needs to run."""

from __future__ import annotations

import json
import tarfile
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from release.archive import FILES, MANIFEST, sha256

VERSION = "1.6"
RUNTIME = "meta/runtime.yml"
DRAWS = "matplotlib"


def bill_of(archive: Path) -> dict[str, Any]:
    """Return the bill of materials of a built archive: CycloneDX 1.6, the same for the same archive.

    The collection runs on the standard library: all that it needs besides is ansible-core on the controller.
    """
    with tarfile.open(archive) as opened:
        texts = {name: _text(opened, name) for name in (MANIFEST, FILES, RUNTIME)}
        made = datetime.fromtimestamp(opened.getmember(MANIFEST).mtime, timezone.utc)
    about = json.loads(texts[MANIFEST])["collection_info"]
    if about["dependencies"]:
        raise ValueError("galaxy.yml has dependencies on other collections: the bill of materials must name them")
    collection, core, sum_of_it = f"{about['namespace']}.{about['name']}", "ansible-core", sha256(archive)
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'sha256:{sum_of_it}')}",
        "version": 1,
        "metadata": {
            "timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "bom-ref": collection,
                "type": "library",
                "group": about["namespace"],
                "name": about["name"],
                "version": about["version"],
                "description": about["description"],
                "authors": [{"name": name} for name in about["authors"]],
                "licenses": [{"license": {"id": name}} for name in about["license"]],
                "purl": f"pkg:generic/{about['namespace']}/{about['name']}@{about['version']}?checksum=sha256:{sum_of_it}",
                "hashes": _hashes(sum_of_it),
                "externalReferences": [{"type": "vcs", "url": about["repository"]}],
            },
        },
        "components": [
            {
                "bom-ref": core,
                "type": "framework",
                "name": core,
                "purl": f"pkg:pypi/{core}",
                "properties": [
                    {"name": "requires_ansible", "value": yaml.safe_load(texts[RUNTIME])["requires_ansible"]}
                ],
            },
            {
                "bom-ref": DRAWS,
                "type": "library",
                "name": DRAWS,
                "purl": f"pkg:pypi/{DRAWS}",
                "scope": "optional",
                "description": "draws the page of the playbook drill, where it is on the controller",
            },
            *_files(json.loads(texts[FILES])["files"]),
        ],
        "dependencies": [{"ref": collection, "dependsOn": [core, DRAWS]}, {"ref": core}, {"ref": DRAWS}],
    }


def _files(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a component for each file that the archive has; its folders are none."""
    return [
        {
            "bom-ref": f"file:{each['name']}",
            "type": "file",
            "name": each["name"],
            "hashes": _hashes(each["chksum_sha256"]),
        }
        for each in listed
        if each["ftype"] == "file"
    ]


def _hashes(digits: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digits}]


def _text(archive: tarfile.TarFile, name: str) -> bytes:
    opened = archive.extractfile(name)
    assert opened, name
    return opened.read()
