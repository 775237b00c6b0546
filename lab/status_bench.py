# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how long `status` takes on many nodes: those of a lab that is up, each listed under many names.

Every name has its own connection, login and status query, but the names of one node share its processor, and the nodes
share it with the controller. So the time is that of one machine doing the work of both sides.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab.access import INVENTORY
from lab.cluster import Lab
from lab.playbook import processor_seconds

GROUP = "loadbalancers"


def many(inventory: dict[str, Any], count: int) -> dict[str, Any]:
    """Return an inventory with this many balancers: the first one once, the other machines in turn."""
    top = inventory["all"]
    hosts, balancers = top["hosts"], list(top["children"][GROUP]["hosts"])
    first, others = balancers[0], itertools.cycle(name for name in hosts if name != balancers[0])
    names = {first: hosts[first]}
    for number in range(2, count + 1):
        settings = hosts[next(others)]
        names[f"lb{number:03}"] = {key: value for key, value in settings.items() if key != "ansible_control_path"}
    return {"all": {"hosts": names, "children": {GROUP: {"hosts": {name: {} for name in names}}}}}


def measured(lab: Lab, count: int, folder: Path) -> tuple[float, float]:
    """Run `status` on this many nodes with new connections; return its seconds, and CPU seconds of the controller."""
    inventory = yaml.safe_load((lab.state / INVENTORY).read_text(encoding="utf-8"))
    file = folder / "inventory.yml"
    file.write_text(yaml.safe_dump(many(inventory, count)), encoding="utf-8")
    (folder / "group_vars").symlink_to(lab.state / "group_vars")
    data = folder / "status.json"
    tool = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [tool, "-i", str(file), "evenkeel.ha_lb.status"]
    environment = {**os.environ, "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh")}
    begin, before = time.monotonic(), processor_seconds()
    done = subprocess.run(
        [*command, "-e", f"ha_lb_status_file={data}"], capture_output=True, text=True, check=False, env=environment
    )
    took = time.monotonic() - begin
    rows = yaml.safe_load(data.read_text(encoding="utf-8"))["rows"] if data.exists() else []
    silent = [row["node"] for row in rows if row["state"] == "unreachable"]
    if done.returncode or len({row["node"] for row in rows}) < count or silent:
        raise SystemExit(f"status failed, or did not reach {silent}:\n{done.stdout[-4000:]}{done.stderr}")
    return took, processor_seconds() - before


def main() -> None:
    """Measure, and print a line for each number of nodes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", default=".lab", help="directory of a lab that is up, with `site` in force")
    parser.add_argument("--nodes", type=int, nargs="+", default=[2, 50])
    options = parser.parse_args()
    for count in options.nodes:
        with tempfile.TemporaryDirectory(prefix="st") as folder:
            took, used = measured(Lab.load(options.state), count, Path(folder))
        print(f"status of {count} nodes: {took:.1f} s, {used:.1f} s of a processor on the controller", flush=True)


if __name__ == "__main__":
    main()
