# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are read only when they have changed."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from .kept import stamp_of
from .process import text_of
from .sights import read_mapping


class Cached:
    """A file, by its path; `keys` are those that its JSON must have."""

    def __init__(self, path: str, keys: Tuple[str, ...] = ()) -> None:
        self._path, self._keys = path, keys
        self._stamp: Any = ()
        self._mapping: Optional[Dict[str, Any]] = None
        self._text: Optional[str] = None

    def mapping(self) -> Optional[Dict[str, Any]]:
        """Return it as JSON that has the keys; None without such a file."""
        if self._is_new():
            self._mapping = read_mapping(self._path, *self._keys)
        return self._mapping

    def text(self) -> Optional[str]:
        """Return its text; None without a file."""
        if self._is_new():
            self._text = text_of(self._path)
        return self._text

    def _is_new(self) -> bool:
        stamp = stamp_of(self._path)
        new: bool = stamp != self._stamp
        self._stamp = stamp
        return new
