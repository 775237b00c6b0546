# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts and checks: who can run them, what they ask, and how often."""

from __future__ import annotations

import pytest
from configurations import node, nodes
from module_utils.keepalived.config.commands import commands
from module_utils.keepalived.lint.rules import checks, scripts, timing
from module_utils.lint.engine import lint

INSTANCE = "vrrp_instance A {\n interface eth0\n track_script {\n chk\n}\n virtual_ipaddress {\n 192.0.2.10\n}\n}\n"


def one(command, **facts):
    made = node("lb1", f'vrrp_script chk {{\n script "{command}"\n}}\n{INSTANCE}', facts)
    return made, commands(made)[0]


def ids(found, rules):
    return [each.rule for each in lint(found, rules)]


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("pidof haproxy || exit 1", "||"),
        ("pidof haproxy | grep 1", "|"),
        ("true; false", "true;"),
        ("check && true", "&&"),
        ("check > /dev/null", ">"),
        ("check 2>/dev/null", "2>/dev/null"),
        ("check $(hostname)", "$(hostname)"),
        ("check `hostname`", "`hostname`"),
        ("/bin/sh -c 'pidof haproxy || exit 1'", ""),
        ("/usr/bin/bash -c 'a; b'", ""),
        ("curl -H 'a;b' http://127.0.0.1/?a=1&b=2", ""),
        ("/usr/bin/check --least=5", ""),
    ],
)
def test_words_that_only_a_shell_understands(command, word):
    assert scripts.shell_word(one(command)[1]) == word


@pytest.mark.parametrize(("users", "user"), [([], "root"), (["keepalived_script"], "keepalived_script")])
def test_the_default_user_of_scripts(users, user):
    made, command = one("/bin/true", users=users)
    assert scripts.runner(made, command) == user


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ({"exists": False}, True),
        ({"executable": False}, True),
        ({"shebang": False}, True),
        ({"exists": True, "executable": True, "shebang": True}, False),
        ({}, False),
    ],
)
def test_a_script_that_cannot_be_run(file, found):
    made, _command = one("/usr/local/bin/check", files={"/usr/local/bin/check": file})
    assert ("KA135" in ids([made], scripts.RULES)) is found


def test_a_missing_script_user():
    text = "global_defs {\n enable_script_security\n script_user check\n}\nvrrp_script chk {\n script /bin/true\n}\n"
    assert "KA136" in ids([node("lb1", text, {"users": ["root"]})], scripts.RULES)
    assert "KA136" not in ids([node("lb1", text, {"users": ["check"]})], scripts.RULES)
    assert "KA136" not in ids([node("lb1", text)], scripts.RULES)


@pytest.mark.parametrize(
    ("command", "only"),
    [
        ("killall -0 haproxy", True),
        ("/usr/bin/killall -0 haproxy", True),
        ("killall haproxy", False),
        ("pidof haproxy", True),
        ("systemctl is-active haproxy", True),
        ("systemctl status haproxy", False),
        ("/usr/local/bin/check", False),
    ],
)
def test_checks_that_only_look_for_a_process(command, only):
    assert checks.only_lists(one(command)[1]) is only


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl http://192.0.2.80/health", {"192.0.2.80"}),
        ("curl https://user:word@db.example.net:8443/x", {"db.example.net"}),
        ("curl http://[2001:db8::1]:80/", {"2001:db8::1"}),
        ("nc -z 192.0.2.80 80", {"192.0.2.80"}),
        ("ping -c 1 192.0.2.1", {"192.0.2.1"}),
        ("curl http://127.0.0.1:8405/", set()),
        ("curl http://localhost/", set()),
        ("curl http://[::1]/", set()),
        ("killall -0 haproxy", set()),
    ],
)
def test_hosts_that_a_check_asks(command, expected):
    assert checks.targets(one(command)[1]) == expected


def test_a_check_of_the_nodes_themselves_is_no_shared_dependency():
    text = f'vrrp_script chk {{\n script "curl http://192.0.2.11/"\n}}\n{INSTANCE}'
    facts = {"interfaces": [{"name": "eth0", "addresses": ["192.0.2.11/24"], "own": []}]}
    assert "KA140" in ids(nodes(text, text), checks.RULES)
    assert "KA140" not in ids(nodes(text, text, lb1=facts), checks.RULES)


def test_shared_dependencies_are_found_per_cluster():
    text = f'vrrp_script chk {{\n script "curl http://192.0.2.80/"\n}}\n{INSTANCE}'
    other = text.replace("192.0.2.10", "192.0.2.20").replace(" A {", " B {")
    assert "KA140" not in ids(nodes(text, other), checks.RULES)
    (found,) = (each for each in lint(nodes(text, text, other, other.replace(".80", ".81")), checks.RULES))
    assert found.message.startswith("lb1 and lb2 all go to FAULT")


def test_one_node_has_no_shared_dependency():
    assert "KA140" not in ids([one("curl http://192.0.2.80/")[0]], checks.RULES)


@pytest.mark.parametrize(
    ("lines", "effects"),
    [
        ("interval 1\nfall 2", []),
        ("interval 5\nfall 3\ntimeout 5", ["20 s"]),
        ("interval 2\nfall 2\ntimeout 4", ["while one run hangs"]),
        ("interval x\nfall 2", []),
    ],
)
def test_slow_checks(lines, effects):
    made = node("lb1", f"vrrp_script chk {{\n script /bin/check\n{lines}\n}}\n")
    found = [each.effect for each in lint([made], timing.RULES)]
    assert len(found) == len(effects)
    assert all(effect in said for effect, said in zip(effects, found, strict=True))


@pytest.mark.parametrize(
    ("version", "interval", "effect"),
    [
        (2, "1", ""),
        (2, "0.4", "rounds it to 1 s"),
        (2, "1.6", "rounds it to 2 s"),
        (2, "300", "ignores it"),
        (2, "0", "ignores it"),
        (3, "0.2", ""),
        (3, "0.05", "busy for a moment"),
        (3, "60", "40.95 s"),
        (3, "x", ""),
    ],
)
def test_advert_intervals(version, interval, effect):
    text = f"vrrp_instance A {{\n interface eth0\n version {version}\n advert_int {interval}\n}}\n"
    found = [each.effect for each in lint([node("lb1", text)], timing.RULES)]
    assert bool(found) is bool(effect)
    assert all(effect in said for said in found)
