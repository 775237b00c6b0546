# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables `notify_*` to the configurations of a node: every wrong value is a Finding with its path.

No finding quotes anything of a channel: where a mapping belongs, people write the URL with the token.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, Mapping, Tuple

from ...basics import schema
from ...basics.address import is_host_name
from ...basics.errors import Finding, Refused
from ...basics.schema import Field, Report
from ...basics.variables import listening_address, networks, port, remote_host
from ..states import SILENT, STATES
from .news import NEWS
from .webhook import WEBHOOK, absolute, channel_name, check_webhook, host_of

PREFIX = "notify_"
STATUS_PORT = 8406
PORTS = {"starttls": 587, "tls": 465, "none": 25}
NOTIFIABLE = (*(state for state in STATES.values() if state != "removed"), SILENT, *NEWS)
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
LONGEST_LOCAL, LONGEST_ADDRESS = 64, 254  # RFC 5321 §4.5.3.1
LONGEST_CLUSTER, LONGEST_ARGUMENT = 100, 4096
SECRET = re.compile(r"[ -~]+\Z")  # what smtplib can send


def secret(value: Any, path: str, report: Report) -> Any:
    """Read a line of text that no finding may quote."""
    if not isinstance(value, (str, int)) or isinstance(value, bool) or not SECRET.match(str(value)):
        report(path, "is not a line of text without accents")
        return schema.INVALID
    return str(value)


def mail_address(value: Any, path: str, report: Report) -> Any:
    """Read the address of a mailbox, without a name beside it (RFC 5321 §4.1.2)."""
    local, _at, domain = value.rpartition("@") if isinstance(value, str) else ("", "", "")
    short = len(local) <= LONGEST_LOCAL and len(local) + len(domain) < LONGEST_ADDRESS
    if not (short and LOCAL_PART.match(local) and is_host_name(domain)):
        schema.wrong(value, "is not a mail address", path, report)
        return schema.INVALID
    return str(value)


cluster_name = schema.matching(schema.LINE, "a line of text", LONGEST_CLUSTER)
program = schema.matching(re.compile(r"/"), "a path that begins with /")
argument = schema.matching(schema.LINE, "a line of text", LONGEST_ARGUMENT)
plain = schema.matching(re.compile(r"[ -~]+\Z"), "a line of text without accents")
MAIL = schema.record(
    {
        "to": Field(schema.list_of(mail_address, at_least=1, or_one=True), required=True),
        "from": Field(mail_address, required=True),
        "server": Field(remote_host, required=True),
        "port": Field(port),
        "tls": Field(schema.choice(*PORTS), default="starttls"),
        "user": Field(plain, default=""),
        "password": Field(secret, default=""),
        "ca_file": Field(absolute, default=""),
    }
)
COMMAND = schema.record(
    {
        "name": Field(channel_name, required=True),
        "argv": Field(schema.list_of(argument, at_least=1), required=True),
        "timeout_seconds": Field(schema.seconds(0.1, 600), default=10.0),
    }
)
VARIABLES = {
    "notify_cluster": Field(cluster_name, default="loadbalancers"),
    "notify_on": Field(schema.list_of(schema.choice(*NOTIFIABLE)), default=NOTIFIABLE),
    "notify_changes_per_minute": Field(schema.integer(1, 1000), default=10),
    "notify_mail": Field(schema.discreet(MAIL)),
    "notify_webhooks": Field(schema.discreet(schema.list_of(WEBHOOK)), default=()),
    "notify_commands": Field(schema.discreet(schema.list_of(COMMAND)), default=()),
    "notify_status_addresses": Field(
        schema.list_of(listening_address, at_least=1, or_one=True), default=("127.0.0.1",)
    ),
    "notify_status_port": Field(port, default=STATUS_PORT),
    "notify_status_networks": Field(networks, default=("127.0.0.0/8",)),
}


def read_notify(variables: Mapping[str, Any]) -> Dict[str, Any]:
    """Read the variables of the role by name; absent ones have their defaults.

    Returns `notifier` and `page`, each without `node`, and `listen`: the addresses of the page as systemd has them,
    an IPv6 one in brackets. Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = schema.collector(findings)
    channels = list(_channels(variables, report))
    _check_names(channels, report)
    read = {name: _of(f"{PREFIX}{name}", variables, report) for name in ("cluster", "on", "changes_per_minute")}
    page = {name: _of(f"{PREFIX}status_{name}", variables, report) for name in ("addresses", "port", "networks")}
    read["channels"] = [channel for _path, channel in channels]
    if findings:
        raise Refused(findings)
    shown = {"cluster": read["cluster"], "networks": [str(each) for each in page["networks"]]}
    hosts = (f"[{each}]" if each.version == 6 else str(each) for each in page["addresses"])
    return {"notifier": read, "page": shown, "listen": [f"{host}:{page['port']}" for host in hosts]}


def _of(name: str, variables: Mapping[str, Any], report: Report) -> Any:
    """Read a variable of the table; null is no default, because the role would not take it for one."""
    field = VARIABLES[name]
    return field.read(variables.get(name, field.default), name, report)


def _channels(variables: Mapping[str, Any], report: Report) -> Iterator[Tuple[str, Dict[str, Any]]]:
    if variables.get("notify_mail") not in (None, {}):
        mail = _of("notify_mail", variables, report)
        if mail:
            _check_login(mail, report)
            mail["port"] = mail["port"] or PORTS.get(mail["tls"], 0)
            yield "notify_mail", {"kind": "mail", "name": "mail", "sender": mail.pop("from"), **mail}
    for kind in ("webhook", "command"):
        path = f"notify_{kind}s"
        for index, each in enumerate(_of(path, variables, report) or ()):
            if each:
                where = f"{path}[{index}]"
                if kind == "webhook":
                    check_webhook(each, where, report)
                    each["host"] = host_of(each["url"])
                elif each["argv"] and each["argv"][0]:
                    schema.discreet(program)(each["argv"][0], f"{where}.argv[0]", report)
                yield where, {"kind": kind, **each}


def _check_login(mail: Mapping[str, Any], report: Report) -> None:
    if mail["user"] and mail["password"] == "":
        report("notify_mail.password", "is missing: there is a user")
    if mail["password"] and not mail["user"]:
        report("notify_mail.user", "is missing: there is a password")
    if mail["user"] and mail["tls"] == "none":
        report("notify_mail.tls", "none would send the password for all to read: use starttls or tls, or no user")


def _check_names(channels: list[Tuple[str, Dict[str, Any]]], report: Report) -> None:
    """Report names that are used twice: a channel's queue is a directory of its name."""
    seen: Dict[str, str] = {}
    for path, channel in channels:
        name = channel["name"]
        if name and name in seen:
            report(f"{path}.name", f"is already the name of {seen[name]}")
        seen.setdefault(name, path)


def notify_config(variables: Mapping[str, Any], node: str) -> Dict[str, Any]:
    """Return what `read_notify` does, with the name of the node; raises Refused with every finding."""
    read = read_notify(variables)
    return {**read, **{name: {**read[name], "node": node} for name in ("notifier", "page")}}
