# SPDX-License-Identifier: GPL-3.0-or-later
"""What the domain raises: one base error, translated once, at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable


class HaLbError(Exception):
    """Base of every error of this collection; its text is one sentence for the user."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the input: where it stands, and what is wrong, in one sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class Refused(HaLbError):
    """The input cannot be accepted; `findings` are all the reasons, not just the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))
