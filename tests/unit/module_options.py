# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that runs in the process of its test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from ansible.module_utils import basic

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.17

    def patch_module_args(module_args: Mapping[str, Any]) -> AbstractContextManager[Any]:
        """Give the module these options, in the place of what Ansible would send."""
        return mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": module_args}).encode())


__all__ = ["patch_module_args"]
