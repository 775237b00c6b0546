"""What the documentation shows is what the core accepts, and refuses."""

import re
from pathlib import Path

import pytest
import yaml
from module_utils.basics.errors import Refused
from module_utils.cluster.layout_result import layout_result
from module_utils.engines.catalogue import engine_named
from module_utils.engines.lvs.kernel import PREEMPT_DELAY, REFRESH
from module_utils.engines.lvs.view import RETRY, TIMEOUT
from module_utils.traffic.layer4 import LAYER4
from module_utils.traffic.read import read_traffic
from module_utils.vrrp.layout import lay_out
from module_utils.vrrp.read import VIP_FIELDS, read_cluster
from module_utils.vrrp.simulation.machine import TABLE
from module_utils.vrrp.simulation.proof import prove
from module_utils.vrrp.uplinks import MOST_UPLINKS, longest_notice
from module_utils.vrrp.weights import LEAST_WITH_UPLINKS, UPLINK_WEIGHT

ROOT = Path(__file__).parents[2]
NODES = [
    {"name": "lb1", "address": ["192.0.2.11", "2001:db8::11"]},
    {"name": "lb2", "address": ["192.0.2.12", "2001:db8::12"]},
]

WEB = {"name": "web", "addresses": ["192.0.2.10/24"]}
SERVER = {"name": "web1", "address": "192.0.2.21", "port": 8080}
ARCHITECTURE = ROOT / "docs/architecture.md"
CORE = ROOT / "plugins/module_utils"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
SUFFIXES = (".cfg", ".j2", ".md", ".py", ".sh", ".yml")
# Too wide to say where a file belongs
WIDE = {ROOT, CORE, *(ROOT / each for each in ("plugins", "playbooks", "playbooks/tasks", "roles"))}


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


def test_the_diagram_of_states_is_the_table():
    (diagram,) = blocks("docs/proof.md", "mermaid")
    names = {"Advert (lower priority)": "Advert", "Advert (higher priority)": "SuperiorAdvert"}
    edges = re.findall(r"^ +(\w+) --> (\w+): (.*)$", diagram, re.MULTILINE)
    shown = [(state, names.get(event, event), after) for state, after, events in edges for event in events.split(", ")]
    assert sorted(shown) == sorted(
        (state.value, event.__name__, row.after.value) for (state, event), row in TABLE.items()
    )


def test_the_vips_of_the_layout_page_are_accepted():
    vips = yaml.safe_load(blocks("docs/layout.md", "yaml")[0])["ha_lb_vips"]
    nodes = [*NODES, {"name": "lb3", "address": "192.0.2.13"}]
    cluster = read_cluster(nodes, vips)
    assert [instance.order for instance in lay_out(cluster).instances] == [
        ("lb2", "lb1", "lb3"),
        ("lb3", "lb1"),
        ("lb1", "lb2", "lb3"),
    ]


def test_the_times_of_the_proof_page():
    proof = layout_result(NODES, [{"name": "web", "addresses": ["192.0.2.10/24"]}], proof=True)["proof"]
    single = {each["parts"][0]["kind"]: each for each in reversed(proof["failures"]) if len(each["parts"]) == 1}
    text = (ROOT / "docs/proof.md").read_text()
    for kind, row in (("node", "| a node, or its network |"), ("proxy", "| a proxy |")):
        line = next(line for line in text.splitlines() if line.startswith(row))
        assert line.endswith(f"| {single[kind]['outage_seconds'] * 1000:.0f} ms |")
    assert single["keepalived"]["outage_seconds"] == 0
    assert single["keepalived"]["two_holders_seconds"] <= 0.2


def test_every_key_of_the_variables_page_is_accepted():
    vips, services, packets, uplinks = (yaml.safe_load(block) for block in blocks("docs/variables.md", "yaml"))
    vip = vips["ha_lb_vips"][0]
    for contradiction in ("prefer", "priorities"):
        read_cluster(NODES, [{key: value for key, value in vip.items() if key != contradiction}])
    assert set(vip) == set(VIP_FIELDS)
    pools = services["ha_lb_pools"]
    pools += [{**pools[0], "name": name} for name in ("api", "canary", "upload")]
    read_traffic(services["ha_lb_services"], pools, ["web"])
    layers = {word for pool in packets["ha_lb_pools"] for word in pool}
    assert layers >= {*LAYER4} - {"tunnel", "inhibit_on_failure"}
    read_traffic(packets["ha_lb_services"], packets["ha_lb_pools"], ["web"], limits=engine_named("lvs").limits)
    cluster = read_cluster(NODES, [WEB], uplinks=uplinks["ha_lb_uplinks"])
    assert [each.port for each in cluster.uplinks] == [None, 53, None]


