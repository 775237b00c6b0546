# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host answers, read by what its module documents: these keys, of these types, and nothing else.

The shape is that of `RETURN` of a module: by key `type`, `elements`, `contains` (of a mapping, or of each element),
and `returned`. A key that has `returned: success` is there unless the module failed; one within another is always
there, unless it has a `returned` of its own. It may be null where its description says so; a text is visible, and on
one line, unless its description says that it is `verbatim` or `in lines`.
"""

from __future__ import annotations

import json
import math
from typing import Any, Callable, Dict, List, Mapping

from .errors import HaLbError
from .visible import shortened, visible

Shape = Mapping[str, Mapping[str, Any]]

MOST_CHARACTERS = 16_000_000  # of a whole answer: four configurations of the largest size
MOST_VALUES = 2_000_000  # more than the longest measurement of vip_probe has
MOST_ITEMS = 10_000  # of a list or mapping whose items have a shape
DEEPEST = 20  # where there is no shape
LARGEST = 2**63
LONGEST_NAME = 255
FEW, QUOTED = 3, 60

# What every module may answer
GENERAL: Shape = {
    "changed": {"type": "bool"},
    "failed": {"type": "bool"},
    "skipped": {"type": "bool"},
    "msg": {"type": "str", "description": "Why it failed, in lines."},
    "findings": {  # of input that a module refuses
        "type": "list",
        "elements": "dict",
        "contains": {"path": {"type": "str"}, "message": {"type": "str"}},
    },
}
# What is answered by a module that goes on in the background
BACKGROUND: Shape = {
    "ansible_job_id": {"type": "str", "returned": "success"},
    "results_file": {"type": "str", "returned": "success"},
    "started": {"type": "raw"},
    "finished": {"type": "raw"},
}


def parsed(text: str) -> Any:
    """Return the value of a JSON text that a host printed.

    Raises HaLbError when it is none, is larger than an answer may be, or is nested deeper than can be read.
    """
    if not text.strip():
        raise HaLbError("it is empty")
    if len(text) > MOST_CHARACTERS:
        raise HaLbError(f"it has more than {MOST_CHARACTERS:,} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HaLbError(f"it is no JSON that can be read ({type(error).__name__})") from error


def read_answer(said: Any, shape: Shape) -> Dict[str, Any]:
    """Return the keys of an answer that are documented.

    Raises HaLbError, with the paths of what is wrong, when something documented is missing or of another type.
    """
    if not isinstance(said, Mapping):
        raise HaLbError(f"it is {_quoted(said)}, not a mapping")
    reader = _Reader()
    failed = bool(said.get("failed")) or bool(said.get("skipped"))
    out = reader.keys(said, {**GENERAL, **shape}, "", lambda returned: returned in ("success", "always") and not failed)
    if reader.wrong:
        more = len(reader.wrong) - FEW
        raise HaLbError("; ".join(reader.wrong[:FEW]) + (f"; and {more} more" if more > 0 else ""))
    return out


class _Reader:
    """Reads one answer, and counts what of its allowance is left."""

    def __init__(self) -> None:
        self.wrong: List[str] = []
        self._characters = MOST_CHARACTERS
        self._values = MOST_VALUES

    def keys(
        self, said: Mapping[str, Any], shape: Shape, path: str, is_required: Callable[[Any], bool]
    ) -> Dict[str, Any]:
        out: Dict[str, Any] = {}
        for name, wanted in shape.items():
            where = f"{path}.{name}" if path else name
            if said.get(name) is None:
                nullable = name in said and "null" in str(wanted.get("description"))
                if nullable:
                    out[name] = None
                elif is_required(wanted.get("returned")):
                    self.wrong.append(f"{where} is missing")
            else:
                out[name] = self.value(said[name], wanted, where)
        return out

    def value(self, said: Any, wanted: Mapping[str, Any], path: str) -> Any:
        kind = wanted["type"]
        if kind == "list":
            return self._list(said, wanted, path)
        if kind == "dict" and "contains" in wanted:
            return self._mapping(said, wanted["contains"], path)
        self._spend(path)
        if kind == "dict" and not isinstance(said, Mapping):
            return self._refuse(said, path, kind)
        if kind in ("raw", "dict"):
            return self._plain(said, path, DEEPEST)
        if not TYPES[kind](said):
            return self._refuse(said, path, kind)
        return self._text(said, path, str(wanted.get("description"))) if kind == "str" else said

    def _list(self, said: Any, wanted: Mapping[str, Any], path: str) -> Any:
        if not isinstance(said, (list, tuple)):
            return self._refuse(said, path, "list")
        if len(said) > MOST_ITEMS:
            raise HaLbError(f"{path} has more than {MOST_ITEMS:,} items")
        item = {"type": wanted.get("elements", "raw")}
        if "contains" in wanted:
            item["contains"] = wanted["contains"]
        return [self.value(each, item, f"{path}[{number}]") for number, each in enumerate(said)]

    def _mapping(self, said: Any, contains: Shape, path: str) -> Any:
        self._spend(path)
        if not isinstance(said, Mapping):
            return self._refuse(said, path, "dict")
        return self.keys(said, contains, path, lambda returned: returned is None)

    def _plain(self, said: Any, path: str, left: int) -> Any:
        """Return data without a shape: of JSON's types, and not nested deeply."""
        self._spend(path)
        if isinstance(said, str):
            return self._text(said, path)
        if said is None or isinstance(said, bool):
            return said
        if isinstance(said, (int, float)):
            return said if _is_number(said) else self._refuse(said, path, "float")
        if not left or not isinstance(said, (list, tuple, Mapping)):
            raise HaLbError(f"{path} is nested deeper than {DEEPEST} levels, or no data")
        if isinstance(said, Mapping):
            return {self._name(key, path): self._plain(each, path, left - 1) for key, each in said.items()}
        return [self._plain(each, path, left - 1) for each in said]

    def _name(self, key: Any, path: str) -> str:
        if not isinstance(key, str) or len(key) > LONGEST_NAME:
            raise HaLbError(f"{path} has a name that is none: {_quoted(key)}")
        return visible(key)

    def _text(self, said: str, path: str, description: str = "in lines") -> str:
        self._characters -= len(said)
        if self._characters < 0:
            raise HaLbError(f"it has more than {MOST_CHARACTERS:,} characters, up to {path}")
        if "verbatim" in description:
            return said
        return visible(said) if "in lines" in description else visible(said).replace("\n", "\\n")

    def _spend(self, path: str) -> None:
        self._values -= 1
        if self._values < 0:
            raise HaLbError(f"it has more than {MOST_VALUES:,} values, up to {path}")

    def _refuse(self, said: Any, path: str, kind: str) -> None:
        self.wrong.append(f"{path} is {_quoted(said)}, not {NAMES[kind]}")


def _is_number(said: Any) -> bool:
    finite = isinstance(said, int) or (isinstance(said, float) and math.isfinite(said))
    return finite and not isinstance(said, bool) and abs(said) < LARGEST


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "str": lambda said: isinstance(said, str),
    "path": lambda said: isinstance(said, str),
    "bool": lambda said: isinstance(said, bool),
    "int": lambda said: isinstance(said, int) and _is_number(said),
    "float": _is_number,
}
NAMES = {
    "str": "a text",
    "path": "a path",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "list": "a list",
    "dict": "a mapping",
}


def _quoted(said: Any) -> str:
    """Return the beginning of a wrong value; of a nested one, only what it is."""
    if isinstance(said, (list, tuple, Mapping)):
        return "a list" if not isinstance(said, Mapping) else "a mapping"
    if isinstance(said, int) and not isinstance(said, bool) and abs(said) >= LARGEST:
        return "a number of many digits"
    return shortened(ascii(said)[: QUOTED + 1], QUOTED)
