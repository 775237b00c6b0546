# SPDX-License-Identifier: GPL-3.0-or-later
"""What a unit has loaded, by the checksums that it records at every start and reload, against what lies there now."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Dict, Iterator, List

from .files import content


def recorded(loaded: Path) -> Dict[str, str]:
    """Return the checksum of every file that a unit has loaded, by its path; nothing where it left no record."""
    data = content(loaded) or b""
    fields = [line.split(None, 1) for line in data.decode(errors="replace").splitlines()]
    return {each[1]: each[0] for each in fields if len(each) == 2}


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, or nothing where there is no file."""
    data = content(path)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def drift(run: Path, staging: Path) -> List[Dict[str, str]]:
    """Return C({unit, path, kind}) of every file that a unit of ours should have loaded, and has not.

    Of the kind `loaded`: it has loaded something else than what lies at `path`; `staged`: what lies there is not what
    was staged last. The records are in `run`, what was staged in `staging`. Raises OSError where it cannot be read.
    """
    return [each for record in sorted(run.glob("*.loaded")) for each in _of_unit(record, staging)]


def _of_unit(record: Path, staging: Path) -> Iterator[Dict[str, str]]:
    for name, sum_of_loaded in recorded(record).items():
        path = Path(name)
        if not path.is_absolute():  # an agent's, of its program
            continue
        now, staged = checksum(path), checksum(staging / path.name)
        if now != sum_of_loaded:
            yield {"unit": record.stem, "path": name, "kind": "loaded"}
        elif staged and staged != now:
            yield {"unit": record.stem, "path": name, "kind": "staged"}
