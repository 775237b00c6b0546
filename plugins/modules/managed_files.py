#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: managed_files
short_description: Write several whole files in one task
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Writes files that a role owns whole, and their directories, over one connection, where C(template) and C(file) take
    one for every file.
  - A file with O(files[].validate) is replaced only if that command accepts the new content.
  - Nothing of O(files) is in the host's log. A difference of C(keepalived.conf), C(haproxy.cfg) or C(nginx.conf) has
    C(***) wherever a secret may stand, in the former file too; so has what O(files[].validate) says.
  - Records on the host what it writes, and keeps files that it replaces, for M(evenkeel.ha_lb.host_cleared).
options:
  files:
    description: The files and directories, in order; owned by root.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {description: Where it goes., type: path, required: true}
      content: {description: "Its content; without it and O(files[].secret), the path is a directory.", type: str}
      secret: {description: "Its content, if it may be in no output, log or difference.", type: str}
      mode: {description: Its mode., type: str, default: "0644"}
      group: {description: Its group., type: str, default: root}
      diff: {description: Whether its difference may be shown., type: bool, default: true}
      validate: {description: "A command that tests the new file; C(%s) stands for its path.", type: str}
  after:
    description: A command that puts the files in force, run in every run; it prints what it changes, else nothing.
    type: str
    default: ""
  record: {description: Directory of the record., type: path, default: /var/lib/ha_lb}
attributes:
  check_mode: {description: Returns what would be written; validates and runs nothing., support: full}
  diff_mode: {description: Shows the differences., support: full}
"""
EXAMPLES = r"""
- name: Write a script
  evenkeel.ha_lb.managed_files:
    files:
      - {path: /usr/local/libexec/example, mode: "0755"}
      - {path: /usr/local/libexec/example/hello, mode: "0755", content: "#!/bin/sh\necho hello\n"}
"""
RETURN = r"""
paths:
  description: Paths that were, or would be, written.
  type: list
  elements: str
  returned: success
said:
  description: The output of O(after), in lines.
  type: str
  returned: success
diff:
  description: The differences of the files that may be shown.
  type: list
  elements: dict
  returned: with C(--diff)
  contains:
    before: {description: "Before, in lines.", type: str}
    after: {description: "After, in lines.", type: str}
    before_header: {description: Where., type: str}
    after_header: {description: Where., type: str}
"""

import re
import shlex
from pathlib import Path

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.errors import HaLbError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.files import content, replace
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.install_record import HOME, note
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, roots_rights

FILE = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str"},
    "secret": {"type": "str", "no_log": True},
    "mode": {"type": "str", "default": "0644"},
    "group": {"type": "str", "default": "root"},
    "diff": {"type": "bool", "default": True},
    "validate": {"type": "str"},
}

USER = re.compile(r"^u!? +(\S+)", re.MULTILINE)


def language():
    """Import what knows the languages of configurations: most runs have nothing to show, and it takes its time."""
    from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations import discreet

    return discreet


def bytes_of(wanted: dict) -> bytes | None:
    """Return the wanted content; None for a directory."""
    text = wanted["content"] if wanted["secret"] is None else wanted["secret"]
    return None if text is None else text.encode()


def settle(module: DiscreetModule, wanted: dict) -> bool:
    """Write one file or directory; return whether that changed, or would change, anything."""
    path = Path(wanted["path"])
    changed = False
    data = bytes_of(wanted)
    if data is None:
        changed = not path.is_dir()
        if changed and not module.check_mode:
            path.mkdir(parents=True)
    elif content(path) != data:
        changed = True
        if not module.check_mode:
            put(module, path, wanted, data)
    if not path.exists():
        return changed
    attributes = {"path": str(path), "owner": "root", "group": wanted["group"], "mode": wanted["mode"]}
    return module.set_fs_attributes_if_different(
        {**module.load_file_common_arguments(attributes), **attributes}, changed
    )


def put(module: DiscreetModule, path: Path, wanted: dict, data: bytes) -> None:
    """Replace the file atomically, if its validation accepts the new content."""

    def accept(name: str) -> None:
        code, out, err = module.run_command([each.replace("%s", name) for each in shlex.split(wanted["validate"])])
        if code:
            said = language().message(
                str(path), (err + out).strip().replace(name, str(path)), data.decode(errors="replace")
            )
            raise HaLbError(f"{path} is refused, and stays as it is: {said}")

    replace(path, data, wanted["mode"], wanted["group"], accept if wanted["validate"] else None)


def run_after(module: DiscreetModule) -> str:
    """Run `after`; return its output, which is what it changed."""
    if module.check_mode or not module.params["after"]:
        return ""
    code, out, err = module.run_command(shlex.split(module.params["after"]))
    if code:
        raise HaLbError(f"{module.params['after']} failed: {' '.join((err + out).split())}")
    return out.strip()


def keep_record(files: list, home: str) -> None:
    """Record the files that are about to be written, and the users that those of sysusers.d(5) create."""
    texts = [each["content"] or "" for each in files if "/sysusers.d/" in each["path"]]
    note([Path(each["path"]) for each in files], [name for text in texts for name in USER.findall(text)], Path(home))


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
            "after": {"type": "str", "default": ""},
            "record": {"type": "path", "default": str(HOME)},
        },
        supports_check_mode=True,
    )
    written, diffs = [], []
    with roots_rights(module):
        if not module.check_mode:
            keep_record(module.params["files"], module.params["record"])
        for wanted in module.params["files"]:
            before = content(Path(wanted["path"])) if wanted["content"] is not None else None
            if not settle(module, wanted):
                continue
            written.append(wanted["path"])
            if wanted["secret"] is not None or not wanted["diff"]:
                continue
            diffs.append(
                language().difference(wanted["path"], (before or b"").decode(errors="replace"), wanted["content"] or "")
            )
        output = run_after(module)
    module.exit_json(changed=bool(written or output), paths=written, said=output, diff=diffs)


if __name__ == "__main__":
    main()
