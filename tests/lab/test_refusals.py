"""Wrong input and broken runs: every problem is a sentence, and nothing on any host is changed."""

import re

import pytest

from lab.playbook import Run

BALANCERS = ("lb1", "lb2")
FINGERPRINT = (
    "find /etc /usr/local /var/lib/ha_lb /run/ha_lb -type f -printf '%p %s %T@ %m %u\\n' | sort | sha256sum;"
    "systemctl show --property=MainPID keepalived haproxy; ip -brief address show eth0"
)

SERVER = {"name": "web1", "address": "192.168.1.187", "port": 80}
STATIC = {
    "ha_lb_vipz": [],
    "ha_lb_vips": [
        {"name": "web", "addresses": ["192.168.1.200/24"], "vird": 9},
        {"name": "again", "addresses": ["192.168.1.200/24"], "vrid": 0},
        {"name": "own", "addresses": ["192.168.1.193/24"], "vrid": 256},
        {"name": "word", "addresses": ["192.168.1.201/24"], "vrid": "51a"},
        {"name": "first", "addresses": ["192.168.1.202/24"], "vrid": 77, "priorities": {"lb1": 255, "lb2": 10}},
        {"name": "second", "addresses": ["192.168.1.203/24"], "vrid": 77},
        {"name": "typo", "addresses": ["192.168.1.300/24"]},
    ],
    "ha_lb_services": [
        {"name": "lost", "vip": "nowhere", "port": 80, "servers": [SERVER]},
        {"name": "one", "vip": "web", "port": 81, "servers": [{**SERVER, "name": "web 1"}]},
        {"name": "two", "vip": "web", "port": 81, "servers": [SERVER]},
        {"name": "high", "vip": "web", "port": 70000, "servers": [SERVER]},
    ],
    "haproxy_stats_enabled": True,
    "haproxy_stats_password": "",
}
STATIC_FINDINGS = (
    "ha_lb_vipz: unknown variable; did you mean ha_lb_vips?",
    "ha_lb_vips[0].vird: unknown key; did you mean vrid?",
    "ha_lb_vips[1].addresses[0]: 192.168.1.200 is already in ha_lb_vips[0].addresses[0]",
    "ha_lb_vips[1].vrid: 0 is not a whole number from 1 to 255",
    "ha_lb_vips[2].addresses[0]: 192.168.1.193 is the own address of lb2, and cannot move",
    "ha_lb_vips[2].vrid: 256 is not a whole number from 1 to 255",
    "ha_lb_vips[3].vrid: '51a' is not a whole number from 1 to 255",
    "ha_lb_vips[4].priorities.lb1: 255 is not a whole number from 1 to 254: "
    "255 belongs to the owner of the address, whose trackers keepalived ignores",
    "ha_lb_vips[5].vrid: 77 is already the VRID of ha_lb_vips[4] for IPv4",
    "ha_lb_vips[6].addresses[0]: 192.168.1.300/24 is not an address",
    "ha_lb_services[0].vip: nowhere is not the name of a VIP (again, first, own, second, typo, web, word)",
    "ha_lb_services[1].servers[0].name: 'web 1' is not a name (letters, digits, dot, dash and underscore)",
    "ha_lb_services[2].port: port 81 of web already belongs to ha_lb_services[1]",
    "ha_lb_services[3].port: 70000 is not a whole number from 1 to 65535",
    "haproxy_stats_password: is missing: the statistics page has no default user and password",
)

LAYOUT = {
    "ha_lb_engine": "lvs",
    "keepalived_vrrp_version": "{{ 2 if inventory_hostname == 'lb2' else 3 }}",
    "ha_lb_vips": [
        {"name": "web", "addresses": ["192.168.1.200/24"], "prefer": "lb9"},
        {"name": "api", "addresses": ["192.168.1.201/24"], "pin": "lb1", "prefer": "lb2"},
        {"name": "db", "addresses": ["192.168.1.202/24"], "pin": "lb2", "vrid": 51},
    ],
    "keepalived_sync_groups": [{"name": "both", "vips": ["api", "db"]}],
    "ha_lb_taken_vrids": [51],
}
LAYOUT_FINDINGS = (
    "ha_lb_engine: 'lvs' is not one of haproxy, nginx",
    "ha_lb_vips[0].prefer[0]: lb9 is not a node of the cluster (lb1, lb2)",
    "ha_lb_vips[1].prefer[0]: lb2 is not one of the nodes of pin (lb1)",
    "ha_lb_vips[2].vrid: 51 is taken by somebody else (ha_lb_taken_vrids)",
    "keepalived_sync_groups[0].vips: api and db never part, and have different pin: lb1, and lb2",
    "hostvars[lb2].keepalived_vrrp_version: is 2, and is 3 on lb1: the nodes of a cluster must agree",
)


