# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a web hook, read: no finding quotes a header or a URL, because any of them may be a secret."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Any, Iterable, Mapping
from urllib.parse import urlsplit

from ...basics import schema
from ...basics.schema import Field, Report
from ...basics.variables import remote_host
from .filling import unknown_fields
from .message import FIELDS

METHODS = ("POST", "PUT", "GET")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")  # RFC 9110 §5.1
HEADER_TEXT = re.compile(r"[\t -~]*\Z")
OF_THE_REQUEST = ("connection", "content-length", "host", "transfer-encoding")
# Words in the names under which people send what nobody else may read
SECRET_WORDS = frozenset(
    (
        *("apikey", "auth", "authorization", "cookie", "credential", "credentials", "key", "passphrase", "passwd"),
        *("password", "secret", "signature", "token"),
    )
)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
MOST_NESTED = 20
LONGEST_NAME = 64  # of a channel, whose queue is a directory of its name

absolute = schema.matching(
    re.compile("(/[^\x00-\x1f\x7f-\x9f\u2028\u2029/]+)+\\Z"), "a path of a file that begins with /"
)


channel_name = schema.matching(schema.NAME, "a name (letters, digits, dot, dash and underscore)", LONGEST_NAME)


def url(value: Any, path: str, report: Report) -> Any:
    """Read the address of a web hook."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.hostname or ""
        known = remote_host(host, "", lambda where, message: None) is not schema.INVALID
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
        elif name.lower() in OF_THE_REQUEST:
            report(where, "is set by the request itself")
        elif not isinstance(text, (str, int, float)) or isinstance(text, bool) or not HEADER_TEXT.match(str(text)):
            report(where, "is not a line of text without accents")
    return {str(name): str(text) for name, text in value.items()}


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
    elif isinstance(value, float) and not math.isfinite(value):
        report(path, "is no number, which JSON could not say")
    return value


def form(value: Any, path: str, report: Report) -> Any:
    """Read the fields of a form, each a text or a number."""
    read = schema.mapping_of(template)(value, path, report)
    for number, (name, each) in enumerate((read or {}).items(), start=1):
        if isinstance(each, (dict, list)):
            report(schema.place(path, name, number, report), "is not a text, and a form has no others")
    return read


WEBHOOK = schema.record(
    {
        "name": Field(channel_name, required=True),
        "url": Field(url, required=True),
        "method": Field(schema.choice(*METHODS), default="POST"),
        "headers": Field(headers, default={}),
        "body": Field(template),
        "form": Field(form),
        "ca_file": Field(absolute, default=""),
    }
)


def check_webhook(hook: Mapping[str, Any], path: str, report: Report) -> None:
    """Report what contradicts, and a secret that all could read on its way."""
    if hook["body"] is not None and hook["form"] is not None:
        report(f"{path}.form", "contradicts body: give one of them")
    if hook["method"] == "GET" and hook["form"] is None:
        report(f"{path}.form", "is missing: a GET has no body, and its query is made of the form")
    if hook["url"] and in_clear(hook["url"]):
        for key in ("headers", "form", "body"):
            for name in secret_names(hook[key] or {}):
                report(f"{path}.url", f"http:// would send the secret in {key} ({name}) for all to read: use https://")


def host_of(address: str) -> str:
    """Return the host of a URL; empty for what is none."""
    return urlsplit(address or "").hostname or ""


def in_clear(address: str) -> bool:
    """Tell whether others can read what is sent to a URL: over HTTP, and not to this host itself."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    here = host == "localhost" or (schema.is_address(host) and ipaddress.ip_address(host).is_loopback)
    return parts.scheme == "http" and not here


def secret_names(value: Any) -> Iterable[str]:
    """Yield the names in nested data under which there is a secret, by their sound."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if SECRET_WORDS.intersection(word.lower() for word in WORD.findall(str(name))):
                yield str(name)
            else:
                yield from secret_names(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from secret_names(each)
