# SPDX-License-Identifier: GPL-3.0-or-later
"""Any text gives a tree and never an exception, and what is written from a tree gives that tree again.

    python tests/fuzz/parser.py -runs=10000000 -max_len=40 -seed=1

A byte of an input is a piece of a text, so 40 of them are several blocks. Everything behind the options goes to
atheris.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "plugins")]

with atheris.instrument_imports(include=["module_utils.keepalived"]):
    from module_utils.keepalived.language import allowance
    from module_utils.keepalived.language.parser import parse
    from module_utils.keepalived.language.tree import Directive
    from module_utils.keepalived.language.writer import write

PIECES = (
    *(
        "\n",
        " ",
        "{",
        "}",
        '"',
        "'",
        "\\",
        "\\\n",
        "#",
        "!",
        "@a ",
        "@^a ",
        "$",
        "${",
        "=",
        "$A=",
        "$A",
        "${A}",
        "$A= \\\n",
    ),
    *(
        "~SEQ(A, 1, 3) ",
        "~SEQx(A, 9, 1, 12) ",
        "~LST({A, B}, {1, 2}, {3}) ",
        "~",
        "(",
        ")",
        ",",
        "include ",
        "include b\n",
    ),
    *(
        "${_RANDOM 1 9}",
        "${_ENV A}",
        "${_PWD}",
        "${_HASH}",
        "\0",
        "\r",
        "\t",
        "é",
        "0",
        "-1",
        "9.5",
        "10.0.0.1/24",
        "x",
    ),
    *(
        "global_defs",
        "vrrp_instance",
        "vrrp_script",
        "script ",
        "virtual_ipaddress",
        "dev ",
        "weight ",
        "priority ",
        "notify ",
    ),
    *(
        "authentication",
        "virtual_server",
        "real_server ",
        "HTTP_GET",
        "url",
        "track_script",
        "track_file ",
        "state ",
        "auth_pass ",
        "lvs_method TUN ",
        "type gue ",
        "port ",
    ),
)


ENOUGH = 800  # so that no input takes long, and what is too large is tried as well
WRITTEN = 4  # every fourth: writing and reading again takes longer than reading


def text_of(data: bytes) -> str:
    """Make a text of pieces and of single characters, so that much of it means something."""
    return "".join([PIECES[byte] if byte < len(PIECES) else chr(byte) for byte in data])


def shape(directives: Sequence[Directive]) -> tuple[object, ...]:
    """Return what a tree says, without its places."""
    return tuple(
        (each.keyword, each.arguments, None if each.block is None else shape(each.block)) for each in directives
    )


def one_input(data: bytes) -> None:
    """Read the text, with a file that it can include; when nothing is wrong with it, write it and read it again."""
    chosen, pieces = data[:1], data[1:]
    middle = len(pieces) // 2
    tree = parse(
        text_of(pieces),
        "a",
        config_id="a",
        environment={"A": "b"},
        read=lambda pattern, _file: [(pattern, text_of(pieces[middle:]))],
    )
    if not tree.problems and chosen and chosen[0] % WRITTEN == 0:
        written = write(tree)
        again = parse(written, "a", config_id="a")
        assert shape(again.directives) == shape(tree.directives), written
        assert not again.problems, again.problems
        assert write(again) == written


if __name__ == "__main__":
    allowance.ENOUGH = ENOUGH
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
