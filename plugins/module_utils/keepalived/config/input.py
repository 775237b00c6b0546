# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the linter's input: configurations of nodes, as files or as text, and facts of their hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, List, Mapping, Sequence, Tuple

from ...basics import schema
from ...basics.errors import Finding, HaLbError, Refused
from ...basics.schema import Field, Report
from ...engines.catalogue import ENGINES
from ..language.includes import FILE_MEGABYTES, Reader, read_includes
from ..language.parser import parse, read_file
from .model import ConfiguredNode
from .read import read_node

USUAL_NAME = "keepalived.conf"
FACT_CHARACTERS = 1_000_000


def text(value: Any, path: str, report: Report) -> Any:
    """Accept a string of any length with any characters."""
    if not isinstance(value, str):
        report(path, f"{type(value).__name__} is not a text")
        return schema.INVALID
    return value


def configuration(value: Any, path: str, report: Report) -> Any:
    """Accept the text of a configuration of at most 4 MB."""
    found = text(value, path, report)
    if found and len(found) > FILE_MEGABYTES * 1_000_000:
        report(path, f"is larger than {FILE_MEGABYTES} MB, so it is not read as a configuration")
        return schema.INVALID
    return found


def fact_text(value: Any, path: str, report: Report) -> Any:
    """Accept a text of a host beside its configuration, of at most 1 MB: its firewall, or the proxy's own file."""
    found = text(value, path, report)
    if found and len(found) > FACT_CHARACTERS:
        report(path, f"has more than {FACT_CHARACTERS:,} characters, so it is not read")
        return schema.INVALID
    return found


def scalar(value: Any, path: str, report: Report) -> Any:
    """Read a number or a string as a string; null as an empty one."""
    if isinstance(value, (str, int, float)) or value is None:
        return "" if value is None else str(value)
    report(path, f"{type(value).__name__} is neither a number nor a word")
    return schema.INVALID


def optional_text(value: Any, path: str, report: Report) -> Any:
    """Accept a string or null."""
    return None if value is None else text(value, path, report)


def anything_by_name(value: Any, path: str, report: Report) -> Any:
    """Accept a mapping with any content; its keys become strings."""
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    report(path, f"{value!r} is not a mapping")
    return schema.INVALID


LINES = schema.list_of(schema.line)
INTERFACE = {
    "name": Field(schema.line, required=True),
    "addresses": Field(LINES, required=True),
    "own": Field(LINES, default=()),
}
FILE = {
    "exists": Field(schema.boolean, default=True),
    "executable": Field(schema.boolean, default=True),
    "shebang": Field(schema.boolean, default=True),
    "writable_by": Field(text, default=""),
}
REAL_SERVER = {
    "addresses": Field(schema.mapping_of(LINES), default={}),
    "sysctls": Field(schema.mapping_of(scalar), default={}),
    "interface": Field(text, default="all"),
    "gateway": Field(text, default=""),
}
FACTS = {
    "keepalived_version": Field(text),
    "hostname": Field(text),
    "packages": Field(schema.mapping_of(text)),
    "distribution": Field(text),
    "interfaces": Field(schema.list_of(schema.record(INTERFACE))),
    "sysctls": Field(schema.mapping_of(scalar)),
    "users": Field(LINES),
    "files": Field(schema.mapping_of(schema.record(FILE))),
    "commands": Field(schema.mapping_of(optional_text)),
    "firewall": Field(fact_text),
    "virtualization": Field(text),
    "cloud": Field(text),
    "time_synchronised": Field(schema.boolean),
    "network_services": Field(LINES),
    "keeps_addresses": Field(schema.boolean),
    "configured_addresses": Field(schema.mapping_of(text)),
    "initial_namespaces": Field(schema.boolean),
    "guarded": Field(schema.boolean),
    **{engine.configuration.fact: Field(fact_text) for engine in ENGINES if engine.configuration},
    "heard": Field(schema.list_of(anything_by_name)),
    "real_servers": Field(schema.mapping_of(schema.record(REAL_SERVER))),
}
INCLUDED = {
    "by": Field(schema.line, required=True),
    "pattern": Field(text, required=True),
    "path": Field(text, default=""),
    "content": Field(configuration, default=""),
    "error": Field(text, default=""),
}
CONFIG = {
    "node": Field(schema.name, required=True),
    "path": Field(schema.line),
    "content": Field(configuration, required=True),
    "included": Field(schema.list_of(schema.record(INCLUDED)), default=()),
    "facts": Field(schema.record(FACTS), default={}),
}
FILE_OF_NODE = schema.record(
    {"path": Field(schema.line, required=True), "facts": Field(schema.record(FACTS), default={})}
)
CONFIGS = schema.list_of(schema.record(CONFIG), at_least=1)


