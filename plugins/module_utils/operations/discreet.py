# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be shown of a configuration, whoever wrote it: in a difference, and in what a program says of it.

The language follows from the name of the file.
"""

from __future__ import annotations

import platform
from pathlib import PurePath
from typing import Callable, Dict, List

from ..basics import discreet as basics
from ..engines.catalogue import ENGINES
from ..keepalived.language.discreet import pieces as keepalived

ONLY_HIDDEN = f"{basics.HIDDEN} differs, and nothing else\n"
LANGUAGES: Dict[str, Callable[[str], basics.Pieces]] = {
    "keepalived.conf": keepalived,
    **{
        PurePath(engine.unit.path).name: engine.configuration.pieces if engine.configuration else basics.first_words
        for engine in ENGINES
        if engine.unit
    },
}
"""By the name of a file. Other files have no secrets, or are never shown."""


def _pieces(path: str, text: str) -> basics.Pieces:
    language = LANGUAGES.get(PurePath(path).name)
    return language(text) if language else iter((basics.Piece(text),))


def discreet(path: str, text: str) -> str:
    """Return the text of a file with *** for what may be a secret."""
    return basics.discreet(_pieces(path, text))


def difference(path: str, before: str, after: str) -> Dict[str, str]:
    """Return a difference as Ansible shows it, C({before, after, before_header, after_header}), without secrets."""
    shown = {"before": discreet(path, before), "after": discreet(path, after)}
    if before != after and shown["before"] == shown["after"]:
        shown["after"] += ONLY_HIDDEN
    return {**shown, "before_header": path, "after_header": path}


def message(path: str, text: str, *files: str) -> str:
    """Return what a program says of a configuration; `files` are the texts that it may quote.

    The path stays, and the name of the program, which is that of the file; so does the host's, which our own errors
    say.
    """
    hidden: List[str] = [each for file in files for each in basics.hidden_texts(_pieces(path, file))]
    return basics.without(text, hidden, keep=(path, PurePath(path).stem, platform.node()))
