# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import difflib
import platform

import inputs
import pytest
from module_utils.engines.catalogue import ENGINES
from module_utils.operations.discreet import LANGUAGES, difference, discreet, message
from rendering import render

OURS = [
    *(("haproxy", "haproxy.cfg", given) for given in inputs.HAPROXY.values()),
    *(("nginx", "nginx.conf", given) for given in inputs.NGINX.values()),
    *(("keepalived", "keepalived.conf", given) for given in inputs.KEEPALIVED.values()),
]
NAMED = {"haproxy.cfg": "stats auth a:{}\n", "nginx.conf": "auth_basic {};\n", "keepalived.conf": "auth_pass {}\n"}


def test_every_configuration_has_its_language():
    paths = {engine.unit.path.rpartition("/")[2] for engine in ENGINES if engine.unit}
    assert set(LANGUAGES) == {*paths, "keepalived.conf"}


@pytest.mark.parametrize("path", [f"{folder}/{name}" for name in NAMED for folder in ("/etc", "/var/lib/ha_lb")])
def test_both_sides_of_a_difference_are_discreet(path):
    line = NAMED[path.rpartition("/")[2]]
    found = difference(path, line.format("old"), f"{line.format('new')}\n")
    assert (found["before"], found["after"]) == (
        discreet(path, line.format("x")),
        f"{discreet(path, line.format('x'))}\n",
    )
    assert (found["before_header"], found["after_header"]) == (path, path)


@pytest.mark.parametrize(("name", "line"), NAMED.items())
def test_a_difference_of_secrets_alone_says_so(name, line):
    found = difference(name, line.format("old"), line.format("new"))
    assert found["after"] == f"{found['before']}*** differs, and nothing else\n"
    assert difference(name, line.format("old"), line.format("old"))["after"] == found["before"]


def test_other_files_are_shown_as_they_are():
    assert difference("/etc/sysctl.d/90-ha_lb.conf", "a = 1\n", "a = 2\n")["after"] == "a = 2\n"


@pytest.mark.parametrize(("role", "name", "given"), OURS, ids=str)
def test_nearly_all_of_what_we_print_is_shown(role, name, given):
    printed = render(role, f"{name}.j2", **given)
    lines = [line for line in printed.splitlines() if line.strip() and line.strip()[0] not in "#!"]
    shown = set(discreet(name, printed).splitlines())
    hidden = [line for line in lines if line not in shown]
    assert len(hidden) <= 0.2 * len(lines), "\n".join(difflib.ndiff(lines, sorted(shown)))


def test_the_name_of_a_program_stays():
    text = "stats auth haproxy:haproxy1234"
    said = "haproxy does not run: haproxy1234 is wrong, haproxy-x"
    assert message("/etc/haproxy/haproxy.cfg", said, text) == "haproxy does not run: *** is wrong, haproxy-x"


def test_a_program_that_refuses_a_configuration_quotes_no_secret():
    path = "/etc/haproxy/haproxy.cfg"
    text = "frontend f\n  stats auth admin:hunter2\n  htttp-request set-header Authorization 'Bearer hunter3\n"
    said = (
        f"[ALERT] parsing [{path}:3] : unmatched quote at position 37:\n"
        "  htttp-request set-header Authorization 'Bearer hunt\n"
        f"[ALERT] parsing [{path}:2] : 'admin:hunter2' and 'admin:hunter' are refused"
    )
    assert message(path, said, text) == (
        f"[ALERT] parsing [{path}:3] : unmatched quote at position 37:\n  htttp-request *** *** '*** ***\n"
        f"[ALERT] parsing [{path}:2] : '***' and '***' are refused"
    )


def test_the_name_of_the_host_stays_in_a_message():
    said = f"/etc/haproxy/haproxy.cfg on {platform.node()} cannot be written, and stays as it is"
    text = f"backend shop\n    option smtpchk HELO {platform.node()}\n"
    assert message("/etc/haproxy/haproxy.cfg", said, text) == said