def test_the_page_says_the_times_of_the_kernel():
    text = " ".join((ROOT / "docs/variables.md").read_text().split())
    assert f"at once and each {REFRESH} s while they are used" in text
    assert f"waits {PREEMPT_DELAY:g} s (`keepalived_preempt_delay_seconds`)" in text
    assert f"`timeout_seconds` ({TIMEOUT:g}), after a failure it asks again in `retry_seconds` ({RETRY:g})" in text


def test_the_pages_say_how_long_the_loss_of_uplinks_takes():
    cluster = read_cluster(NODES, [WEB], uplinks=["192.0.2.1", "192.0.2.2"])
    failures = {each.title: each.outage for each in prove(cluster, lay_out(cluster)).failures}
    outage = failures["lb1 loses its uplinks"]
    row = next(
        line for line in (ROOT / "docs/proof.md").read_text().splitlines() if line.startswith("| all uplinks of")
    )
    assert row.endswith(f"| {outage:.1f} s |")
    assert f"leaves a node 5 to {longest_notice(cluster.uplinks):g} s after" in (ROOT / "docs/failover.md").read_text()
    text = (ROOT / "docs/variables.md").read_text()
    assert f"A cut-off node gives up {-UPLINK_WEIGHT}, so" in text
    assert f"must have {LEAST_WITH_UPLINKS} or more" in text
    assert f"At most {MOST_UPLINKS}," in text


def paths_named(page):
    """Yield every path in backticks, or in a drawing, with the files and folders that it stands for.

    It is relative to the folder in the heading of its section, to the repository, or to module_utils. `<name>` stands
    for any name.
    """
    for section in re.split(r"^(?=#)", page.read_text(), flags=re.MULTILINE):
        heading = re.match(r"#+ .*`([\w/]+)/`", section)
        folders = [CORE / heading[1], ROOT / heading[1]] if heading else []
        drawn = re.findall(r"[\w/]+\.(?:py|yml)", "".join(re.findall(r"^```mermaid\n.*?^```$", section, re.M | re.S)))
        prose = re.sub(r"^```.*?^```$", "", section, flags=re.MULTILINE | re.DOTALL)
        for name in [*re.findall(r"`([^`\n]+)`", prose), *drawn]:
            if ("/" in name or name.endswith(SUFFIXES)) and re.fullmatch(r"[\w.<>][\w./<>-]*", name):
                pattern = re.sub("<[^>]*>", "*", name)
                found = (sorted(base.glob(pattern)) for base in [*folders, ROOT, CORE, ROOT / "playbooks"])
                yield name, next(filter(None, found), [])


def sources():
    """Yield every file of the collection that is not of its metadata."""
    for top in ("plugins", "roles", "playbooks"):
        yield from (path for path in sorted((ROOT / top).rglob("*")) if path.is_file() and path.suffix != ".pyc")


@pytest.mark.parametrize("page", [ARCHITECTURE, ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_every_path_that_is_named_exists(page):
    assert [name for name, found in paths_named(page) if not found] == []


def test_every_file_has_a_place_in_the_architecture():
    named = {path for name, found in paths_named(ARCHITECTURE) if "<" not in name for path in found} - WIDE
    rooms = {CORE / "__init__.py"}
    assert [str(path) for path in sources() if not named & {path, *path.parents} and path not in rooms] == []


def test_every_package_of_the_core_is_in_the_architecture():
    """The room alone is not enough: whoever looks for a concept finds its folder."""
    headings = re.findall(r"^### `(\w+)/`$", ARCHITECTURE.read_text(), re.MULTILINE)
    named = {path for _name, found in paths_named(ARCHITECTURE) for path in found}
    packages = {path.parent for path in CORE.rglob("__init__.py")} - {CORE}
    assert {path.name for path in packages if path.parent == CORE} <= set(headings)
    assert packages - named == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_check_of_paths_finds_what_is_planted(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A\n`lab/` `/run/x` `roles/nowhere/`\n## `vrrp/`\n`model.py` `host/` `active` `nowhere.py`\n")
    known = [ROOT / "lab", CORE / "vrrp", CORE / "vrrp/model.py", CORE / "host"]
    assert [path for _name, found in paths_named(page) for path in found] == known
    assert [name for name, found in paths_named(page) if not found] == ["roles/nowhere/", "nowhere.py"]


def test_every_claim_about_security_has_a_test():
    text = (ROOT / "docs/security.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "test |" not in line]
    assert len(rows) > 10
    assert [row for row in rows if "](../tests/" not in row] == []
    for section in text.split("\n## ")[1:]:
        assert "](../tests/" in section, section.splitlines()[0]
