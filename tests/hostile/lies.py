# SPDX-License-Identifier: GPL-3.0-or-later
"""How the first of three balancers lies, when somebody has taken it over: answers by host, made of honest ones."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from honest import VIP, everybody
from stage import FILES, ROOT, Act

# Words that decide which way a playbook goes; and addresses
KEPT = re.compile(r"MASTER|BACKUP|ok|http|active|started|present|base64|Debian|eth0|[0-9.:/]+|[A-Za-z0-9+]+=+")
LATE = ("apt", "command", "file", "ping", "slurp", "stat", "systemd_service", "user", "wait_for", "async_status")
BIG = 10_000_000
DEEP = 100_000
WRONG: tuple[Any, ...] = ([], {}, 10**400, float("nan"), 1e999, True, "x", None, [[1]], {"a": {"b": 1}})

Lie = Callable[[Act], dict[str, dict[str, Any]]]


def text(act: Act) -> str:
    """Return what steers a terminal, is a template, and names a file of the controller, all in one."""
    run = f"{{{{ lookup('pipe', 'touch {act.marker}') }}}}"
    read = f"{{{{ lookup('file', '{act.key}') }}}}"
    return f"\x1b]0;owned\x07\x9b31m\u202e\u2066{run}{read}{act.key}"


def texts(act: Act) -> dict[str, dict[str, Any]]:
    """Every text is hostile, of the documented type; and every answer brings what nobody asked for."""
    said, hostile = everybody(), text(act)
    command = f"-o ProxyCommand='touch {act.marker}'"
    other = {"host_name": "lb3", "groups": [], "host_vars": _by_ssh(command)}
    facts = said["lb1"]["setup"]["ansible_facts"]
    said["lb1"] = {module: _with_texts(answer, hostile) for module, answer in said["lb1"].items() if module != "setup"}
    said["lb1"]["setup"] = {"ansible_facts": {**facts, **_by_ssh(command), "ansible_motd": hostile}}
    # What a node says of its own configuration decides whether it can be rolled; `loops` has one with hostile words
    said["lb1"]["keepalived_config"]["config"]["content"] = everybody()["lb1"]["keepalived_config"]["config"]["content"]
    said["lb1"]["*"] = {
        **{"add_host": other, "add_group": "loadbalancers", "exception": hostile},
        **{"_ansible_no_log": False, "_ansible_delegated_vars": {"ansible_host": "192.0.2.66"}},
    }
    for module, answer in said["lb1"].items():
        if (ROOT / f"plugins/modules/{module}.py").exists():
            # What Ansible's own modules warn of, it prints as it is
            answer.setdefault("warnings", [hostile])
    return said


def _by_ssh(command: str) -> dict[str, str]:
    return {"ansible_connection": "ssh", "ansible_ssh_common_args": command, "ansible_ssh_extra_args": command}


def _with_texts(said: Any, hostile: str) -> Any:
    if isinstance(said, dict):
        return {key: _with_texts(each, hostile) for key, each in said.items()}
    if isinstance(said, list):
        return [_with_texts(each, hostile) for each in said]
    return hostile if isinstance(said, str) and not KEPT.fullmatch(said) else said


def verdicts(act: Act) -> dict[str, dict[str, Any]]:
    """What agents say: of one node in words that steer, of the others without an end."""
    said, hostile = everybody(), text(act)
    wrong = [{"name": "web", "why": hostile}, {"name": hostile, "why": hostile, "more": [hostile]}]
    said["lb1"]["vrrp_info"]["guard"].update({"unfit": wrong, "more": hostile})
    said["lb2"]["vrrp_info"]["guard"].update({"unfit": wrong[1:] * 5000, "node_unfit": "A" * 1_000_000})
    said["lb3"]["vrrp_info"]["ear"]["findings"] *= 5000
    return said


def paths(act: Act) -> dict[str, dict[str, Any]]:
    """A configuration without a text, of which the path is a file of the controller."""
    said = everybody()
    said["lb1"]["keepalived_config"] = {"config": {"node": "lb1", "path": str(act.key)}}
    return said


def shapeless(act: Act) -> dict[str, dict[str, Any]]:
    """One answers everything with 10 MB, one with what is nested deeply, and one with values of other types."""
    said = everybody()
    big, deep = json.dumps({"msg": "A" * BIG}), '{"changed": ' + "[" * DEEP
    said["lb1"].update({f"{module}!": deep for module in everybody()["lb1"]})
    said["lb2"].update({f"{module}!": big for module in everybody()["lb2"]})
    wrong = itertools.cycle(WRONG)
    said["lb3"] = {module: {key: next(wrong) for key in answer} for module, answer in said["lb3"].items()}
    return said


def facts(act: Act) -> dict[str, dict[str, Any]]:
    """Every answer has every variable of ours as a fact."""
    said = everybody()
    said["lb1"]["*facts"] = usurping(act)
    return said


def few_facts(act: Act) -> dict[str, dict[str, Any]]:
    """The same, but only with those that have the controller read or write a file; nothing else is wrong."""
    said = everybody()
    usurped = {name: value for name, value in usurping(act).items() if name.endswith((*FILES, "haproxy_source"))}
    said["lb1"]["*facts"] = usurped
    return said


def late_facts(act: Act) -> dict[str, dict[str, Any]]:
    """The same, but only in answers of Ansible's own modules, long after facts were gathered."""
    said = everybody()
    for module in LATE:
        said["lb1"].setdefault(module, {})["ansible_facts"] = usurping(act)
    return said


