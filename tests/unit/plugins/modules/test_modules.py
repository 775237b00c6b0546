# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as Ansible runs them: options, results, and messages instead of tracebacks."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from answers import as_documented
from module_options import patch_module_args
from samples import NODES, VIPS, WEB

ROOT = Path(__file__).parents[4]
RECORDING = ("host_cleared", "managed_files", "service_config")
ETH0 = {"name": "eth0", "addresses": ["192.0.2.11/24"], "own": ["192.0.2.11"]}


@pytest.fixture
def run(collections, capsys, tmp_path):
    """Run a module with options, and return its result."""

    def run(name, **options):
        if name in RECORDING:
            options.setdefault("record", str(tmp_path / "record"))
        module = importlib.import_module(f"ansible_collections.evenkeel.ha_lb.plugins.modules.{name}")
        check_mode = {"_ansible_check_mode": options.pop("check_mode", False)}
        with patch_module_args({**options, **check_mode}), pytest.raises(SystemExit):
            module.main()
        return as_documented(name, json.loads(capsys.readouterr().out))

    return run


@pytest.fixture
def commands(tmp_path, found_first):
    """Return a function that writes a script which replaces a command of the system."""
    folder = tmp_path / "bin"
    folder.mkdir()
    found_first(folder)

    def command(name, text):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)

    return command


def test_vrrp_layout(run):
    answer = run("vrrp_layout", nodes=NODES, vips=VIPS, node="lb1", interfaces=[ETH0])
    assert answer["changed"] is False
    assert [each["interface"] for each in answer["instances"]] == ["eth0", "eth0"]
    assert run("vrrp_layout", nodes=NODES, vips=VIPS, vrrp_version=2)["takeover_seconds"] > 3


def test_the_example_of_vrrp_layout_shows_what_it_returns(run):
    module = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.modules.vrrp_layout")
    (task,) = yaml.safe_load(module.EXAMPLES)
    answer = run("vrrp_layout", **task["evenkeel.ha_lb.vrrp_layout"])
    comments = "\n".join(line[2:] for line in module.EXAMPLES.splitlines() if line.startswith("# "))
    for path, shown in yaml.safe_load(comments).items():
        value = answer
        for key in path.split(".")[1:]:
            value = value[key]
        for each in shown:
            assert any(each.items() <= {**one}.items() for one in value), each


def test_vrrp_layout_refuses_with_findings_as_data(run):
    answer = run("vrrp_layout", nodes=NODES, vips=[{**WEB, "vrid": 0}, {**WEB, "name": "api", "addresses": ["x"]}])
    assert answer["failed"]
    assert [each["path"] for each in answer["findings"]] == ["ha_lb_vips[0].vrid", "ha_lb_vips[1].addresses[0]"]
    assert answer["msg"].splitlines() == [f"{each['path']}: {each['message']}" for each in answer["findings"]]


def test_service_state(run, tmp_path):
    file = {"path": str(tmp_path / "file"), "content": "a\n"}
    answer = run("service_state", files=[file])
    assert (answer["differs"], answer["files"]) == (True, [file["path"]])
    assert run("service_state", commands=[["false"]])["msg"] == "false failed: "


def test_vip_probe(run):
    service = {"name": "shop", "mode": "http", "addresses": ["127.0.0.1"], "port": 1, "pool": "shop", "routes": []}
    answers = run("vip_probe", services=[service, {**service, "mode": "tcp"}])["answers"]
    assert [(each["mode"], each["ok"], each["what"]) for each in answers] == [
        ("http", False, "Connection refused"),
        ("tcp", False, "Connection refused"),
    ]


def test_vrrp_info_without_keepalived(run, commands, tmp_path):
    commands("ip", """echo '[{"addr_info": [{"local": "192.0.2.11"}, {"local": "2001:db8::10"}]}]'""")
    answer = run(
        "vrrp_info", pid_file=str(tmp_path / "none"), check_port=1, addresses=["192.0.2.10/24", "2001:DB8:0::10/64"]
    )
    assert {key: answer[key] for key in ("running", "proxy", "instances", "held")} == {
        "running": False,
        "proxy": "Connection refused",
        "instances": [],
        "held": ["2001:db8::10"],
    }


def test_vrrp_info_fails_with_what_it_waited_for(run, tmp_path):
    answer = run("vrrp_info", pid_file=str(tmp_path / "none"), check_port=1, wait_for="fit", wait_seconds=0)
    assert answer["msg"] == "after 0 s, keepalived does not run"


