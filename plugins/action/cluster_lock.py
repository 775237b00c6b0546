# SPDX-License-Identifier: GPL-3.0-or-later
"""What only the controller knows of a lock: which run this is, and whether the process of another one still lives."""

from __future__ import annotations

import getpass
import multiprocessing
import os
import platform
import time
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from ansible import context
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.schema import collector, seconds
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.lock import Run, is_gone, started
from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer import AskingAction

POLL_SECONDS = 2.0
WAIT = seconds(0, 86400)
PROC = Path("/proc")


def space() -> str:
    """Return what tells apart the machines, and on one machine the containers, that have processes of their own."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def stat_of(pid: int) -> str | None:
    """Return the text of /proc/PID/stat, or None where there is no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None


def user() -> str:
    """Return the name of the person, or what stands for it where a container has no names."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def this_run() -> Run:
    """Return the run that this process, or its parent, is; tasks are processes of their own."""
    parent = multiprocessing.parent_process()
    pid = parent.pid if parent and parent.pid else os.getpid()
    stat = stat_of(pid)
    return Run(
        who=f"{user()}@{platform.node()}",
        playbook=" ".join(context.CLIARGS.get("args", ())),
        began=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC"),
        space=space() or platform.node(),
        pid=pid,
        started=started(stat) if stat else "",
    )


class ActionModule(AskingAction):
    """Run the module on the node, again and again while it has to wait."""

    def run(self, tmp=None, task_vars=None):
        """Return what the module says in the end."""
        result = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = {"node": task_vars.get("inventory_hostname", ""), **self._task.args, "run": asdict(this_run())}
        findings = []
        wait = WAIT(arguments.get("wait_seconds", 0), "ha_lb_lock_wait_seconds", collector(findings))
        if findings:
            return {**result, "failed": True, "msg": str(findings[0])}
        deadline = time.monotonic() + wait
        told = False
        while True:
            said = self._execute_module("evenkeel.ha_lb.cluster_lock", arguments, task_vars=task_vars)
            result.update(self.read(said, "cluster_lock", task_vars))
            # What `run_once` returns becomes a fact of every host, and not all have the interpreter of this one
            result.pop("ansible_facts", None)
            holder = result.pop("holder", None)
            if not holder:
                return result
            if is_gone(Run(**{name: value for name, value in holder.items() if name != "id"}), space(), stat_of):
                arguments["broken"] = holder["id"]
            elif time.monotonic() > deadline:
                return {**result, "holder": holder}
            else:
                told = told or self._display.display(result["msg"]) or True
                time.sleep(POLL_SECONDS)
            result = {}
