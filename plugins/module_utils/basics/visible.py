# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of others on a terminal, a page or in a file: what would steer them instead of being seen is written out."""

from __future__ import annotations

import re

UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but for tab and line ends
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # Unicode's, but for joiners
    "\ud800-\udfff\ufffe\uffff"  # none at all
)
"""A class of characters of a regular expression: they show nothing, or end or turn a line where nobody sees it."""

# And what may be meant, but not to be seen: a carriage return, a soft hyphen, joiners
STEERING = re.compile(f"[{UNSEEN}\r\u00ad\u200c\u200d]")


def visible(text: str) -> str:
    r"""Return a text in which every character that steers a terminal, or turns text, is written out: ``\x1b``."""
    return STEERING.sub(lambda found: ascii(found[0])[1:-1], text)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, visible, and with dots where it was cut."""
    return visible(text if len(text) <= most else f"{text[: most - 1]}…")
