# SPDX-License-Identifier: GPL-3.0-or-later
"""Every path on a node, port and weight has one home in the core; what cannot import says it once, and alike."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
import yaml
from inputs import CLUSTER
from module_utils.agent import drop_strangers, open_firewall
from module_utils.agent.notify.read import STATUS_PORT
from module_utils.host import paths
from module_utils.host.http_probe import CHECK_PORT
from module_utils.operations.drain import move_seconds
from module_utils.operations.split_brain.evidence import listen_seconds
from module_utils.vrrp.model import ADVERT_INTERVAL, Settings
from module_utils.vrrp.weights import DRAIN_WEIGHT, FAULT_WEIGHT
from rendering import variables_of

ROOT = Path(__file__).parents[2]
PATHS = {value for name, value in vars(paths).items() if name.isupper()}
CONSTANTS = {*PATHS, *map(str, (CHECK_PORT, STATUS_PORT, DRAIN_WEIGHT, FAULT_WEIGHT))}
# A range of weights is of keepalived's language
LITERAL = re.compile(
    r"(?:/run|/var/(?:lib|cache|log)|/etc|/usr/local/lib(?:exec)?)/ha_lb(?:[\w./*-]*[\w/*])?"
    r"|(?<![\w.])[-−]25[34]\b(?!\.\.| to )|\b840[56]\b|advert_interval_seconds *\| *default\([^)]*\)"
)

# What cannot import: the names under which a file says a constant
HOMES: dict[str, dict[str, object]] = {
    "roles/keepalived/vars/main.yml": {
        "__keepalived_libexec": paths.LIBEXEC,
        "__keepalived_staging": paths.STATE,
        "__keepalived_run": paths.RUN,
        "__keepalived_etc": paths.CONFIG,
        "__keepalived_fault": FAULT_WEIGHT,
    },
    **{
        f"roles/{role}/vars/main.yml": {
            f"__{role}_libexec": paths.LIBEXEC,
            f"__{role}_staging": paths.STATE,
            f"__{role}_run": paths.RUN,
            f"__{role}_fault": FAULT_WEIGHT,
        }
        for role in ("haproxy", "nginx")
    },
    "roles/lvs/vars/main.yml": {"__lvs_libexec": paths.LIBEXEC, "__lvs_staging": paths.STATE},
    "playbooks/vars/cluster.yml": {
        "__ha_lb_paths.run": paths.RUN,
        "__ha_lb_paths.state": paths.STATE,
        "__ha_lb_paths.libexec": paths.LIBEXEC,
        "__ha_lb_paths.cache": paths.CACHE,
        "__ha_lb_paths.notify_run": paths.NOTIFY_RUN,
        "__ha_lb_paths.guard_run": paths.GUARD_RUN,
        "__ha_lb_paths.notify_state": paths.NOTIFY_STATE,
        "__ha_lb_paths.logs": paths.LOGS,
        "__ha_lb_common_port": CHECK_PORT,
    },
    "roles/source/vars/main.yml": {"__source_cache": paths.CACHE},
    "roles/lvs_real_server/vars/main.yml": {
        "__lvs_real_server_libexec": paths.LIBEXEC,
        "__lvs_real_server_etc": paths.CONFIG,
        "__lvs_real_server_run": paths.REAL_SERVER_RUN,
    },
    "roles/agents/vars/main.yml": {
        "__agents_libexec": paths.LIBEXEC,
        "__agents_run": paths.RUN,
        "__agents_staging": paths.STATE,
        "__agents_etc": paths.CONFIG,
        "__agents_look": paths.LOOK,
        "__agents_guard": paths.GUARD,
        "__agents_instances": paths.INSTANCES,
        "__agents_heard": paths.HEARD,
        "__agents_uplinks": paths.UPLINKS,
        "__agents_channels": paths.NOTIFY_CHANNELS,
        "__agents_secret": paths.NOTIFY_CONFIG,
        "__agents_state": paths.NOTIFY_STATE,
        "__agents_log": paths.NOTIFY_LOG,
        "__agents_package": paths.CODE,
    },
    "roles/agents/defaults/main.yml": {"notify_status_port": STATUS_PORT},
    "roles/agents/meta/argument_specs.yml": {"notify_status_port": STATUS_PORT, "(description)": paths.NOTIFY_LOG},
    **{
        f"roles/{role}/{file}": {f"{role}_check_port": CHECK_PORT}
        for role in ("haproxy", "keepalived", "nginx")
        for file in ("defaults/main.yml", "meta/argument_specs.yml")
    },
    # It runs alone on a node
    "plugins/module_utils/agent/open_firewall.py": {
        "PEERS": paths.FIREWALL_PEERS, "OPENED": paths.FIREWALL_OPENED,
    },
    "plugins/module_utils/agent/drop_strangers.py": {
        "ALLOWED": paths.VRRP_SENDERS, "BEFORE": f"{paths.STATE}/keepalived.conf.before",
        "LOCK": paths.LOCK,
    },
    "plugins/module_utils/agent/real_server.py": {
        "CONFIG": paths.REAL_SERVER_CONFIG, "PLACED": paths.REAL_SERVER_PLACED, "BEFORE": paths.REAL_SERVER_BEFORE,
    },
    "plugins/module_utils/agent/notify/read.py": {"STATUS_PORT": STATUS_PORT},
    "plugins/module_utils/host/http_probe.py": {"CHECK_PORT": CHECK_PORT},
    "plugins/module_utils/vrrp/weights.py": {"DRAIN_WEIGHT": DRAIN_WEIGHT, "FAULT_WEIGHT": FAULT_WEIGHT},
}  # fmt: skip
PYTHON_HOMES = [name for name in HOMES if name.endswith(".py")]
YAML_HOMES = [name for name in HOMES if name.endswith(".yml")]

FILES = sorted(
    path
    for folder in ("plugins", "roles", "playbooks", "lab")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".yml", ".j2", ".sh") and path.name != "paths.py"
)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("roles/*/README.md")])
MODULES = sorted(ROOT.glob("plugins/modules/*.py"))
DOCUMENTED = [*MODULES, *sorted(ROOT.glob("plugins/filter/*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def documentation(path: Path) -> str:
    """Return the texts that ansible-doc shows; of what is no plugin, nothing."""
    found = [
        ast.get_source_segment(path.read_text(), node.value) or ""
        for node in (ast.parse(path.read_text()).body if path in DOCUMENTED else ())
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("DOCUMENTATION", "EXAMPLES", "RETURN")
    ]
    return "\n".join(found)


def literals(text: str) -> list[str]:
    return [found.replace("−", "-") for found in LITERAL.findall(text)]


def unknown(text: str) -> list[str]:
    """List the literals that are no constant, nor a file in a directory that is one."""
    return [each for each in literals(text) if each not in CONSTANTS and str(Path(each).parent) not in CONSTANTS]


def said(name: str) -> dict[str, object]:
    """Return what a file says, by the names of the variables; of a mapping, by `variable.key`."""
    data = yaml.safe_load((ROOT / name).read_text())
    if "argument_specs" not in data:
        mappings = {outer: value for outer, value in data.items() if isinstance(value, dict)}
        inner = {f"{outer}.{key}": value for outer, values in mappings.items() for key, value in values.items()}
        return {**data, **inner}
    return {name: option.get("default") for name, option in data["argument_specs"]["main"]["options"].items()}


@pytest.mark.parametrize("name", YAML_HOMES)
def test_what_roles_and_playbooks_say_is_what_the_core_says(name):
    found = said(name)
    for variable, constant in HOMES[name].items():
        if variable != "(description)":
            assert found[variable] in (constant, f"{{{{ ha_lb_check_port | default({constant}) }}}}")


def test_the_programs_that_run_alone_say_what_the_core_says():
    assert str(open_firewall.PEERS) == paths.FIREWALL_PEERS
    assert str(open_firewall.OPENED) == paths.FIREWALL_OPENED
    assert str(drop_strangers.ALLOWED) == paths.VRRP_SENDERS
    assert str(drop_strangers.LOCK) == paths.LOCK
    assert str(drop_strangers.BEFORE) == f"{paths.STATE}/keepalived.conf.before"
    assert open_firewall.STRANGERS == drop_strangers.TABLE


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nobody_else_says_it(path):
    text = path.read_text()
    documented = documentation(path)
    undocumented = literals(text)
    for each in literals(documented):
        undocumented.remove(each)
    assert sorted(undocumented) == sorted(map(str, HOMES.get(name_of(path), {}).values()))
    assert unknown(documented) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_the_pages_say_what_the_core_says(path):
    assert [each for each in unknown(path.read_text()) if each.rstrip("/*") not in CONSTANTS] == []


@pytest.mark.parametrize("path", [each for each in MODULES if "AnsibleModule(" in each.read_text()], ids=name_of)
def test_the_documented_defaults_of_a_module_are_those_that_it_has(collections, monkeypatch, path):
    module = importlib.import_module(f"ansible_collections.evenkeel.ha_lb.plugins.modules.{path.stem}")

    class Options(Exception):
        pass

    def catch(argument_spec, **_):
        raise Options(argument_spec)

    monkeypatch.setattr(module, "AnsibleModule", catch)
    with pytest.raises(Options) as caught:
        module.main()
    assert different(caught.value.args[0], yaml.safe_load(module.DOCUMENTATION)["options"]) == []


def different(spec, options):
    """List the options whose default is documented as another."""
    wrong = [name for name, option in spec.items() if option.get("default") != options[name].get("default")]
    inner = [name for name, option in spec.items() if "options" in option]
    return wrong + [each for name in inner for each in different(spec[name]["options"], options[name]["suboptions"])]


@pytest.mark.parametrize(("version", "seconds"), ADVERT_INTERVAL.items())
def test_the_default_advert_interval_is_the_same_everywhere(version, seconds):
    given = {**CLUSTER, "keepalived_vrrp_version": version}
    assert variables_of("keepalived", given)["keepalived_advert_interval_seconds"] == seconds
    assert listen_seconds(given) == 3 * seconds + 1
    assert move_seconds(given) == 5 + 4 * seconds + 10


def test_the_default_advert_interval_is_documented():
    assert Settings().advert_interval == ADVERT_INTERVAL[Settings().version]
    usual = f"{ADVERT_INTERVAL[3]:g} by default and {ADVERT_INTERVAL[2]:g} for version 2"
    for name in ("plugins/modules/vrrp_layout.py", "plugins/filter/vrrp_layout.py"):
        assert usual in (ROOT / name).read_text()
    assert usual.replace(" and", ",") in (ROOT / "roles/keepalived/meta/argument_specs.yml").read_text()


def test_systemd_makes_the_directories_that_the_agents_write_to():
    units = ROOT / "roles/agents/templates"
    names = ("guard.service.j2", "ear.service.j2", "notify.service.j2")
    guard, ear, notify = (f"{(units / name).read_text()}\n" for name in names)
    assert f"\nRuntimeDirectory={Path(paths.LOOK).parent.name}\n" in guard
    assert f"\nRuntimeDirectory={Path(paths.HEARD).parent.name}\n" in ear
    assert f"\nRuntimeDirectory={Path(paths.NOTIFY_CHANNELS).parent.name}\n" in notify
    assert f"\nStateDirectory={Path(paths.NOTIFY_STATE).name}\n" in notify
    assert f"\nLogsDirectory={Path(paths.NOTIFY_LOG).parent.name}\n" in notify


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo -253 >/run/ha_lb/drain.", ["-253", "/run/ha_lb/drain"]),
        ("weight -254..254, from -253 to 253", []),
        ("−254: FAULT; 254 and 10.0.0.254", ["-254"]),
        ("port: 8405", ["8405"]),
        ("/usr/local/lib/ha_lb /usr/local/libexec/ha_lb/x", ["/usr/local/lib/ha_lb", "/usr/local/libexec/ha_lb/x"]),
        ("a_advert_interval_seconds | default(1.0)", ["advert_interval_seconds | default(1.0)"]),
    ],
)
def test_the_search_finds_what_is_planted(text, expected):
    assert literals(text) == expected
