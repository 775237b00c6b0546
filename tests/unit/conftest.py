# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ways to import the collection: the pure core without Ansible, and the plugins around it as Ansible sees them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

UNIT = Path(__file__).parent
ROOT = UNIT.parent.parent

# The core as the package `module_utils`, and the samples beside this file
sys.path[:0] = [str(ROOT / "plugins"), str(UNIT)]
# The package `release`
sys.path.append(str(ROOT))

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("local", deadline=None, max_examples=60, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "error")


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which Ansible, and `import`, find this checkout under the collection's name."""
    top = tmp_path_factory.mktemp("collections")
    namespace = top / "ansible_collections" / "evenkeel"
    namespace.mkdir(parents=True)
    (namespace / "ha_lb").symlink_to(ROOT)
    sys.path.insert(0, str(top))
    return top
