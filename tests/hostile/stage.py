# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook against balancers that answer as they are told, in a directory that is compared afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from honest import CLIENT, HOSTS, INPUT, NODES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 60  # of the processor, which a run may take
LONGEST = 600  # in which it has them, however busy the machine is
CANARY = "canary-of-the-controller"
PRECIOUS = "what is in this file stays in it"

# Escapes of terminals, C1, and what turns the direction of text
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

PLAYBOOKS: dict[str, dict[str, Any]] = {
    "preflight": {"ha_lb_preflight_file": "preflight.json", "ha_lb_preflight_page": "preflight.html"},
    "site": {"ha_lb_site_file": "site.json"},
    "status": {"ha_lb_status_file": "status.json"},
    "verify": {},
    "drain": {"ha_lb_node": "lb2"},
    "restore": {"ha_lb_node": "lb2"},
    "upgrade": {"ha_lb_node": "lb2", "ha_lb_upgrade_file": "upgrade.json"},
    "drill": {"ha_lb_drill_consent": "loadbalancers", "ha_lb_drill_client": "client", "ha_lb_drills": "proxy_killed"},
    "lint": {"ha_lb_lint_file": "lint.json", "ha_lb_lint_sarif": "lint.sarif", "ha_lb_lint_fail_on": "never"},
    "notify_test": {},
    "remove": {"ha_lb_node": "lb2"},
}


FILES = ("_file", "_page", "_sarif", "_junit")


@dataclass
class Act:
    """One run, before and after."""

    folder: Path
    code: int = 0
    output: str = ""
    seconds: float = 0.0
    appeared: list[str] = field(default_factory=list)

    @property
    def key(self) -> Path:
        """A file of the operator that nobody must be sent."""
        return self.folder / "home/id_ed25519"

    @property
    def precious(self) -> Path:
        """A file of the operator that nobody must write."""
        return self.folder / "home/precious"

    @property
    def marker(self) -> Path:
        """What is made where a text of a host is run."""
        return self.folder / "pwned"

    def received(self, host: str) -> list[tuple[str, bytes]]:
        """Return what a host was sent, in its order: the kind, and all of it."""
        folder = self.folder / "heard" / HOSTS[host]
        files = sorted(folder.iterdir()) if folder.exists() else []
        return [(path.name.partition("-")[2], path.read_bytes()) for path in files]


def prepare(folder: Path) -> Act:
    """Make the directory of a run, with what the operator has there."""
    act = Act(folder)
    for each in ("home", "work", "heard", "tmp", "collections/ansible_collections/evenkeel"):
        (folder / each).mkdir(parents=True)
    (folder / "collections/ansible_collections/evenkeel/ha_lb").symlink_to(ROOT)
    act.key.write_text(f"{CANARY}\n")
    act.precious.write_text(PRECIOUS)
    (folder / "ansible.cfg").write_text("")
    hosts = {name: {"ansible_host": address} for name, address in NODES.items()}
    means = {"ansible_connection": "liar", "ansible_python_interpreter": "/usr/bin/python3"}
    group = {"loadbalancers": {"hosts": hosts, "vars": INPUT}}
    inventory = {"children": group, "hosts": {"client": {"ansible_host": CLIENT}}, "vars": means}
    (folder / "hosts.json").write_text(json.dumps({"all": inventory}))
    return act


def play(act: Act, playbook: str, answers: dict[str, Any], *, pipelining: bool, files: bool = True) -> Act:
    """Run a playbook against these answers, by host; with or without `files` that it is to write."""
    by_address = {HOSTS[name]: said for name, said in answers.items()}
    (act.folder / "answers.json").write_text(json.dumps(by_address))
    before = _files(act)
    command = [sys.executable, "-m", "ansible", "playbook", f"evenkeel.ha_lb.{playbook}", "-i", "../hosts.json"]
    if (act.folder / "first.json").exists():
        command.insert(4, "../first.json")
    if (act.folder / "extra.json").exists():
        command += ["-e", "@../extra.json"]
    asked_for = {name: value for name, value in PLAYBOOKS[playbook].items() if files or not name.endswith(FILES)}
    command += ["-e", json.dumps(asked_for)]
    _run(act, command, _environment(act, pipelining))
    written = {value for name, value in asked_for.items() if name.endswith(FILES)}
    act.appeared = sorted(_files(act) - before - written)
    return act


def _run(act: Act, command: list[str], environment: dict[str, str]) -> None:
    """Run a command; what counts is the processor's time, because other tests run beside this one."""
    output = act.folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=act.folder / "work",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        end = threading.Timer(LONGEST, os.killpg, (process.pid, signal.SIGKILL))
        end.start()
        _pid, status, used = os.wait4(process.pid, 0)
        end.cancel()
    process.returncode = act.code = os.waitstatus_to_exitcode(status)
    act.seconds = used.ru_utime + used.ru_stime
    act.output = output.read_bytes().decode(errors="surrogateescape")


def _files(act: Act) -> set[str]:
    places = [act.folder / "work", act.folder / "home"]
    return {str(path.relative_to(place)) for place in places for path in place.rglob("*")}


def _environment(act: Act, pipelining: bool) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(act.folder / "home"),
        "PWD": str(act.folder / "work"),
        "LANG": "C.UTF-8",
        "ANSIBLE_CONFIG": str(act.folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(act.folder / "tmp"),
        "ANSIBLE_LOCAL_TEMP": str(act.folder / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(act.folder / "collections"),
        "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins"),
        "ANSIBLE_PIPELINING": str(pipelining),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        "ANSIBLE_FORKS": "3",
        "LIARS": str(act.folder / "answers.json"),
        "LIARS_HEARD": str(act.folder / "heard"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
