# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from module_utils.operations.preflight.result import preflight
from module_utils.operations.preflight.wire import SILENCE, listened_for, wire_of
from pages import JINJA
from samples import NODES, STRANGER, SURPRISES, VIPS, WEB, heard

NAME = f"vrid 10 ipv4 {STRANGER}"


def interface(name: str, address: str) -> dict[str, Any]:
    return {"name": name, "addresses": [f"{address}/24"], "own": [address]}


FACTS = {node["name"]: [interface("eth0", node["address"][0]), interface("eth1", "198.51.100.11")] for node in NODES}


def report(*records: dict[str, Any], configs: Any = (), refused: Any = (), **variables: Any) -> dict[str, Any]:
    wire = {node["name"]: {"heard": list(records), "answers": [], "unseen": ["VLANs."]} for node in NODES}
    seen = {"wire": wire, "interfaces": FACTS, "configs": list(configs), "refused": list(refused)}
    return preflight(NODES, {"ha_lb_vips": VIPS, **variables}, "edge", seen)


def test_silence_and_what_cannot_be_heard() -> None:
    made = report()
    assert made["findings"] == []
    assert made["says"]["wire"] == [SILENCE]
    assert made["says"]["unheard"] == ["VLANs."]
    assert "conflicts" not in made["says"]


def test_a_stranger_with_our_vrid_is_a_finding() -> None:
    made = report(heard())
    assert len(made["findings"]) == 1
    assert made["findings"][0].endswith(f'; or accept it: ha_lb_accept_conflicts: ["{NAME}"]')
    assert made["says"]["verdict"].endswith("But there is 1 conflict.")
    row = made["says"]["wire"][1].split()
    assert row[:5] == ["10", STRANGER, "02:00:00:00:00:99", "VRRPv2", "200"]
    assert made["says"]["wire"][1].endswith("lb1, lb2")
    page = JINJA.get_template("preflight.html.j2").render(page=made["page"])
    assert (
        page.index('class="verdict fails"')
        < page.index(NAME)
        < page.index("On the wire")
        < page.index(STRANGER, page.index("On the wire"))
    )


def test_a_stranger_on_another_interface_is_no_conflict() -> None:
    made = report(heard(interface="eth1"))
    assert made["findings"] == []
    assert made["says"]["wire"][1].split()[1] == STRANGER


def test_an_answer_on_another_interface_is_no_conflict() -> None:
    answer = {"address": "192.0.2.10", "macs": ["02:00:00:00:00:99"], "own": False}
    for place, count in (("eth0", 1), ("eth1", 0)):
        wire = {"lb1": {"heard": [], "answers": [{**answer, "interface": place}]}}
        made = preflight(NODES, {"ha_lb_vips": VIPS}, "edge", {"wire": wire, "interfaces": FACTS})
        assert len(made["findings"]) == count


def test_a_conflict_that_is_accepted_is_still_shown() -> None:
    made = report(heard(), ha_lb_accept_conflicts=[NAME])
    assert made["findings"] == []
    assert made["says"]["conflicts"][0].startswith("accepted: ")
    assert made["says"]["verdict"].startswith("The proof holds.")


@pytest.mark.parametrize("name", ["", "vrid 10", "vrid 10 ipv4 192.0.2.98", "vrid 10 ipv6 192.0.2.99"])
def test_another_name_accepts_no_conflict(name: str) -> None:
    assert report(heard(), ha_lb_accept_conflicts=[name])["findings"]


def test_our_own_nodes_are_named_and_are_no_conflict() -> None:
    ours = heard(
        source="192.0.2.11", addresses=["192.0.2.10"], protocol="vrrp3", destination="192.0.2.12", priority=254
    )
    made = report(ours)
    assert made["findings"] == []
    assert made["says"]["wire"][1].split()[1] == "lb1"


def test_a_stale_instance_of_our_own_is_shown_and_is_no_finding() -> None:
    made = report(heard(source="192.0.2.11", vrid=77, destination="192.0.2.12"))
    assert made["findings"] == []
    assert made["says"]["conflicts"][0].startswith("site mends this: our node 192.0.2.11 ")


def test_conflicts_are_findings_where_the_input_is_refused() -> None:
    made = report(heard(), refused=["ha_lb_vipz: unknown variable"])
    assert made["page"] is None
    assert made["findings"][0].startswith("ha_lb_vipz: ")
    assert NAME in made["findings"][1]
    assert made["says"]["verdict"] == "The input is refused: 1 finding. But there is 1 conflict."


def test_strangers_are_shown_where_the_vips_cannot_be_read() -> None:
    made = report(heard(), refused=["ha_lb_vips[0].vrid: 0 is not"], ha_lb_vips=[{**WEB, "vrid": 0}])
    assert len(made["findings"]) == 1
    assert made["says"]["wire"][1].split()[1] == STRANGER


def test_the_linter_is_shown_and_is_no_finding() -> None:
    instance = (
        "vrrp_instance web {{\n interface eth0\n virtual_router_id {}\n virtual_ipaddress {{\n 192.0.2.10/24\n }}\n}}\n"
    )
    configs = [
        {"node": node, "content": instance.format(vrid), "facts": {}} for node, vrid in (("lb1", 51), ("lb2", 52))
    ]
    made = report(configs=configs)
    assert made["findings"] == []
    assert any(line.startswith("E KA101 lb2 ") for line in made["says"]["configuration now"])
    assert "KA101" in {each["rule"] for each in made["data"]["lint"]}
    page = JINJA.get_template("preflight.html.j2").render(page=made["page"])
    assert "E KA101" in page


@pytest.mark.parametrize("variable", ["ha_lb_taken_vrids", "ha_lb_accept_conflicts"])
@pytest.mark.parametrize("value", SURPRISES, ids=repr)
def test_a_refused_list_is_ignored(variable: str, value: Any) -> None:
    made = report(heard(), refused=[f"{variable}: is wrong"], **{variable: value})
    assert made["findings"][0] == f"{variable}: is wrong"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, ""),
        (4.0, "4 s"),
        (90.2, "90 s"),
        (720.4, "12 min"),
        (7199.0, "120 min"),
        (7200.0, "2 h"),
        (172_799, "48 h"),
        (200_000, "2 days"),
    ],
)
def test_listened_for(seconds, text):
    assert listened_for(seconds) == text


def test_the_shortest_of_all_nodes_is_said():
    wire = {name: {"listened_seconds": seconds} for name, seconds in (("lb1", 720.0), ("lb2", 4.0))}
    assert wire_of((), {"wire": wire}, {})["listened_for"] == "4 s"
    assert wire_of((), {}, {})["listened_for"] == ""
