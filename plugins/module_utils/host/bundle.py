# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the core that one program needs: as one text for Python's standard input, or as files for a node.

It is asked on the controller, once a node and task, so the imports are found by their lines and nothing is parsed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping

from ..basics.errors import HaLbError

CORE = Path(__file__).parents[1]
# At the top of a module; what a function imports is not found
_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)
_START = """
import json, sys, types

for name, source in sources.items():
    module = sys.modules[name] = types.ModuleType(name)
    module.__package__ = name.rpartition(".")[0]
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)
print(json.dumps(getattr(module, function)(json.loads(options))))
"""


def needed(entry: str) -> dict[Path, str]:
    """Return the text of every file of the core that the module `entry` (`keepalived.live.look`) needs, by its path.

    A file comes after those that it imports, and after the `__init__.py` of the packages that it is in; the last one
    is that of `entry`. The paths are relative to module_utils. Raises HaLbError where there is no such module.
    """
    found: dict[Path, str] = {}
    try:
        _add(Path(f"{entry.replace('.', '/')}.py"), found)
    except FileNotFoundError as error:
        raise HaLbError(f"{entry} needs {error.filename}, which is not there") from error
    return found


def _add(path: Path, found: dict[Path, str]) -> None:
    if path in found:
        return
    for folder in reversed(path.parents):
        package = folder / "__init__.py"
        found.setdefault(package, (CORE / package).read_text(encoding="utf-8"))
    text = (CORE / path).read_text(encoding="utf-8")
    for each in _imported(path, text):
        _add(each, found)
    found[path] = text


def _imported(path: Path, text: str) -> Iterator[Path]:
    for dots, name, imported in _IMPORT.findall(text):
        module = path.parents[len(dots) - 1].joinpath(*name.split("."))
        if (CORE / module).is_dir():
            names = re.findall(r"(\w+)(?: as \w+)?", imported)
            yield from (module / f"{each}.py" for each in names)
        else:
            yield module.with_suffix(".py")


def bundle(entry: str, function: str, options: Mapping[str, Any]) -> str:
    """Return the text of a program that prints, as JSON, what a function of the module `entry` returns for `options`.

    It runs on a host of which nothing is known but that it has Python.
    """
    sources = {_name(path): text for path, text in needed(entry).items()}
    return f"sources = {sources!a}\nfunction = {function!r}\noptions = {json.dumps(options)!r}\n{_START}"


def _name(path: Path) -> str:
    module = path.parent if path.name == "__init__.py" else path.with_suffix("")
    return ".".join(("core", *module.parts))


def core_files(entries: Iterable[str], target: str) -> list[dict[str, Any]]:
    """Return what M(managed_files) takes to make `target` a package with these modules and all that they need.

    Directories come first, with `path` and `mode`; then files, with `path`, `content` and `diff`.
    """
    files = {path: text for entry in entries for path, text in needed(entry).items()}
    folders = sorted({path.parent for path in files})
    return [
        *({"path": str(target / each), "mode": "0755"} for each in folders),
        *({"path": str(target / path), "content": text, "diff": False} for path, text in files.items()),
    ]
