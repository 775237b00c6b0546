# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables `notify_*` to the configurations of a node: every wrong value is a Finding with its path.

No finding quotes anything of a channel: where a mapping belongs, people write the URL with the token.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, Mapping, Tuple
from urllib.parse import urlsplit

from ...basics import schema
from ...basics.address import is_host_name
from ...basics.errors import Finding, Refused
from ...basics.schema import Field, Report
from ..states import SILENT, STATES
from .message import FIELDS, unknown_fields

PREFIX = "notify_"
STATUS_PORT = 8406
PORTS = {"starttls": 587, "tls": 465, "none": 25}
METHODS = ("POST", "PUT", "GET")
NOTIFIABLE = (*(state for state in STATES.values() if state != "removed"), SILENT)
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
MAILBOX = re.compile(rf"{ATOM}(\.{ATOM})*\Z")  # RFC 5322 §3.2.3
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MOST_NESTED = 20
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")  # RFC 9110 §5.1


def secret(value: Any, path: str, report: Report) -> Any:
    """Read a line of text that no finding may quote."""
    if not isinstance(value, (str, int)) or isinstance(value, bool) or str(value) == "" or CONTROL.search(str(value)):
        report(path, "is not a line of text")
        return schema.INVALID
    return str(value)


def url(value: Any, path: str, report: Report) -> Any:
    """Read the address of a web hook."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.hostname or ""
        known = schema.is_address(host) or is_host_name(host)
        right = parts.scheme in ("http", "https") and known and parts.port != 0
    except ValueError:
        right = False
    if not right or not re.fullmatch(r"[!-~]+", value) or "@" in parts.netloc:
        report(path, "is not a URL such as https://hooks.example.org/path, with a user in its headers if it needs one")
        return schema.INVALID
    return value


def headers(value: Any, path: str, report: Report) -> Any:
    """Read the headers of a request."""
    if not isinstance(value, Mapping):
        report(path, "is not a mapping of names to texts")
        return schema.INVALID
    for number, (name, text) in enumerate(value.items(), start=1):
        where = schema.place(path, name, number, report)
        if not isinstance(name, str) or not HEADER_NAME.match(name):
            report(where, "is not the name of a header")
        elif isinstance(text, bool) or not isinstance(text, (str, int, float)) or not _is_header(str(text)):
            report(where, "is not a line of text without accents")
    return {str(name): str(text) for name, text in value.items()}


def _is_header(text: str) -> bool:
    return text.isascii() and not CONTROL.search(text)


def template(value: Any, path: str, report: Report, depth: int = 0) -> Any:
    """Read nested data whose texts may name fields of a message in braces."""
    if depth > MOST_NESTED:
        report(path, f"is nested more than {MOST_NESTED} deep")
    elif isinstance(value, Mapping):
        return {
            str(key): template(each, schema.place(path, key, number, report), report, depth + 1)
            for number, (key, each) in enumerate(value.items(), start=1)
        }
    elif isinstance(value, (list, tuple)):
        return [template(each, f"{path}[{index}]", report, depth + 1) for index, each in enumerate(value)]
    elif isinstance(value, str):
        for name in unknown_fields(value):
            report(path, schema.unknown_key(name, FIELDS, "names in braces what is no field of a message"))
        return str(value)
    elif isinstance(value, float) and not abs(value) < float("inf"):
        report(path, "is no number, which JSON could not say")
    return value


def form(value: Any, path: str, report: Report) -> Any:
    """Read the fields of a form."""
    return schema.mapping_of(template)(value, path, report)


def mail_address(value: Any, path: str, report: Report) -> Any:
    """Read the address of a mailbox, without a name beside it."""
    mailbox, at, server = value.rpartition("@") if isinstance(value, str) else ("", "", "")
    if not at or not MAILBOX.match(mailbox) or not is_host_name(server):
        schema.wrong(value, "is not a mail address", path, report)
        return schema.INVALID
    return str(value)


absolute = schema.matching(re.compile(r"/[^\x00-\x1f]*\Z"), "a path that begins with /")
port = schema.integer(1, 65535)
MAIL = schema.record(
    {
        "to": Field(schema.list_of(mail_address, at_least=1, or_one=True), required=True),
        "from": Field(mail_address, required=True),
        "server": Field(schema.host, required=True),
        "port": Field(port),
        "tls": Field(schema.choice(*PORTS), default="starttls"),
        "user": Field(schema.line, default=""),
        "password": Field(secret, default=""),
        "ca_file": Field(absolute, default=""),
    }
)
WEBHOOK = schema.record(
    {
        "name": Field(schema.name, required=True),
        "url": Field(url, required=True),
        "method": Field(schema.choice(*METHODS), default="POST"),
        "headers": Field(headers, default={}),
        "body": Field(template),
        "form": Field(form),
        "ca_file": Field(absolute, default=""),
    }
)
COMMAND = schema.record(
    {
        "name": Field(schema.name, required=True),
        "argv": Field(schema.list_of(schema.line, at_least=1), required=True),
        "timeout_seconds": Field(schema.seconds(0.1, 600), default=10.0),
    }
)


def read_notify(variables: Mapping[str, Any]) -> Dict[str, Any]:
    """Read the variables of the role by name; absent ones have their defaults.

    Returns `notifier` and `page`, each without `node`. Raises Refused with every finding.
    """
    findings: list[Finding] = []
    report = schema.collector(findings)
    given = {name[len(PREFIX) :]: value for name, value in variables.items() if name.startswith(PREFIX)}
    channels = list(_channels(given, report))
    _check_names(channels, report)
    read = {
        "cluster": schema.line(given.get("cluster", "loadbalancers"), "notify_cluster", report),
        "on": schema.list_of(schema.choice(*NOTIFIABLE))(given.get("on", NOTIFIABLE), "notify_on", report),
        "changes_per_minute": schema.integer(1, 1000)(
            given.get("changes_per_minute", 10), "notify_changes_per_minute", report
        ),
        "channels": [channel for _path, channel in channels],
    }
    page = {
        "addresses": schema.list_of(schema.address, at_least=1, or_one=True)(
            given.get("status_addresses", ["127.0.0.1"]), "notify_status_addresses", report
        ),
        "port": port(given.get("status_port", STATUS_PORT), "notify_status_port", report),
        "networks": schema.list_of(schema.network, at_least=1)(
            given.get("status_networks", ["127.0.0.0/8"]), "notify_status_networks", report
        ),
    }
    if findings:
        raise Refused(findings)
    listed = {key: [str(each) for each in page[key]] for key in ("addresses", "networks")}
    return {"notifier": read, "page": {"cluster": read["cluster"], **page, **listed}}


def check_status_port(variables: Mapping[str, Any], taken: Mapping[str, Any], report: Report) -> None:
    """Report a status page on a port that another variable (`taken`: port by variable) has already."""
    own = str(variables.get("notify_status_port") or STATUS_PORT)
    for name, other in taken.items():
        if str(other) == own:
            report("notify_status_port", f"{own} is already {name}")


def _channels(given: Mapping[str, Any], report: Report) -> Iterator[Tuple[str, Dict[str, Any]]]:
    if given.get("mail"):
        mail = schema.discreet(MAIL)(given["mail"], "notify_mail", report)
        if mail:
            _check_login(mail, report)
            mail["port"] = mail["port"] or PORTS.get(mail["tls"], 0)
            yield "notify_mail", {"kind": "mail", "name": "mail", "sender": mail.pop("from"), **mail}
    for kind, one in (("webhook", WEBHOOK), ("command", COMMAND)):
        path = f"notify_{kind}s"
        read = schema.discreet(schema.list_of(one))
        for index, each in enumerate(read(given.get(f"{kind}s") or [], path, report) or ()):
            if each:
                where = f"{path}[{index}]"
                if kind == "webhook":
                    _check_webhook(each, where, report)
                elif each["argv"] and each["argv"][0]:
                    schema.discreet(absolute)(each["argv"][0], f"{where}.argv[0]", report)
                yield where, {"kind": kind, **each}


def _check_login(mail: Mapping[str, Any], report: Report) -> None:
    if mail["user"] and mail["password"] == "":
        report("notify_mail.password", "is missing: there is a user")
    if mail["password"] and not mail["user"]:
        report("notify_mail.user", "is missing: there is a password")
    if mail["user"] and mail["tls"] == "none":
        report("notify_mail.tls", "none would send the password for all to read: use starttls or tls, or no user")


def _check_webhook(hook: Mapping[str, Any], path: str, report: Report) -> None:
    if hook["body"] is not None and hook["form"] is not None:
        report(f"{path}.form", "contradicts body: give one of them")
    if hook["method"] == "GET" and hook["form"] is None:
        report(f"{path}.form", "is missing: a GET has no body, and its query is made of the form")


def _check_names(channels: list[Tuple[str, Dict[str, Any]]], report: Report) -> None:
    """Report names that are used twice: a channel's queue is a directory of its name."""
    seen: Dict[str, str] = {}
    for path, channel in channels:
        name = channel["name"]
        if name and name in seen:
            report(f"{path}.name", f"is already the name of {seen[name]}")
        seen.setdefault(name, path)


def notify_config(variables: Mapping[str, Any], node: str) -> Dict[str, Any]:
    """Return the configurations of a node, `notifier` and `page`.

    Raises Refused with every finding.
    """
    read = read_notify(variables)
    return {name: {**each, "node": node} for name, each in read.items()}
