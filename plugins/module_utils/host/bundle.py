# SPDX-License-Identifier: GPL-3.0-or-later
"""Some modules of the core as one program, for a host of which nothing is known but that it has Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping, Sequence

CORE = Path(__file__).parents[1]
_START = """
import json, sys, types

for name, source in sources.items():
    module = sys.modules[name] = types.ModuleType(name)
    module.__package__ = name.rpartition(".")[0]
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)
print(json.dumps(getattr(module, function)(json.loads(options))))
"""


def bundle(names: Sequence[str], function: str, options: Mapping[str, Any]) -> str:
    """Return the text of a program that prints, as JSON, what a function of the last module returns for `options`.

    `names` are of modules below this directory, as `keepalived.status`, each after those that it imports.
    """
    files = {f"core.{name}": CORE / f"{name.replace('.', '/')}.py" for name in names}
    # The package too: without it, an error would not say which module is missing
    sources = {"core": "", **{name: file.read_text(encoding="utf-8") for name, file in files.items()}}
    return f"sources = {sources!a}\nfunction = {function!r}\noptions = {json.dumps(options)!r}\n{_START}"
