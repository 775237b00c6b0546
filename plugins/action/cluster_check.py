# SPDX-License-Identifier: GPL-3.0-or-later
"""M(cluster_check), on the controller: the input is judged where it is, and no host is asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml
from ansible.plugins.action import ActionBase
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.basics.errors import Refused
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.cluster.check import check
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.cluster.clock_skew import clocks_apart
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.cluster.release_advice import wanted_releases
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import spec_errors

ROLES = Path(__file__).resolve().parents[2] / "roles"
OPTIONS = {
    "variables": {"type": "dict", "required": True},
    "nodes": {"type": "raw", "required": True},
    "interfaces": {"type": "dict", "default": {}},
    "hosts": {"type": "dict", "default": {}},
    "clocks": {"type": "dict", "default": {}},
    "controller": {"type": "dict", "default": {}},
    "kernels": {"type": "dict", "default": {}},
}


def role_options():
    """Return what the variables of all roles may be, by name: the options of their argument specs."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    specs = [yaml.load(path.read_bytes(), loader) for path in sorted(ROLES.glob("*/meta/argument_specs.yml"))]
    return {name: option for spec in specs for name, option in spec["argument_specs"]["main"]["options"].items()}


class ActionModule(ActionBase):
    """Check the whole input; no connection is opened."""

    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        """Return what M(cluster_check) documents."""
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(OPTIONS)
        clocks = {whose: float(at) for whose, at in options.pop("clocks").items()}
        options["lacking"] = {host: each.get("missing") or [] for host, each in options.pop("kernels").items()}
        try:
            advice = [*check(spec=role_options(), spec_errors=spec_errors, **options), *clocks_apart(clocks)]
            advice += wanted_releases(options["variables"], date.today().isoformat())
        except Refused as refused:
            findings = [{"path": each.path, "message": each.message} for each in refused.told]
            return {**result, "failed": True, "msg": str(refused), "findings": findings}
        return {**result, "changed": False, "advice": advice, "warnings": advice}
