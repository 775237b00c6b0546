# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release is made of, as CycloneDX: the archive with the sums of its files, and what it needs to run."""

from __future__ import annotations

import json
import tarfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from release.archive import FILES, MANIFEST, sha256

VERSION = "1.6"
RUNTIME = "meta/runtime.yml"
RUNS_ON, DRAWS_WITH = "ansible-core", "matplotlib"


def bill_of(archive: Path) -> dict[str, Any]:
    """Return the bill of materials of a built archive: CycloneDX 1.6, the same for the same archive.

    The collection runs on the standard library: all that it must have besides is ansible-core on the controller.
    """
    with tarfile.open(archive) as opened:
        texts = {name: _text(opened, name) for name in (MANIFEST, FILES, RUNTIME)}
        made = datetime.fromtimestamp(opened.getmember(MANIFEST).mtime, UTC)
    about = json.loads(texts[MANIFEST])["collection_info"]
    if about["dependencies"]:
        raise ValueError("galaxy.yml has dependencies on other collections: the bill of materials must name them")
    collection = _collection(about, sha256(archive))
    ref, needed = collection["bom-ref"], _needed(yaml.safe_load(texts[RUNTIME])["requires_ansible"])
    names = [each["bom-ref"] for each in needed]
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, collection['purl'])}",
        "version": 1,
        "metadata": {"timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": collection},
        "components": [*needed, *_files(json.loads(texts[FILES])["files"])],
        "dependencies": [{"ref": ref, "dependsOn": names}, *({"ref": name} for name in names)],
    }


def _collection(about: dict[str, Any], digits: str) -> dict[str, Any]:
    return {
        "bom-ref": f"{about['namespace']}.{about['name']}",
        "type": "library",
        "group": about["namespace"],
        "name": about["name"],
        "version": about["version"],
        "description": about["description"],
        "authors": [{"name": name} for name in about["authors"]],
        "licenses": [{"license": {"id": name}} for name in about["license"]],
        "purl": f"pkg:generic/{about['namespace']}/{about['name']}@{about['version']}?checksum=sha256:{digits}",
        "hashes": _hashes(digits),
        "externalReferences": [{"type": "vcs", "url": about["repository"]}],
    }


def _needed(requires_ansible: str) -> list[dict[str, Any]]:
    """Return the components that the controller must have, or may."""
    return [
        {
            "bom-ref": RUNS_ON,
            "type": "framework",
            "name": RUNS_ON,
            "purl": f"pkg:pypi/{RUNS_ON}",
            "properties": [{"name": "requires_ansible", "value": requires_ansible}],
        },
        {
            "bom-ref": DRAWS_WITH,
            "type": "library",
            "name": DRAWS_WITH,
            "purl": f"pkg:pypi/{DRAWS_WITH}",
            "scope": "optional",
            "description": "draws the page of the playbook drill, where the controller has it",
        },
    ]


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
    return opened.read() if opened else b""
