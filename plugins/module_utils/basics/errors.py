# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the core. Modules and filters translate HaLbError into an error of Ansible, in one place each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable


class HaLbError(Exception):
    """Base of every error of this collection; its text is one sentence for the user."""


@dataclass(frozen=True)
class Finding:
    """One wrong value of the input: its path, such as `ha_lb_vips[0].vrid`, and one sentence about it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class Refused(HaLbError):
    """The input is not accepted; `findings` has every wrong value, not just the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))
