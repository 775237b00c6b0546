#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: notify_test
short_description: Send a test message over every notification channel of a node
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Asks the notifier of the host, which the role C(notify) has set up, and waits until every channel has delivered the
    message or given it up.
  - Fails if a channel has not delivered it.
options:
  fifo: {description: The FIFO that the notifier reads., type: path, default: /run/ha_lb/notify.fifo}
  channels: {description: The file with its results., type: path, default: /run/ha_lb-notify/channels.json}
  wait_seconds: {description: How long to wait., type: float, default: 30}
attributes:
  check_mode: {description: Sends nothing., support: full}
"""
EXAMPLES = r"""
- name: Send a test message
  evenkeel.ha_lb.notify_test:
"""
RETURN = r"""
results:
  description: What became of the message, by channel.
  type: list
  elements: dict
  returned: when the notifier answers
  contains:
    channel: {description: The channel., type: str}
    whom: {description: Whom it tells., type: str}
    done: {description: Whether the notifier has come to it., type: bool}
    delivered: {description: Whether the message was delivered., type: bool}
    problem: {description: Why it was not., type: str}
says:
  description: The same as sentences.
  type: list
  elements: str
  returned: when the notifier answers
"""

import os
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.agent.notify.trial import ask, sentences, wait_for
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.paths import NOTIFY_CHANNELS, NOTIFY_FIFO
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import domain_errors


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "fifo": {"type": "path", "default": NOTIFY_FIFO},
            "channels": {"type": "path", "default": NOTIFY_CHANNELS},
            "wait_seconds": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=False, results=[], says=["nothing is sent in check mode"])
    name = f"{int(time.time())}-{os.getpid()}"
    with domain_errors(module):
        ask(Path(params["fifo"]), name)
        found = wait_for(Path(params["channels"]), name, params["wait_seconds"])
        says = sentences(found)
        if not all(each["delivered"] for each in found):
            module.fail_json(msg="; ".join(says), results=found, says=says)
        module.exit_json(changed=False, results=found, says=says)


if __name__ == "__main__":
    main()