def usurping(act: Act) -> dict[str, Any]:
    """Return a value for each variable that docs/variables.md or a role describes."""
    return {name: _value(name, act) for name in sorted(variables())}


def variables() -> set[str]:
    """Return the names of our variables, of which the documentation has all."""
    found = set(re.findall(r"`((?:ha_lb|haproxy|keepalived|nginx|notify)_[a-z_]+)`", _docs()))
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        found |= {*yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"]}
    return found | {f"ha_lb_{each}" for each in ("lint_file", "lint_files", "lint_sarif", "drill_file", "drill_page")}


def _docs() -> str:
    return "".join(path.read_text() for path in [ROOT / "docs/variables.md", *(ROOT / "docs/runbooks").glob("*.md")])


def _value(name: str, act: Act) -> Any:
    if name.endswith(("_source", "source_build")):
        return {"version": "2.9.9", "archive": str(act.key), "sha256": "0" * 64, "build_on": "lb3"}
    if name.endswith(FILES):
        return str(act.precious)
    if name == "ha_lb_vips":
        return [{"name": "web", "addresses": ["192.0.2.66/24"]}]
    return {"lb1": str(act.key)} if name == "ha_lb_lint_files" else text(act)


def loops(act: Act) -> dict[str, dict[str, Any]]:
    """Two hold a VIP, so that their firewalls are looked at: chains that jump to themselves, and a lot of nothing."""
    said = everybody()
    for name, firewall in (("lb1", _chains()), ("lb2", "\n" * 500_000 + "chain x {\n")):
        look = said[name]["vrrp_info"]
        look["held"] = [VIP]
        look["instances"][0].update({"state": "MASTER", "held": [VIP]})
        said[name]["keepalived_config"]["config"]["facts"]["firewall"] = firewall
    config = said["lb3"]["keepalived_config"]["config"]
    config["content"] += f"{text(act)} {text(act)}\n"
    return said


def _chains() -> str:
    jumps = "".join("\t\tjump here\n" for _number in range(10))
    return "".join(
        f"table inet t{hook} {{\n\tchain {hook} {{\n\t\ttype filter hook {hook} priority filter; policy accept;\n"
        f"\t\tjump here\n\t}}\n\tchain here {{\n{jumps}\t}}\n}}\n"
        for hook in ("input", "output")
    )


def each_text(said: Any) -> Iterator[str]:
    """Yield every text of an answer, for the test of the lies themselves."""
    if isinstance(said, dict):
        for each in said.values():
            yield from each_text(each)
    elif isinstance(said, list):
        for each in said:
            yield from each_text(each)
    elif isinstance(said, str):
        yield said