def read_configs(value: Any, path: str = "configs") -> Tuple[ConfiguredNode, ...]:
    """Read texts from hosts, which are a list, or files that somebody names here, a mapping of nodes to them.

    Raises Refused with every error.
    """
    return read_files(value, path) if isinstance(value, Mapping) else read_texts(value, path)


def read_files(value: Mapping[str, Any], path: str = "configs") -> Tuple[ConfiguredNode, ...]:
    """Read files and what they include from this disk: a mapping of nodes to paths, or to {path, facts}.

    Only for paths that the operator has named. Raises Refused with every error, unreadable files among them.
    """
    findings: List[Finding] = []
    report = schema.collector(findings)
    nodes = []
    for name, each in value.items():
        where = schema.inside(path, name)
        file = FILE_OF_NODE(each if isinstance(each, Mapping) else {"path": each}, where, report)
        if schema.name(name, where, report) and file and file["path"]:
            nodes += _of_file(str(name), file, where, report)
    if not value:
        report(path, "names no file")
    if findings:
        raise Refused(findings)
    return tuple(nodes)


def _of_file(name: str, file: Mapping[str, Any], where: str, report: Report) -> List[ConfiguredNode]:
    try:
        content = read_file(Path(file["path"]))
    except HaLbError as error:
        report(where, f"of {name}, {error}")
        return []
    return [_node(name, file, content, read_includes)]


def read_texts(value: Any, path: str = "configs") -> Tuple[ConfiguredNode, ...]:
    """Read a list of {node, path, content, included, facts}, as hosts say them. No file of this disk is opened.

    `path` is the name of the text in messages, and `included` what it includes, as recorded by `recorder`.
    Raises Refused with every error.
    """
    findings: List[Finding] = []
    report = schema.collector(findings)
    read = CONFIGS(value, path, report)
    configs: Sequence[Mapping[str, Any]] = read if read and not findings else ()
    names = [each["node"] for each in configs]
    nodes = []
    for number, config in enumerate(configs):
        where = f"{path}[{number}]"
        if config["node"] in names[:number]:
            report(f"{where}.node", f"there is a node {config['node']} already")
        else:
            nodes.append(_node(config["node"], config, config["content"], recorded(config["included"])))
    if findings:
        raise Refused(findings)
    return tuple(nodes)


def _node(name: str, config: Mapping[str, Any], content: str, include: Reader) -> ConfiguredNode:
    facts = {key: each for key, each in config["facts"].items() if each is not None}
    path = config["path"] or USUAL_NAME
    tree = parse(content, path, config_id=short(facts.get("hostname") or name), read=include)
    return read_node(name, tree, facts)


def short(name: str) -> str:
    """Return a host name without its domain: keepalived's default config_id, for lines with @."""
    return name.partition(".")[0]


def recorded(included: Sequence[Mapping[str, Any]]) -> Reader:
    """Return a reader that answers from {by, pattern, path, content, error} recorded on another host."""

    def read(pattern: str, including: str) -> List[Tuple[str, str]]:
        found = [each for each in included if (each["by"], each["pattern"]) == (including, pattern)]
        for include in found:
            if include["error"]:
                raise OSError(include["error"])
        return [(each["path"], each["content"]) for each in found]

    return read


def recorder(read: Reader, into: Callable[[Mapping[str, Any]], None]) -> Reader:
    """Return a reader that calls `read`, and hands every result to `into` in the shape that `recorded` takes."""

    def reads(pattern: str, including: str) -> Sequence[Tuple[str, str]]:
        try:
            found = read(pattern, including)
        except (OSError, ValueError) as error:
            into({"by": including, "pattern": pattern, "error": str(error)})
            raise
        for path, content in found:
            into({"by": including, "pattern": pattern, "path": path, "content": content})
        return found

    return reads
