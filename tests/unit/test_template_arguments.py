# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is written into a variable: it is refused, or it is one argument of what is printed, and adds nothing.

What is printed for a value is held against what is printed for a harmless one in its place: the same directives with
as many words, and none of them another but those in which the value stands.
"""

from __future__ import annotations

import functools
import math
import re
import string
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from module_utils.basics.errors import Refused
from module_utils.cluster.check import check
from module_utils.engines.haproxy.config import sections
from module_utils.engines.nginx.language import directives
from module_utils.keepalived.language.parser import parse
from rendering import ROLES, render, templates_of
from samples import LB1, LB2, NODES, SERVER, WEB

MARK, HARMLESS_ADDRESS = "zzmark", "198.51.100.77"
FILES = {"haproxy": "haproxy.cfg.j2", "nginx": "nginx.conf.j2", "keepalived": "keepalived.conf.j2"}
ENDS = "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029\0\x1b\x7f"
MARKS = " ;{}#'\"\\$!@,:/?*=%&|<>()[]~^`"
LANGUAGE = [
    "\n    bind :1",
    "; include /etc/passwd; #",
    "} http {",
    '"\n}',
    "'; x '",
    "\n!x",
    "${x}",
    "-f",
    "$(x)",
    "\\\n",
]
GOOD = ["/a", "/var/log/x.log", "a.example.org", "GET", "X-A", "192.0.2.99", "2001:db8::99", "eth0", "off", "one", "."]
letters = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_." + MARKS + ENDS + "äß日"), max_size=10)
texts = letters | st.text(max_size=10) | st.lists(letters | st.sampled_from(LANGUAGE + GOOD), max_size=4).map("".join)
numbers = (
    st.integers()
    | st.integers(-3, 100_000)
    | st.floats()
    | st.integers(-3, 100_000).map(str)
    | st.floats(-1, 100_000).map(str)
    | st.sampled_from(["-0", "007", "1e3", " 5", "5 ", "٣", "0x10", "+5", "1_000", "00.50", "1.", "", "5s", 10**30])
)


def traffic(service: Any = None, pool: Any = None, server: Any = None, route: Any = None, **others: Any):
    """Return a cluster with one thing changed, in a route, a pool of its own, a server or a service."""
    pools = [{"name": "pool", "servers": [{**SERVER, **(server or {})}], **(pool or {})}]
    name = pools[0]["name"]
    routes = [{"pool": name, "path_prefix": "/v1", **(route or {})}]
    shop = {"name": "shop", "vip": "web", "port": 80, "pool": name, "routes": routes, **(service or {})}
    return {"ha_lb_nodes": NODES, "ha_lb_vips": [WEB], "ha_lb_services": [shop], "ha_lb_pools": pools, **others}


def nodes_called(name: str):
    return {"ha_lb_nodes": [{**LB1, "name": name}, LB2], "inventory_hostname": name}


STATISTICS = {"haproxy_stats_enabled": True, "haproxy_stats_password": "secret"}
SERVICE: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "service": (MARK, lambda value: traffic(service={"name": value})),
    "vip": (MARK, lambda value: traffic(service={"vip": value}, ha_lb_vips=[{**WEB, "name": value}])),
    "pool": (MARK, lambda value: traffic(pool={"name": value})),
    "server": (MARK, lambda value: traffic(server={"name": value})),
    "server's address": (HARMLESS_ADDRESS, lambda value: traffic(server={"address": value})),
    "server's host": (MARK, lambda value: traffic(server={"address": value})),
    "host": (MARK, lambda value: traffic(route={"host": [value, "b.example.org"]})),
    "path": (f"/{MARK}", lambda value: traffic(route={"path": value, "path_prefix": "/"})),
    "path_prefix": (f"/{MARK}", lambda value: traffic(route={"path_prefix": [value, "/b"]})),
    "method": ("POST", lambda value: traffic(route={"method": value})),
    "header": (MARK, lambda value: traffic(route={"header": {"name": value, "value": "1"}})),
    "header's value": (MARK, lambda value: traffic(route={"header": {"name": "X-A", "value": [value, "1"]}})),
}
CASES = {
    "haproxy": {
        **SERVICE,
        "check's path": (f"/{MARK}", lambda value: traffic(pool={"check": {"http": {"path": value}}})),
        "check's host": (MARK, lambda value: traffic(pool={"check": {"http": {"host": value}}})),
        "check's user": (MARK, lambda value: traffic(pool={"check": {"mysql": {"user": value}}})),
        "statistics' address": (
            HARMLESS_ADDRESS,
            lambda value: traffic(**STATISTICS, haproxy_stats_user="a", haproxy_stats_address=value),
        ),
        "statistics' user": (MARK, lambda value: traffic(**STATISTICS, haproxy_stats_user=value)),
        "statistics' networks": (
            "198.51.100.0/24",
            lambda value: traffic(**STATISTICS, haproxy_stats_user="a", haproxy_stats_networks=[value]),
        ),
    },
    "nginx": {
        **SERVICE,
        "access log": (f"/{MARK}", lambda value: traffic(ha_lb_engine="nginx", nginx_access_log=value)),
        "status' address": (
            HARMLESS_ADDRESS,
            lambda value: traffic(ha_lb_engine="nginx", nginx_status_enabled=True, nginx_status_address=value),
        ),
        "status' networks": (
            "198.51.100.0/24",
            lambda value: traffic(ha_lb_engine="nginx", nginx_status_enabled=True, nginx_status_networks=[value]),
        ),
    },
    "keepalived": {
        "VIP": (MARK, lambda value: traffic(service={"vip": value}, ha_lb_vips=[{**WEB, "name": value}])),
        "address": ("192.0.2.77/24", lambda value: traffic(ha_lb_vips=[{**WEB, "addresses": [value]}])),
        "interface": ("eth0", lambda value: traffic(ha_lb_vips=[{**WEB, "interface": value}])),
        "node": (MARK, lambda value: traffic(**nodes_called(value))),
        "node's address": ("192.0.2.77", lambda value: traffic(ha_lb_nodes=[LB1, {**LB2, "address": value}])),
        "password": (MARK, lambda value: traffic(keepalived_vrrp_version=2, keepalived_auth_pass=value)),
        "sync group": (MARK, lambda value: traffic(keepalived_sync_groups=[{"name": value, "vips": ["web"]}])),
        "transport": ("unicast", lambda value: traffic(keepalived_transport=value)),
    },
}


def tree(role: str, text: str) -> list[tuple[Any, ...]]:
    """Return what a printed file says, as the program that reads it takes it apart."""
    assert text.splitlines() == text.split("\n")[:-1], "something ends a line to one reader, and not to another"
    if role == "haproxy":
        return [(each.kind, *line.words) for each in sections(text) for line in each.lines]
    if role == "nginx":
        return list(flat(directives(text)))
    read = parse(text)
    assert read.problems == ()
    return list(flat(read.directives))


def flat(found: Any, depth: int = 0):
    for each in found:
        yield (depth, *(getattr(word, "text", word) for word in each.words))
        yield from flat(each.block or (), depth + 1)


def is_refused(variables: dict[str, Any]) -> bool:
    said = {name: value for name, value in variables.items() if name not in ("ha_lb_nodes", "inventory_hostname")}
    try:
        check(said, variables["ha_lb_nodes"], {}, {}, lambda spec, values: [])
    except Refused:
        return True
    return False


def printed(role: str, template: str, variables: dict[str, Any]) -> str:
    """Print a template; for what only a host can refuse (it has no such interface), nothing."""
    try:
        return render(role, template, **variables)
    except Refused:
        return ""


def assert_one_argument(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]], mark: str) -> None:
    """Check that two trees differ only in words in which the mark stands."""
    assert [len(each) for each in before] == [len(each) for each in after]
    looked_for = {mark.lower(), re.escape(mark.lower()), re.escape(mark), mark.lower().replace("-", "_")}
    for words, others in zip(before, after, strict=True):
        for word, other in zip(words, others, strict=True):
            if word != other:
                assert any(each in str(word).lower() for each in looked_for), (words, others)


EACH = [(role, case) for role, cases in CASES.items() for case in cases]
# nginx has no names of servers; services are in its comments; the user is in a file of its own
NOT_SHOWN = {("haproxy", "vip"), ("haproxy", "statistics' user"), ("nginx", "vip"), ("nginx", "server")}
# Words that switch something off
NOTHING = {("access log", "off"), ("password", "")}


@functools.cache
def harmless(role: str, case: str) -> list[tuple[Any, ...]]:
    mark, variables = CASES[role][case]
    return tree(role, render(role, FILES[role], **variables(mark)))


@pytest.mark.parametrize(("role", "case"), EACH)
def test_a_harmless_text_is_accepted_and_printed(role, case):
    mark, variables = CASES[role][case]
    assert not is_refused(variables(mark))
    text = render(role, FILES[role], **variables(mark))
    assert (mark in text or re.escape(mark) in text) != ((role, case) in NOT_SHOWN)


@pytest.mark.parametrize(("role", "case"), EACH)
@settings(max_examples=40)
@given(value=texts)
def test_a_text_is_refused_or_is_one_argument(role, case, value):
    mark, variables = CASES[role][case]
    if is_refused(variables(value)) or (case, value) in NOTHING:
        return
    text = printed(role, FILES[role], variables(value))
    if text:
        assert_one_argument(harmless(role, case), tree(role, text), mark)


# Scripts have the addresses of VIPs in them
OTHERS = [
    (role, template)
    for role in FILES
    for template in templates_of(role)
    if template not in (*FILES.values(), "let-go.j2")
]


@pytest.mark.parametrize(("role", "template"), OTHERS)
@settings(max_examples=20)
@given(data=st.data(), value=texts)
def test_no_text_is_in_a_unit_or_another_file(role, template, data, value):
    mark, variables = CASES[role][data.draw(st.sampled_from(sorted(CASES[role])))]
    if not is_refused(variables(value)):
        text = printed(role, template, variables(value))
        assert text in ("", render(role, template, **variables(mark)))


def options(role: str) -> dict[str, dict[str, Any]]:
    return yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]


NUMBERS = [
    (role, name) for role in FILES for name, option in options(role).items() if option["type"] in ("int", "float")
]
NEEDS = {
    "haproxy_stats_port": {**STATISTICS, "haproxy_stats_user": "a"},
    "haproxy_stats_refresh_seconds": {**STATISTICS, "haproxy_stats_user": "a"},
    "nginx_status_port": {"nginx_status_enabled": True},
    **{f"{role}_check_port": {} for role in FILES},
}


def numbered(role: str, name: str, value: Any) -> dict[str, Any]:
    """Return a cluster in which a variable has this value, or its default for None; ports of checks are said once."""
    engine = {"ha_lb_engine": "nginx"} if role == "nginx" else {}
    said = "ha_lb_check_port" if name.endswith("_check_port") else name
    return traffic(**engine, **NEEDS.get(name, {}), **({} if value is None else {said: value}))


def number_in(word: Any) -> Any:
    """Return what is around a number in a word, and the number: 7.0 and 7 are one."""
    found = re.fullmatch(r"(.*?)([0-9]+\.?[0-9]*)([a-z]*)", str(word))
    return (found[1], float(found[2]), found[3]) if found else word


@pytest.mark.parametrize(("role", "name"), NUMBERS)
@settings(max_examples=50)
@given(value=numbers)
def test_a_number_is_refused_or_printed_as_a_plain_one(role, name, value):
    if is_refused(numbered(role, name, value)):
        return
    read = float(value)
    assert math.isfinite(read)
    plain = int(read) if read == int(read) else read
    after, before = (tree(role, render(role, FILES[role], **numbered(role, name, each))) for each in (value, plain))
    usual = tree(role, render(role, FILES[role], **numbered(role, name, None)))
    assert [list(map(number_in, words)) for words in after] == [list(map(number_in, words)) for words in before]
    for words, others in zip(after, usual, strict=False):
        for word in set(words) - set(others) if len(words) == len(others) else ():
            assert not re.search(r"(?i)nan|inf\b|[0-9]e[+-]?[0-9]|-[0-9]|[^ -~]", str(word))
