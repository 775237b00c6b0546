# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are read only when they have changed."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from ..files import text_of
from .kept import stamp_of
from .sights import read_mapping


class Cached:
    """A file, by its path; `is_ours` tells whether its JSON has the shape that it must have."""

    def __init__(self, path: str, is_ours: Callable[[Mapping[str, Any]], bool] = bool) -> None:
        self._path, self._is_ours = path, is_ours
        self._stamp: Any = ()
        self._mapping: Optional[Dict[str, Any]] = None
        self._text: Optional[str] = None

    def mapping(self) -> Optional[Dict[str, Any]]:
        """Return its JSON; None without a file, and without that shape."""
        if self._is_new():
            found = read_mapping(self._path)
            self._mapping = found if found is not None and self._is_ours(found) else None
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
