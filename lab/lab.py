# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's command line."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    # A script's own directory comes first in the path, where this file would hide the package
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from lab.cluster import Lab
from lab.engine import LabError
from lab.lifecycle import bring_up, take_down

FAULTS = {
    "cut": "pull a node's cable on the service network",
    "heal": "put a node's cable back",
    "freeze": "stop all processes of a node",
    "thaw": "let a frozen node go on",
    "kill": "cut a node's power",
    "stop": "shut a node down in an orderly way",
    "start": "switch a node on",
    "reboot": "shut a node down and switch it on again",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command, and return the exit status."""
    options = _parser().parse_args(arguments)
    state = options.state.resolve()
    try:
        if options.command == "up":
            bring_up(options.lab_yml.resolve(), state)
        elif options.command == "down":
            take_down(state)
        elif options.command == "show":
            _show(Lab.load(state))
        elif options.command == "run":
            return subprocess.run(Lab.load(state).command(options.node, options.argv), check=False).returncode
        else:
            getattr(Lab.load(state), options.command)(options.node)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.py", description="Real systemd nodes on this machine.")
    parser.add_argument("--state", type=Path, default=Path(".lab"), help="directory of the lab's files (.lab)")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="make a lab")
    up.add_argument("lab_yml", type=Path, metavar="LAB_YML")
    commands.add_parser("down", help="remove the lab")
    commands.add_parser("show", help="list the nodes")
    run = commands.add_parser("run", help="run a command in a node")
    run.add_argument("node")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND")
    for name, what in FAULTS.items():
        commands.add_parser(name, help=what).add_argument("node")
    return parser


def _show(lab: Lab) -> None:
    running = lab.running()
    for name, node in lab.nodes.items():
        power = "on" if name in running else "off"
        print(f"{name:15} {power:3}  {node.image:16} {node.management:15} {' '.join(node.addresses)}")


if __name__ == "__main__":
    sys.exit(main())
