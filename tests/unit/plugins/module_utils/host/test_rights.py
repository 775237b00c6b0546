# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is not root is told so, by every module that needs it; who is gets root's umask and PATH, whoever logged in."""

from __future__ import annotations

import importlib
import json
import os
import re
from pathlib import Path

import pytest
import yaml
from module_options import patch_module_args
from module_utils.basics.errors import HaLbError
from module_utils.host import rights
from module_utils.host.runner import run_command

ROOT = Path(__file__).parents[5]
SENTENCE = re.compile(
    r"\w+ on \S+ is not root: log in as root, or become root by sudo or su \(-b, and -K for the password\)"
)
# Judge what they are given, or look from where clients are; listening needs one capability, and says which
OF_ANYBODY = {
    "cluster_check",
    "host_clock",
    "keepalived_lint",
    "vip_probe",
    "vip_watch",
    "vrid_conflict",
    "vrrp_layout",
}
OF_ROOT = sorted({path.stem for path in (ROOT / "plugins/modules").glob("*.py")} - OF_ANYBODY)
OPTIONS = {
    "cluster_lock": {"run": {}},
    "drill_fault": {"state": "mended"},
    "keepalived_config": {"node": "lb1"},
    "keepalived_simultaneous_reload": {"word": "w" * 32, "node": "lb1", "addresses": {}, "staged": "/none"},
    "managed_files": {"files": [{"path": "/none/file", "content": "x"}]},
    "service_config": {"unit": "none", **dict.fromkeys(("staged", "path", "loaded", "drop_in"), "/none")},
    "source_package": {"product": "haproxy", "version": "1", "sha256": "0", "archive": [], "recipe": ""},
    "source_prefix": {"product": "haproxy", "version": "1", "sha256": "0"},
    "uplink_probe": {"uplinks": []},
    "upgrade_plan": {"packages": {}, "node": "lb1"},
    "vrrp_drain": {"value": 0},
    "vrrp_listeners": {"addresses": []},
}


@pytest.fixture
def somebody(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.parametrize("name", OF_ROOT)
def test_a_module_of_root_refuses_anybody_else(collections, capsys, somebody, name):
    module = importlib.import_module(f"ansible_collections.evenkeel.ha_lb.plugins.modules.{name}")
    with patch_module_args(OPTIONS.get(name, {})), pytest.raises(SystemExit):
        module.main()
    answer = json.loads(capsys.readouterr().out)
    assert answer["failed"]
    assert SENTENCE.fullmatch(answer["msg"]), answer["msg"]


def test_the_playbooks_say_it_in_the_same_words():
    tasks = yaml.safe_load((ROOT / "playbooks/tasks/preflight/check.yml").read_text())
    (said,) = (
        task["ansible.builtin.assert"]["fail_msg"]
        for task in tasks
        if "effective_user_id" in str(task.get("ansible.builtin.assert"))
    )
    assert SENTENCE.fullmatch(re.sub(r"{{ .+? }}", "x", said.replace("\n", " ")))


def test_a_login_without_a_name_has_a_number(somebody, monkeypatch):
    monkeypatch.setattr(rights.getpass, "getuser", lambda: {}["nobody"])
    with pytest.raises(HaLbError, match="user 1000 on "):
        rights.as_root()


def test_root_writes_what_others_may_read_whatever_the_umask_of_the_login(root, tmp_path):
    rights.as_root()
    (tmp_path / "folder").mkdir()
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o755


@pytest.fixture
def login(monkeypatch):
    """A login as sshd starts it, of somebody who reads German."""
    for name, value in {"PATH": "/usr/bin:/bin", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}.items():
        monkeypatch.setenv(name, value)


def is_roots(environment: str) -> bool:
    return {f"PATH={rights.PATH}", "LC_ALL=C.UTF-8", "LANGUAGE="} <= {*environment.splitlines()}


def test_commands_get_the_path_of_root_and_speak_english(login):
    assert is_roots(run_command(["env"])[1])


def test_commands_of_modules_do_so_too(collections, root, login):
    module_io = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io")
    basic = importlib.import_module("ansible.module_utils.basic")
    with patch_module_args({}):
        module = basic.AnsibleModule({})
    with module_io.roots_rights(module):
        assert is_roots(module.run_command(["env"])[1])
