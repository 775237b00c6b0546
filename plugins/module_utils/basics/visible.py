# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of others on a terminal, a page or in a file: what would steer them instead of being seen is written out."""

from __future__ import annotations

import re

# Controls of C0 (but tab and newline), DEL, C1; what is invisible or turns the direction of text (UAX #9); lines and
# paragraphs of Unicode; halves of surrogate pairs, which no file can hold
STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def visible(text: str) -> str:
    r"""Return a text in which every character that steers a terminal, or turns text, is written out: ``\x1b``."""
    return STEERING.sub(lambda found: ascii(found[0])[1:-1], text)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, visible, and with dots where it was cut."""
    return visible(text if len(text) <= most else f"{text[: most - 1]}…")