def test_vrrp_info_of_a_keepalived_that_does_not_answer(run, commands, tmp_path, monkeypatch):
    commands("ip", """echo '[{"addr_info": [{"local": "192.0.2.10"}]}]'""")
    dump = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.module_utils.keepalived.live.dump")
    monkeypatch.setattr(dump, "ANSWER_SECONDS", 0)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as mute:
        (tmp_path / "pid").write_text(f"{mute.pid}\n")
        files = {"pid_file": str(tmp_path / "pid"), "path": str(tmp_path / "status.json")}
        answer = run("vrrp_info", check_port=1, addresses=["192.0.2.10/24", "192.0.2.20/24"], **files)
        mute.kill()
    assert (answer["failed"], answer["held"]) == (True, ["192.0.2.10"])
    assert answer["msg"] == f"keepalived runs, but does not write its status to {tmp_path}/status.json"


def test_vrrp_info_refuses_a_wrong_address(run, commands, tmp_path):
    commands("ip", "echo '[]'")
    answer = run("vrrp_info", pid_file=str(tmp_path / "none"), check_port=1, addresses=["lb1"])
    assert (answer["failed"], answer["msg"]) == (True, "'lb1' is not an address")


SYSTEMCTL = """
case "$1" in
show) printf 'ActiveState=active\\nUnitFileState=enabled\\nNeedDaemonReload=no\\nDropInPaths={folder}/drop_in\\n' ;;
reload) sha256sum {folder}/path >{folder}/loaded ;;
esac
"""

OLD = b"old\n"
WORD = "sixteen letters or more"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="it gives files to root")


@pytest.fixture
def staged(tmp_path, commands):
    """Return the options of a service whose new configuration is staged."""
    commands("systemctl", SYSTEMCTL.format(folder=tmp_path))
    (tmp_path / "staged").write_text("new\n")
    (tmp_path / "path").write_text("old\n")
    (tmp_path / "loaded").write_text(f"0  {tmp_path}/path\n")
    return {"unit": "haproxy", **{name: str(tmp_path / name) for name in ("staged", "path", "loaded", "drop_in")}}


def test_service_config_in_check_mode(run, staged, tmp_path):
    answer = run("service_config", **staged, check_mode=True)
    assert answer["changed"]
    assert {name for name, value in answer["difference"].items() if value} == {"file", "loaded"}
    assert (answer["diff"]["before"], answer["diff"]["after"]) == ("old\n", "new\n")
    assert (tmp_path / "path").read_text() == "old\n"


def test_service_config_hides_secrets_on_both_sides(run, staged, tmp_path):
    path = tmp_path / "keepalived.conf"
    path.write_text("auth_pass s3cret\npriority 100\n")
    (tmp_path / "staged").write_text("auth_pass an0ther\npriority 90\n")
    answer = run("service_config", **{**staged, "path": str(path)}, check_mode=True)
    assert (answer["diff"]["before"], answer["diff"]["after"]) == (
        "auth_pass ***\npriority 100\n",
        "auth_pass ***\npriority 90\n",
    )


@needs_root
def test_service_config_hides_secrets_in_what_the_unit_says(run, staged, commands, tmp_path):
    path = tmp_path / "haproxy.cfg"
    path.write_text("stats auth ann:s3cret\n")
    (tmp_path / "staged").write_text("stats auth ann:an0ther\n")
    commands("systemctl", "[ $1 = show ] || { echo \"'ann:an0ther' and not 'ann:s3cret'\" >&2; exit 1; }")
    assert run("service_config", **{**staged, "path": str(path)})["msg"].startswith(
        "systemctl daemon-reload failed: '***' and not '***'"
    )


@needs_root
def test_service_config_puts_it_in_force_once(run, staged, tmp_path):
    assert run("service_config", **staged, mode="0640")["changed"]
    assert (tmp_path / "path").read_text() == "new\n"
    assert (tmp_path / "path").stat().st_mode & 0o777 == 0o640
    assert not run("service_config", **staged)["changed"]


def test_service_config_without_a_staged_file(run, staged, tmp_path):
    (tmp_path / "staged").unlink()
    assert run("service_config", **staged)["msg"].endswith("staged is not there: stage the configuration first")


@pytest.fixture
def single_node(staged, commands):
    """Return the options of a simultaneous reload of one node."""
    commands("ip", "echo '[]'")
    alone = {"word": WORD, "node": "lb1", "addresses": {"lb1": "127.0.0.1"}}
    return {**{name: value for name, value in staged.items() if name != "unit"}, **alone}


def test_simultaneous_reload_in_check_mode(run, single_node, tmp_path):
    answer = run("keepalived_simultaneous_reload", **single_node, check_mode=True)
    assert (answer["changed"], answer["difference"]["file"]) == (True, True)
    assert (tmp_path / "path").read_text() == "old\n"


