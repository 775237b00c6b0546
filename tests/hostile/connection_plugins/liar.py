# SPDX-License-Identifier: GPL-3.0-or-later
"""A balancer of which no program is real: it answers every module, and what it answers is told by a file.

The file (LIARS) has the answers of each host by module; `*` is added to all of them, `*facts` to their facts, and
`MODULE!` is a text that is printed instead of an answer. What a host received is written down, whole, below
LIARS_HEARD, in a directory of the host, one file each in the order in which it came.
"""

from __future__ import annotations

DOCUMENTATION = """
name: liar
short_description: a host that lies
description: a host that lies
author: test
options: {}
"""

import json
import os
import re
from pathlib import Path

from ansible.plugins.connection import ConnectionBase

MODULE = re.compile(rb"ansible(?:\.modules|\.legacy|_collections\.evenkeel\.ha_lb\.plugins\.modules)\.(\w+)")
PROGRAMS = {b"look": "vrrp_info", b"compared": "service_state"}
PROGRAM = re.compile(rb"^function = '(\w+)'$", re.MULTILINE)
JOB = re.compile(rb"\"jid\": \"(\w+)\"")
BACKGROUND = "/root/.ansible_async/"


class Connection(ConnectionBase):
    """Says what it was told to say."""

    transport = "liar"
    has_pipelining = True
    sent = b""

    def _connect(self):
        self._connected = True
        return self

    def close(self):
        self._connected = False

    @property
    def host(self):
        return self._play_context.remote_addr

    def heard(self, kind, data):
        folder = Path(os.environ["LIARS_HEARD"]) / self.host
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{len(list(folder.iterdir())):04d}-{kind}").write_bytes(data)

    def said(self, module, data=b""):
        """Return the text that this host prints as the answer of a module; of a job, the one in the background."""
        answers = json.loads(Path(os.environ["LIARS"]).read_text())[self.host]
        job = JOB.search(data) if module == "async_status" else None
        if job:
            written = {**answers.get(job[1].decode(), {}), "started": 1, "finished": 1}
            # What Ansible's own modules warn of, it prints as it is
            answers = {**answers, module: {key: each for key, each in written.items() if key != "warnings"}}
        if f"{module}!" in answers:
            return answers[f"{module}!"].encode(errors="surrogatepass")
        answer = {"changed": False, **answers.get(module, {}), **answers.get("*", {})}
        more = {**answers.get("*facts", {}), **answer.get("ansible_facts", {})}
        return json.dumps({**answer, **({"ansible_facts": more} if more else {})}).encode()

    def exec_command(self, cmd, in_data=None, sudoable=True):
        name = self.asked(cmd, in_data or b"")
        self.heard(f"run-{name or 'command'}", cmd.encode() + b"\n" + (in_data or b""))
        if name:
            return 0, self.said(name, in_data or self.sent), b""
        return 0, self.printed(cmd), b""

    def asked(self, cmd, data):
        if b"ANSIBALLZ" in data or b"AnsiballZ" in data or MODULE.search(data):
            return MODULE.findall(data)[0].decode()
        program = PROGRAM.search(data)
        if program:
            return PROGRAMS[program[1]]
        if "async_wrapper" in cmd:
            return None
        found = re.search(r"AnsiballZ_(\w+)\.py", cmd) if "rm -f" not in cmd.partition("AnsiballZ")[0] else None
        return found[1] if found and "chmod" not in cmd else None

    def printed(self, cmd):
        """Return what a command prints that is no module."""
        if "async_wrapper" in cmd:
            module = re.search(r"AnsiballZ_(?!async)(\w+)\.py", cmd)[1]
            job = {"started": 1, "finished": 0, "ansible_job_id": module, "results_file": BACKGROUND + module}
            return json.dumps({**job, "changed": False}).encode()
        if BACKGROUND in cmd and "grep" in cmd:
            return self.said(re.search(rf"{BACKGROUND}(\w+)", cmd)[1])
        if "mkdir" in cmd and "ansible-tmp" in cmd:
            name = re.search(r"ansible-tmp-[\w.-]+", cmd)[0]
            return f"{name}=/root/.ansible/tmp/{name}\n".encode()
        if "dpkg-query" in cmd:
            return b"installed\n" * 3
        if "date +%s.%N" in cmd:
            return b"1700000000.000000000\n"
        return b"/root\n" if "echo ~" in cmd else b""

    def put_file(self, in_path, out_path):
        self.sent = Path(in_path).read_bytes()
        self.heard(f"file-{Path(out_path).name}", Path(in_path).read_bytes())

    def fetch_file(self, in_path, out_path):
        Path(out_path).write_bytes(b"x")
