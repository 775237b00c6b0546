# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances of different nodes are one, and how differences are put into words."""

from __future__ import annotations

import pytest
from configurations import nodes
from module_utils.basics.wording import differ, grouped, listed, odd
from module_utils.keepalived.config.matching import disagreements, logical_instances, shared


def instance(name, *vips, priority=100):
    lines = "".join(f"        {vip}\n" for vip in vips)
    return (
        f"vrrp_instance {name} {{\n    interface eth0\n    virtual_router_id 7\n    priority {priority}\n"
        f"    virtual_ipaddress {{\n{lines}    }}\n}}\n"
    )


def matched(*texts):
    return [
        (logical.name, {node: member.name for node, member in logical.members.items()})
        for logical in logical_instances(nodes(*texts))
    ]


def test_instances_with_a_common_vip_are_one_whatever_their_names():
    assert matched(
        instance("web", "192.0.2.10") + instance("api", "192.0.2.20"),
        instance("VI_1", "192.0.2.20/24", "192.0.2.21") + instance("VI_2", "192.0.2.10"),
    ) == [("web", {"lb1": "web", "lb2": "VI_2"}), ("api", {"lb1": "api", "lb2": "VI_1"})]


def test_the_instance_with_most_common_vips_matches():
    both = instance("a", "192.0.2.1", "192.0.2.2") + instance("b", "192.0.2.3", "192.0.2.4", "192.0.2.5")
    assert matched(both, instance("c", "192.0.2.2", "192.0.2.3", "192.0.2.4")) == [
        ("a", {"lb1": "a"}),
        ("b", {"lb1": "b", "lb2": "c"}),
    ]


def test_without_a_common_vip_the_name_decides():
    assert matched(instance("web", "192.0.2.10"), instance("web", "192.0.2.20")) == [
        ("web", {"lb1": "web", "lb2": "web"})
    ]
    assert matched(instance("web"), instance("web"), instance("web")) == [
        ("web", {"lb1": "web", "lb2": "web", "lb3": "web"})
    ]


def test_one_name_in_two_families_is_two_instances():
    assert len(logical_instances(nodes(instance("web", "192.0.2.10"), instance("web", "2001:db8::10")))) == 2


def test_two_instances_of_one_node_never_match():
    assert matched(instance("a", "192.0.2.10") + instance("b", "192.0.2.10"), instance("c", "192.0.2.10")) == [
        ("a", {"lb1": "a", "lb2": "c"}),
        ("b", {"lb1": "b"}),
    ]


def test_clusters_with_the_same_names_stay_apart():
    """Fifty clusters copied from one sample: VIPs tell which nodes belong together, and names become unique."""
    texts = [instance("VI_1", f"10.0.{pair}.10") for pair in range(50) for _node in range(2)]
    found = logical_instances(nodes(*texts))
    assert [list(each.members) for each in found] == [[f"lb{2 * pair + 1}", f"lb{2 * pair + 2}"] for pair in range(50)]
    assert len({each.name for each in found}) == 50
    assert found[1].name == "VI_1 (10.0.1.10)"


@pytest.mark.parametrize(
    ("vips", "expected"),
    [
        ([], "web"),
        (["192.0.2.10/24"], "web, which holds 192.0.2.10"),
        (["192.0.2.10", "192.0.2.11", "192.0.2.12"], "web, which holds 192.0.2.10 and 2 more"),
    ],
)
def test_an_instance_in_words(vips, expected):
    assert [str(each) for each in logical_instances(nodes(instance("web", *vips)))] == [expected]


def test_shared_are_instances_of_several_nodes():
    given = nodes(instance("web", "192.0.2.10") + instance("own", "192.0.2.20"), instance("web", "192.0.2.10"))
    assert [(each.name, list(among)) for each, among in shared(given)] == [("web", ["lb1", "lb2"])]


def test_a_disagreement_points_at_the_node_that_deviates():
    texts = [instance("web", "192.0.2.10", priority=priority) for priority in (100, 90, 100)]
    (found,) = disagreements(nodes(*texts), lambda _node, each: str(each.priority))
    assert (found.node.name, found.instance.priority) == ("lb2", 90)
    assert found.values == {"lb1": "100", "lb2": "90", "lb3": "100"}
    assert not list(disagreements(nodes(texts[0], texts[2]), lambda _node, each: str(each.priority)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"a": "1", "b": "2"}, "a has advert_int 1 and b has 2"),
        ({"a": "1", "b": "2", "c": "2"}, "b and c have advert_int 2 and a has 1"),
        ({"a": "1", "b": ""}, "a has advert_int 1 and b has none"),
        ({"a": "", "b": "1"}, "a has no advert_int and b has 1"),
    ],
)
def test_differing_values_in_words(values, expected):
    assert differ(values, "advert_int") == expected


def test_lists_in_words():
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert grouped({"a": "1", "b": "2", "c": "2"}) == [["b", "c"], ["a"]]
    assert odd([["b", "c"], ["a"]]) == "a"