@needs_root
def test_simultaneous_reload_and_restore(run, single_node, tmp_path):
    (tmp_path / "loaded").write_text(f"{hashlib.sha256(OLD).hexdigest()}  {tmp_path}/path\n")
    answer = run("keepalived_simultaneous_reload", **single_node)
    assert (answer["changed"], answer["waited"]) == (True, False)
    assert WORD not in json.dumps(answer)
    assert (tmp_path / "path").read_text() == "new\n"
    assert not run("keepalived_simultaneous_reload", **single_node)["changed"]
    assert run("keepalived_simultaneous_reload", **single_node, restore=True)["changed"]
    assert (tmp_path / "path").read_text() == "old\n"


@needs_root
def test_simultaneous_reload_without_a_peer(run, single_node, tmp_path):
    addresses = {"lb1": "127.0.0.1", "lb2": "127.0.0.2"}
    answer = run("keepalived_simultaneous_reload", **{**single_node, "addresses": addresses}, wait_seconds=0.1)
    assert answer["msg"].startswith("lb2 did not answer lb1, so nothing was reloaded: IP protocol 112 (VRRP) must")
    assert (tmp_path / "path").read_text() == "old\n"


@needs_root
def test_managed_files(run, tmp_path):
    folder, file = str(tmp_path / "a"), str(tmp_path / "a" / "b")
    files = [{"path": folder, "mode": "0700"}, {"path": file, "content": "one\n", "mode": "0640"}]
    assert run("managed_files", files=files, check_mode=True)["paths"] == [folder, file]
    assert not Path(folder).exists()
    answer = run("managed_files", files=files)
    assert (answer["changed"], answer["paths"]) == (True, [folder, file])
    assert (Path(file).read_text(), Path(file).stat().st_mode & 0o777) == ("one\n", 0o640)
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert run("managed_files", files=files)["changed"] is False
    answer = run("managed_files", files=[{**files[1], "content": "two\n", "mode": "0600"}])
    assert [(each["before"], each["after"]) for each in answer["diff"]] == [("one\n", "two\n")]
    assert Path(file).stat().st_mode & 0o777 == 0o600


@needs_root
def test_host_cleared(run, tmp_path):
    folder = tmp_path / "folder"
    assert run("managed_files", files=[{"path": str(folder / "file"), "content": "one\n"}])["changed"]
    paths = [str(folder / "file"), str(folder)]
    assert run("host_cleared", check_mode=True)["paths"] == paths
    assert run("host_cleared", among="/nothing")["paths"] == []
    assert run("host_cleared")["paths"] == paths
    assert not folder.exists()
    assert run("host_cleared")["changed"] is False


def test_managed_files_replaces_a_file_only_if_it_is_accepted(run, tmp_path):
    file = tmp_path / "file"
    file.write_text("right\n")
    wanted = {"path": str(file), "content": "wrong\n", "validate": "grep -q right %s"}
    answer = run("managed_files", files=[wanted])
    assert answer["msg"].startswith(f"{file} is refused, and stays as it is")
    assert file.read_text() == "right\n"
    wanted = {**wanted, "path": str(tmp_path / "haproxy.cfg"), "content": "stats auth ann:s3cret\n"}
    answer = run("managed_files", files=[{**wanted, "validate": "sh -c 'cat $1; exit 1' sh %s"}])
    assert answer["msg"] == f"{wanted['path']} is refused, and stays as it is: stats auth ***"
    wanted = {**wanted, "path": str(file), "validate": "grep -q right %s"}
    assert run("managed_files", files=[{**wanted, "content": "still right\n", "mode": "0644"}])["changed"]


@needs_root
def test_managed_files_shows_no_secret(run, tmp_path):
    file = tmp_path / "file"
    answer = run("managed_files", files=[{"path": str(file), "secret": "geheim and more", "mode": "0600"}])
    assert (answer["changed"], file.read_text()) == (True, "geheim and more")
    assert "geheim" not in json.dumps(answer)
    assert run("managed_files", files=[{"path": f"{file}2", "content": "long", "diff": False}])["diff"] == []
    assert (
        run("managed_files", files=[{"path": str(file), "secret": "geheim and more", "mode": "0600"}])["changed"]
        is False
    )


@needs_root
def test_managed_files_runs_after(run, tmp_path):
    file, proof = tmp_path / "file", tmp_path / "proof"
    files = [{"path": str(file), "content": "a\n"}]
    assert run("managed_files", files=files, after=f"touch {proof}", check_mode=True)["changed"]
    assert not proof.exists()
    assert run("managed_files", files=files, after=f"touch {proof}")["changed"]
    assert proof.exists()
    assert run("managed_files", files=files, after="true")["changed"] is False
    assert run("managed_files", files=files, after="echo started x")["said"] == "started x"
    assert run("managed_files", files=files, after="ls /nowhere")["msg"].startswith("ls /nowhere failed: ls: ")


