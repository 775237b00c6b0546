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
    "firewall": Field(text),
    "virtualization": Field(text),
    "cloud": Field(text),
    "time_synchronised": Field(schema.boolean),
    "network_services": Field(LINES),
    "keeps_addresses": Field(schema.boolean),
    "configured_addresses": Field(schema.mapping_of(text)),
    "initial_namespaces": Field(schema.boolean),
    **{engine.configuration.fact: Field(text) for engine in ENGINES if engine.configuration},
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
    "content": Field(configuration),
    "included": Field(schema.list_of(schema.record(INCLUDED)), default=()),
    "facts": Field(schema.record(FACTS), default={}),
}
CONFIGS = schema.list_of(schema.record(CONFIG), at_least=1)


def read_configs(value: Any, path: str = "configs") -> Tuple[ConfiguredNode, ...]:
    """Read a list of {node, path or content, included, facts}, or a mapping of nodes to paths.

    With a path alone, the file and its includes are read from disk. With content, `included` has its includes as
    recorded by `recorder`. Raises Refused with every error, unreadable files among them.
    """
    findings: List[Finding] = []
    report = schema.collector(findings)
    if isinstance(value, Mapping):
        value = [{"node": node, "path": file} for node, file in value.items()]
    read = CONFIGS(value, path, report)
    configs: Sequence[Mapping[str, Any]] = read if read and not findings else ()
    names = [each["node"] for each in configs]
    nodes = []
    for number, config in enumerate(configs):
        where = f"{path}[{number}]"
        if config["node"] in names[:number]:
            report(f"{where}.node", f"there is a node {config['node']} already")
        else:
            nodes += _nodes(config, where, report)
    if findings:
        raise Refused(findings)
    return tuple(nodes)


def _nodes(config: Mapping[str, Any], where: str, report: Report) -> List[ConfiguredNode]:
    """Return [node], or [] after reporting why it cannot be read."""
    name, file, content = config["node"], config["path"], config["content"]
    include: Reader = recorded(config["included"])
    if content is None and file is None:
        report(where, f"{name} has neither a path nor a content")
        return []
    if content is None:
        try:
            content, include = read_file(Path(file)), read_includes
        except HaLbError as error:
            report(f"{where}.path", f"of {name}, {error}")
            return []
    facts = {key: each for key, each in config["facts"].items() if each is not None}
    tree = parse(content, file or USUAL_NAME, config_id=short(facts.get("hostname") or name), read=include)
    return [read_node(name, tree, facts)]


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
