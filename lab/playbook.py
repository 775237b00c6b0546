# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook of the collection against a lab, and read the messages of its failures."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.access import INVENTORY
from lab.cluster import Lab
from lab.engine import LabError

LONGEST_SECONDS = 300
FAILURE = re.compile(r"^fatal: .*?(?:FAILED|UNREACHABLE)! => ", re.MULTILINE)


def processor_seconds() -> float:
    """Return the seconds of a processor that the child processes which have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Run:
    """One run of a playbook: its process, output and failures."""

    def __init__(
        self, lab: Lab, playbook: str, variables: Mapping[str, object], *options: str, own_group: bool = False
    ) -> None:
        """Start one of ours by its name, or a file; with `own_group`, `kill` ends it with all its child processes."""
        tool = str(Path(sys.executable).with_name("ansible-playbook"))
        name = playbook if playbook.endswith(".yml") else f"evenkeel.ha_lb.{playbook}"
        command = [tool, "-i", str(lab.state / INVENTORY), name, *options, "-e", json.dumps(variables)]
        self.start(command, os.environ, process_group=0 if own_group else None)

    def start(self, command: Sequence[str], environment: Mapping[str, str], **how: Any) -> None:
        """Start the process, in such a way that `failures` can be read."""
        plain = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
        self.output = ""
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**environment, **plain}, **how
        )

    def until(self, text: str) -> None:
        """Read the output up to the line that contains `text`.

        Raises: AssertionError, with the output, if it does not come.
        """
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return
        raise AssertionError(f"{text!r} did not come:\n{self.output}")

    def kill(self) -> None:
        """Kill it with all its child processes at once, as if its terminal had been lost."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def finish(self, seconds: float = LONGEST_SECONDS) -> Run:
        """Read the output to the end.

        Raises: subprocess.TimeoutExpired, if it takes longer.
        """
        self.output += self.process.communicate(timeout=seconds)[0]
        return self

    @property
    def failures(self) -> list[str]:
        """The message of every failed task."""
        return [json.JSONDecoder().raw_decode(part)[0]["msg"] for part in FAILURE.split(self.output)[1:]]


def preflight(lab: Lab) -> dict[str, Any]:
    """Run `preflight`, and return the JSON that it writes.

    Raises: LabError, with the output, if it fails.
    """
    file = lab.state / "preflight.json"
    run = Run(lab, "preflight", {"ha_lb_preflight_file": str(file)}).finish()
    if run.process.returncode:
        raise LabError(f"preflight failed:\n{run.output}")
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data