def test_notify_test(run, tmp_path):
    paths = {"fifo": str(tmp_path / "fifo"), "channels": str(tmp_path / "channels")}
    assert "run `site`" in run("notify_test", **paths)["msg"]
    assert run("notify_test", **paths, check_mode=True)["says"] == ["nothing is sent in check mode"]


RUN = {"who": "ann@ops1", "playbook": "site", "began": "now", "space": "boot-1 pid:[1]", "pid": 4711, "started": "1"}


@needs_root
def test_cluster_lock_is_for_one_run_at_a_time(run, tmp_path):
    path = tmp_path / "run" / "lock"
    lock = {"path": str(path), "node": "lb1"}
    other = {**RUN, "pid": 4712}
    run("cluster_lock", **lock, run=RUN, state="free")
    run("cluster_lock", **lock, run=RUN, check_mode=True)
    assert not path.exists()
    mine = run("cluster_lock", **lock, run=RUN)
    assert (mine["changed"], path.stat().st_mode & 0o777) == (False, 0o600)
    for state in ("held", "free"):
        refused = run("cluster_lock", **lock, run=other, state=state)
        assert refused["msg"].startswith("lb1: ann@ops1 runs site since now")
        assert refused["holder"] == {**RUN, "id": mine["id"]}
    run("cluster_lock", **lock, run=other, state="released")
    assert path.exists()
    assert run("cluster_lock", **lock, run=other, broken=mine["id"])["id"] != mine["id"]
    run("cluster_lock", **lock, run=other, state="released")
    assert not path.exists()


NONSENSE = [None, 5, "text", [], [5], {"a": 1}, [{"name": 1}]]
RAW = [("vrrp_layout", "nodes", {"vips": VIPS}), ("vrrp_layout", "vips", {"nodes": NODES})]
RAW += [("vrrp_layout", "sync_groups", {"nodes": NODES, "vips": VIPS})]


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize(("module", "option", "others"), RAW)
def test_nonsense_is_no_traceback(run, module, option, others, value):
    answer = run(module, **others, **{option: value})
    assert answer.get("failed", False) is not ("layout" in answer)


def test_vrrp_drain_and_restore(run, commands, tmp_path):
    commands("ip", "echo '[]'")
    (tmp_path / "drain").write_text("0\n")
    files = {"path": str(tmp_path / "drain"), "at_boot": str(tmp_path / "boot"), "admin_socket": str(tmp_path / "none")}
    assert run("vrrp_drain", value=-253, addresses=["192.0.2.10"], check_mode=True, **files)["changed"]
    assert (tmp_path / "drain").read_text() == "0\n"
    assert run("vrrp_drain", value=-253, addresses=["192.0.2.10"], **files)["changed"]
    assert (tmp_path / "drain").read_text() == "-253\n"
    assert run("vrrp_drain", value=-253, by="upgrade", **files)["changed"]
    assert (tmp_path / "drain").read_text() == "-253 upgrade\n"
    assert "value of by must be one of" in run("vrrp_drain", value=-253, by="nobody", **files)["msg"]
    answer = run("vrrp_drain", value=0, addresses=["192.0.2.10"], wait_seconds=0, **files)
    assert "192.0.2.10 did not come back to this node" in answer["msg"]
    assert not run("vrrp_drain", value=0, **files)["changed"]


def test_vrrp_drain_refuses_a_node_that_is_not_set_up(run, commands, tmp_path):
    commands("ip", "echo '[]'")
    answer = run("vrrp_drain", value=-253, path=str(tmp_path / "drain"), at_boot=str(tmp_path / "boot"))
    assert answer["msg"].endswith("is not there: this node is not set up, or by somebody else; run site first")


@pytest.mark.parametrize(
    ("back", "says"),
    [(False, "haproxy: 2.6-1 becomes 2.6-2"), (True, "no earlier version is noted: there is nothing to go back to")],
)
def test_upgrade_plan(run, commands, tmp_path, back, says):
    table = "     2.6-2 500\\n        500 file:/srv ./ Packages\\n *** 2.6-1 100\\n        100 /var/lib/dpkg/status\\n"
    commands("apt-cache", f"printf 'haproxy:\\n  Installed: 2.6-1\\n  Candidate: 2.6-2\\n  Version table:\\n{table}'")
    commands("apt-mark", ":")
    noted = str(tmp_path / "versions.json")
    answer = run("upgrade_plan", node="lb1", packages={"haproxy": ["haproxy"]}, back=back, noted=noted)
    assert (answer["installed"], answer["says"], answer["refused"]) == ({"haproxy": "2.6-1"}, [says], [])
    answer = run("upgrade_plan", node="lb1", packages={"haproxy": ["haproxy"]}, versions={"nginx": "1"}, noted=noted)
    assert answer["refused"] == ["lb1: ha_lb_versions: unknown key nginx; the keys are haproxy"]
