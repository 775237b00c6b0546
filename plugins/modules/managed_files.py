#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: managed_files
short_description: Write several whole files in one go
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Writes files that a role owns whole, and the directories they are in. What takes C(template) and C(file) a
    connection for each file and directory takes one.
  - A file that is to be validated is replaced only if the command accepts it.
options:
  files:
    description: The files and directories, in order; owned by root.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {description: Where it goes., type: path, required: true}
      content: {description: "All of it; without it O(files[].path) is a directory.", type: str}
      mode: {description: Its mode., type: str, default: "0644"}
      group: {description: Its group., type: str, default: root}
      validate: {description: "A command that accepts or refuses the file; C(%s) stands for it.", type: str}
  diff: {description: Whether differences may be shown., type: bool, default: true}
attributes:
  check_mode: {description: Reports what would be written; validates nothing., support: full}
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
  description: What was, or would be, written.
  type: list
  elements: str
  returned: success
"""

import shlex
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.errors import HaLbError
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.files import content, replace
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors

FILE = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str"},
    "mode": {"type": "str", "default": "0644"},
    "group": {"type": "str", "default": "root"},
    "validate": {"type": "str"},
}


def settle(module: AnsibleModule, wanted: dict) -> bool:
    """Bring one file or directory about; tell whether that changed, or would change, anything."""
    path = Path(wanted["path"])
    changed = False
    if wanted["content"] is None:
        changed = not path.is_dir()
        if changed and not module.check_mode:
            path.mkdir(parents=True)
    elif content(path) != wanted["content"].encode():
        changed = True
        if not module.check_mode:
            put(module, path, wanted)
    if not path.exists():
        return changed
    attributes = {"path": str(path), "owner": "root", "group": wanted["group"], "mode": wanted["mode"]}
    return module.set_fs_attributes_if_different(
        {**module.load_file_common_arguments(attributes), **attributes}, changed
    )


def put(module: AnsibleModule, path: Path, wanted: dict) -> None:
    """Put the new content in place at once, if its validation allows."""

    def accept(name: str) -> None:
        code, out, err = module.run_command([each.replace("%s", name) for each in shlex.split(wanted["validate"])])
        if code:
            raise HaLbError(f"{path} is refused, and stays as it is: {(err + out).strip()}")

    data = wanted["content"].encode()
    replace(path, data, wanted["mode"], wanted["group"], accept if wanted["validate"] else None)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
            "diff": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    written, diffs = [], []
    with domain_errors(module):
        for wanted in module.params["files"]:
            before = content(Path(wanted["path"])) if wanted["content"] is not None else None
            if not settle(module, wanted):
                continue
            written.append(wanted["path"])
            texts = {"before": (before or b"").decode(errors="replace"), "after": wanted["content"] or ""}
            headers = {"before_header": wanted["path"], "after_header": wanted["path"]}
            diffs.append({**texts, **headers})
    shown = {"diff": diffs} if module.params["diff"] else {}
    module.exit_json(changed=bool(written), paths=written, **shown)


if __name__ == "__main__":
    main()
