# SPDX-License-Identifier: GPL-3.0-or-later
"""A pinned source build as people describe it: version, archive, checksum, where it is built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from ...basics import schema
from ...basics.variables import Readers

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}\Z")
SHA256 = re.compile(r"[0-9A-Fa-f]{64}\Z")
URL = re.compile(r"https?://[!-~]+\Z")
ARCHIVE = re.compile(r"(/[^\x00-\x1f\x7f/]+)*/[^\x00-\x1f\x7f/]+\.(tar\.[gx]z|t[gx]z)\Z")  # as package.MAGIC
# An argument of `configure` or `make`
OPTION = re.compile(r"[A-Za-z-][A-Za-z0-9_-]*(=[^\x00-\x1f\x7f]*)?\Z")
# What stands beside archives on the same pages; a URL may well end in no suffix at all
OTHER_FILE = re.compile(r"\.(7z|asc|bz2|deb|html?|md5|rpm|sha[0-9]*|sig|sign|zip|zst)\Z", re.IGNORECASE)
PLACES = ("prefix", "exec-prefix", "bindir", "sbindir", "destdir")


@dataclass(frozen=True)
class Source:
    """A program that is built from its source archive. `archive`: one path on the controller, or URLs in order."""

    version: str
    archive: Tuple[str, ...]
    sha256: str
    build_on: str = ""
    options: Tuple[str, ...] = ()


def _place(value: Any, path: str, report: schema.Report) -> Any:
    if isinstance(value, str) and URL.match(value):
        wrong = _wrong_url(value)
        if wrong:
            report(path, wrong)  # without the URL, in which there may be a password
            return schema.INVALID
        return value
    if not isinstance(value, str) or not value.startswith("/"):
        report(path, f"{value!r} is neither a URL (https://…) nor an absolute path on the controller")
        return schema.INVALID
    if not ARCHIVE.match(value) or ".." in value.split("/"):
        report(path, f"{value!r} is not the path of a source archive (.tar.gz, .tgz, .tar.xz, .txz)")
        return schema.INVALID
    return value


def _wrong_url(value: str) -> str:
    """Return what is wrong with the URL of an archive, or nothing."""
    try:
        parts = urlsplit(value)
        host_is_right = schema.host(parts.hostname, "", lambda path, message: None) is not schema.INVALID
        if not host_is_right or parts.port == 0:
            return "is a URL without the name of a host"
    except ValueError:
        return "is a URL without the name of a host"
    if "@" in parts.netloc:
        return "is a URL with a user, which everybody would see: fetch the archive, and give its path on the controller"
    if OTHER_FILE.search(parts.path):
        return "is a URL of something else than a source archive (.tar.gz, .tgz, .tar.xz, .txz)"
    if ".." in parts.path.split("/") or parts.path.rpartition("/")[2] in ("", "."):
        return "is a URL of a folder, not of a source archive"
    return ""


def _option(value: Any, path: str, report: schema.Report) -> Any:
    read = schema.matching(OPTION, "one option of the build, such as --enable-x or USE_X=1")(value, path, report)
    if read and read.partition("=")[0].lstrip("-").lower() in PLACES:
        report(path, f"{read.partition('=')[0]} is set already: what is built goes into the prefix of its version")
        return schema.INVALID
    return read


FIELDS = {
    "version": schema.Field(schema.matching(VERSION, "a version, such as '2.3.0'"), required=True),
    "archive": schema.Field(schema.list_of(_place, at_least=1, or_one=True), required=True),
    "sha256": schema.Field(schema.matching(SHA256, "a SHA-256: 64 hexadecimal digits"), required=True),
    "build_on": schema.Field(schema.name, default=""),
    "options": schema.Field(schema.list_of(_option), default=()),
}


def source_archives(sources: Mapping[str, Any]) -> List[str]:
    """Return the archives of source builds by product, as they are written: paths and URLs, none that is no text.

    For those who look for the files before the input was checked.
    """
    written = [source.get("archive") for source in sources.values() if isinstance(source, Mapping)]
    listed = [each if isinstance(each, (list, tuple)) else [each] for each in written]
    return [archive for archives in listed for archive in archives if isinstance(archive, str)]


def read_source(
    value: Any,
    path: str,
    report: schema.Report,
    hosts: Optional[Sequence[str]] = None,
    files: Optional[Sequence[str]] = None,
) -> Optional[Source]:
    """Read a source build, or None where there is none.

    `hosts` are those of the inventory and `files` the archives that are on the controller; None: not known.
    """
    if value is None or value == {}:
        return None
    if isinstance(value, Mapping) and not value.get("sha256"):
        value = {**value, "sha256": None}
    out = schema.record(FIELDS)(value, path, report)
    if not out:
        return None
    local = [each for each in out["archive"] or () if each and each.startswith("/")]
    if local and len(out["archive"]) > 1:
        report(f"{path}.archive", "is one path on the controller, or URLs of the same archive, and not both")
    for each in local:
        if files is not None and each not in files:
            report(f"{path}.archive", f"there is no file {each} on the controller")
    if out["build_on"] and hosts is not None and out["build_on"] not in hosts:
        report(f"{path}.build_on", f"{out['build_on']!r} is no host of the inventory")
    return Source(**out) if all(out[key] for key in ("version", "archive", "sha256")) else None


VARIABLES: Readers = {"source_product": schema.name, "source_build": read_source}
"""Those of the role, which the roles of the programs give it."""
