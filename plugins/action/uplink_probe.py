# SPDX-License-Identifier: GPL-3.0-or-later
"""M(uplink_probe), of whose answer only what is documented is taken."""

from __future__ import annotations

from ansible_collections.evenkeel.ha_lb.plugins.plugin_utils.answer import AnswerAction


class ActionModule(AnswerAction):
    """Run the module."""
