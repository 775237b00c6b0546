# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a lab, what its images are made of, and how a node with a kernel of its own is reached."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from lab import images, machine, ssh
from lab.cluster import Lab, Node
from lab.engine import LabError
from lab.spec import read_spec

EXAMPLES = Path(__file__).parents[2] / "examples"
INVENTORY = "all: {hosts: {lb1: {ansible_host: 192.0.2.11}}}\n"


def described(folder: Path, lab_yml: str) -> Path:
    (folder / "inventory.yml").write_text(INVENTORY)
    file = folder / "lab.yml"
    file.write_text(f"inventory: inventory.yml\n{lab_yml}")
    return file


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    nodes = {
        "lb1": Node("x-lb1", "debian12-machine", "10.213.0.11", ("192.0.2.11/24",), (), machine=True),
        "web1": Node("x-web1", "debian12-backend", "10.213.0.12", ("192.0.2.21/24",), (), machine=False),
    }
    return Lab(tmp_path, "x", "x-switch", "", nodes)


def test_a_node_says_which_modules_its_kernel_must_have(tmp_path: Path) -> None:
    spec = read_spec(described(tmp_path, "nodes: {lb1: {kernel: [ip_vs, ipip]}}\n"))
    assert spec.nodes["lb1"].kernel == ("ip_vs", "ipip")
    assert read_spec(described(tmp_path, "")).nodes["lb1"].kernel == ()


@pytest.mark.parametrize("kernel", ["ip_vs", "[6.1]", "[ip-vs]", "{ip_vs: true}", "['']", "[ip_vs, null]"])
def test_what_is_no_list_of_modules_is_refused_by_its_path(tmp_path: Path, kernel: str) -> None:
    file = described(tmp_path, f"nodes: {{lb1: {{kernel: {kernel}}}}}\n")
    with pytest.raises(LabError, match=r"lab\.yml: nodes\.lb1\.kernel: .* is no list of kernel modules"):
        read_spec(file)


def test_the_kind_with_a_kernel_of_its_own_is_no_image_to_choose(tmp_path: Path) -> None:
    file = described(tmp_path, "nodes: {lb1: {image: debian12-machine}}\n")
    with pytest.raises(LabError, match=r"lab\.yml: nodes\.lb1\.image: debian12-machine is none of"):
        read_spec(file)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/lab.yml")), ids=lambda file: file.parent.name)
def test_every_example_describes_a_lab(file: Path) -> None:
    assert read_spec(file).nodes


def test_the_directors_of_r5_need_ipvs() -> None:
    nodes = read_spec(EXAMPLES / "r5-lvs-dr/lab.yml").nodes
    assert {name for name, node in nodes.items() if "ip_vs" in node.kernel} == {"lb1", "lb2"}


def test_what_the_kernel_has_is_not_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_load", lambda module: module == "ipip")
    (tmp_path / "ip_vs").mkdir()
    assert machine.missing(["ip_vs", "ipip", "fou"], loaded=tmp_path) == ["fou"]
    assert machine.missing([], loaded=tmp_path) == []


def test_without_modprobe_nothing_can_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(*_: str) -> list[str]:
        raise LabError("modprobe is not installed")

    monkeypatch.setattr(machine, "as_root", not_installed)
    assert machine.missing(["ip_vs"], loaded=tmp_path) == ["ip_vs"]


def test_an_image_is_made_of_its_own_recipe_and_those_below_it() -> None:
    def names(kind: str) -> set[str]:
        return {str(part.relative_to(images.RECIPE)) for part in images.parts(kind)}

    node = names("debian12")
    assert {"node.Containerfile", "backend.Containerfile", "sshd.conf"} <= node
    assert names("debian13-backend") == node
    assert names("debian12-build") - node == {"build/Containerfile"}
    machines = {f"machine/{name}" for name in ("Containerfile", "boot", "init", "network.conf")}
    assert names("debian12-machine") - node == machines
    assert names("debian12-build-machine") - node == {"build/Containerfile", *machines}


def test_a_command_in_a_machine_goes_over_ssh_word_by_word(lab: Lab) -> None:
    command = lab.command("lb1", ["echo", "two words", "$HOME"])
    assert command[0] == "ssh"
    assert command[-2:] == ["10.213.0.11", shlex.join(["echo", "two words", "$HOME"])]
    assert {"-oStrictHostKeyChecking=yes", "-oBatchMode=yes", f"-oControlPath={lab.state}/ssh/lb1.sock"} <= {*command}
    assert lab.command("lb1", "a && b")[-1] == "bash -c 'a && b'"


def test_a_socket_whose_name_is_too_long_for_the_kernel_is_not_asked_for(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    assert ssh.control_path(deep, "lb1") is None
    assert not any("Control" in word for word in machine.command(deep, "lb1", "10.213.0.11", ["true"]))


def test_the_nic_of_a_machine_cannot_be_deleted(lab: Lab) -> None:
    with pytest.raises(LabError, match="lb1 is a machine"):
        lab.delete_nic("lb1")


def test_the_lab_that_is_saved_is_the_lab_that_is_loaded(lab: Lab) -> None:
    lab.save()
    assert Lab.load(lab.state) == lab