def fingerprints(lab):
    return {node: lab.run(node, FINGERPRINT).stdout for node in BALANCERS}


@pytest.fixture
def untouched(lab, cluster):
    """Start with a whole cluster, so that no VIP is about to move back, and end with the same state."""
    cluster.wait_whole()
    before = fingerprints(lab)
    yield
    assert fingerprints(lab) == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("variables", "findings"), [(STATIC, STATIC_FINDINGS), (LAYOUT, LAYOUT_FINDINGS)], ids=["values", "layout"]
)
def test_all_findings_at_once(lab, variables, findings):
    run = Run(lab, "site", variables).finish()
    assert run.process.returncode != 0
    assert sorted(run.failures[0].splitlines()) == sorted(findings)
    assert "Traceback" not in run.output


@pytest.mark.usefixtures("untouched")
def test_findings_that_need_the_hosts(lab):
    vips = [{"name": "web", "addresses": ["192.168.1.200/24"]}, {"name": "far", "addresses": ["198.51.100.7/24"]}]
    run = Run(lab, "site", {"ha_lb_vips": vips}).finish()
    assert run.process.returncode != 0
    findings = run.failures[0].splitlines()
    for node in BALANCERS:
        outside = f"ha_lb_vips[1].addresses[0]: 198.51.100.7/24 is in no subnet of {node} ("
        assert any(finding.startswith(outside) for finding in findings), findings


@pytest.mark.usefixtures("untouched")
def test_one_node_is_allowed_with_a_warning(lab, tmp_path):
    (tmp_path / "solo.yml").write_text("solo: {hosts: {lb1: {}}}\n")
    other = lab.nodes["lb2"].addresses[0].partition("/")[0]
    accepted = {"ha_lb_group": "solo", "ha_lb_accept_conflicts": [other]}
    run = Run(lab, "preflight", accepted, "-i", str(tmp_path / "solo.yml")).finish()
    assert run.process.returncode == 0, run.output
    assert "lb1 is the only node: the cluster is not highly available" in " ".join(run.output.split())


@pytest.mark.usefixtures("untouched")
def test_an_unknown_group(lab):
    run = Run(lab, "site", {"ha_lb_group": "balancers"}).finish()
    assert run.process.returncode != 0
    assert run.failures == ["ha_lb_group: the inventory has no hosts in a group balancers"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("node", ["lb1", pytest.param("lb2", marks=pytest.mark.matrix)])
def test_a_limit_changes_no_file(lab, node):
    run = Run(lab, "site", {}, "--limit", f"localhost,{node}").finish()
    assert run.process.returncode == 0, run.output
    assert re.search(rf"^{node} +: ok=\d+ +changed=0 ", run.output, re.MULTILINE)


@pytest.mark.usefixtures("untouched")
def test_snippet_that_does_not_parse(lab):
    run = Run(lab, "site", {"haproxy_extra_global": "nonsense"}).finish()
    assert run.process.returncode != 0
    assert len(run.failures) == len(BALANCERS)
    for failure in run.failures:
        assert failure.startswith("/var/lib/ha_lb/haproxy.cfg is refused, and stays as it is")
        assert "unknown keyword 'nonsense'" in failure


@pytest.mark.usefixtures("untouched")
def test_package_that_cannot_be_installed(lab):
    run = Run(lab, "site", {"__haproxy_packages": ["haproxy-nowhere"]}).finish()
    assert run.process.returncode != 0
    assert all("haproxy-nowhere" in failure for failure in run.failures)


def test_a_node_that_is_lost_during_the_run(lab, cluster):
    """The last node is lost while the first is changed: the service goes on, and the run reports every node's state."""
    cluster.wait_whole()
    last = cluster.active()
    first = next(node for node in BALANCERS if node != last)
    run = Run(lab, "site", {"haproxy_timeout_server_seconds": 32})
    run.until("PLAY [Put in force, one node")
    lab.run(last, "systemctl stop ssh; pkill -KILL sshd", check=False)
    try:
        run.finish()
        assert run.process.returncode != 0
        assert run.failures[-1].splitlines()[0] == f"node {last}: not changed as wanted: it was lost on the way"
        assert re.search(rf"{last} +- +no +unreachable", run.output)
        assert "timeout server 32000ms" in lab.run(first, "cat /etc/haproxy/haproxy.cfg").stdout
        assert "timeout server 30000ms" in lab.run(last, "cat /etc/haproxy/haproxy.cfg").stdout
        assert lab.run("client", "curl -sS -m 3 -H 'Host: test.com' http://192.168.1.200/").stdout.startswith("web")
    finally:
        lab.run(last, "systemctl start ssh")
        lab.hang_up(last)
    assert Run(lab, "site", {}).finish().process.returncode == 0
    assert "timeout server 30000ms" in lab.run(first, "cat /etc/haproxy/haproxy.cfg").stdout
