"""What the documentation shows is what the core accepts, and refuses."""

import re
from pathlib import Path

import pytest
import yaml
from module_utils.errors import Refused
from module_utils.traffic.read import read_traffic
from module_utils.vrrp.read import read_cluster

ROOT = Path(__file__).parents[2]
NODES = [
    {"name": "lb1", "address": ["192.0.2.11", "2001:db8::11"]},
    {"name": "lb2", "address": ["192.0.2.12", "2001:db8::12"]},
]

SERVER = {"name": "web1", "address": "192.0.2.21", "port": 8080}


def blocks(file, language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / file).read_text(), re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


def test_the_readme_shows_a_complete_input():
    shown = yaml.safe_load(blocks("README.md", "yaml")[0])
    hosts = shown["loadbalancers"]["hosts"]
    nodes = [{"name": name, "ansible_host": host["ansible_host"]} for name, host in hosts.items()]
    cluster = read_cluster(nodes, shown["ha_lb_vips"])
    read_traffic(shown["ha_lb_services"], [], [vip.name for vip in cluster.vips])


def test_the_readme_shows_real_refusals():
    shown = next(block for block in blocks("README.md", "") if "is not an address" in block)
    said = []
    for read in (
        lambda: read_cluster(NODES, [{"name": "web", "addresses": ["192.0.2.300/24"]}]),
        lambda: read_traffic([{"name": "shop", "vip": "web", "port": 70000, "servers": [SERVER]}], [], ["web"]),
    ):
        with pytest.raises(Refused) as refused:
            read()
        said.append(str(refused.value))
    assert shown.splitlines() == said


def test_every_key_of_the_variables_page_is_accepted():
    vips, services = (yaml.safe_load(block) for block in blocks("docs/variables.md", "yaml"))
    vip = vips["ha_lb_vips"][0]
    for contradiction in ("prefer", "priorities"):
        read_cluster(NODES, [{key: value for key, value in vip.items() if key != contradiction}])
    pools = services["ha_lb_pools"]
    pools += [{**pools[0], "name": name} for name in ("api", "canary", "upload")]
    read_traffic(services["ha_lb_services"], pools, ["web"])
