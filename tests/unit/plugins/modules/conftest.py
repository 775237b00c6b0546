# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as root, and find commands by root's PATH; tests run as anybody."""

from __future__ import annotations

import importlib
import os

import pytest

RIGHTS = "ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.rights"


@pytest.fixture(autouse=True)
def as_if_root(collections, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def found_first(collections, monkeypatch):
    """Return a function that puts a folder in front of root's PATH."""
    rights = importlib.import_module(RIGHTS)
    return lambda folder: monkeypatch.setattr(rights, "PATH", f"{folder}:{rights.PATH}")
