# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known against the programs that are to run, or run: faults of their releases, and ends."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Sequence

from ..basics.wording import listed
from ..engines.catalogue import ENGINES
from ..host.releases import Branch, Releases, shortcomings, upstream_of
from ..keepalived.releases import RELEASES as KEEPALIVED

PROGRAMS = {
    "keepalived": KEEPALIVED,
    **{engine.name: engine.releases for engine in ENGINES if engine.releases},
}
DEBIAN = Releases(
    program="Debian",
    as_of="2026-08-22",
    source="https://www.debian.org/releases/",
    # With the years of its long-term support
    branches=(
        Branch("10", "2024-06-30"),
        Branch("11", "2026-08-31"),
        Branch("12", "2028-06-30"),
        Branch("13", "2030-06-30"),
    ),
)


def wanted_releases(variables: Mapping[str, Any], today: str) -> List[str]:
    """Return what is known against the versions that the input names, as sentences with their paths.

    `variables` are those of a cluster, checked; `today` is a day as 2026-01-31. A version in ha_lb_versions counts if
    it is upstream's own package: a distribution mends its own under the same version.
    """
    said = []
    versions = variables.get("ha_lb_versions")
    packages = versions if isinstance(versions, Mapping) else {}
    for program, releases in PROGRAMS.items():
        source = variables.get(f"{program}_source") or {}
        if source:
            found = shortcomings(str(source["version"]), releases, today, source.get("options") or [])
            said += [f"{program}_source.version: {each}" for each in found]
        package = upstream_of(str(packages.get(program, "")))
        said += [f"ha_lb_versions.{program}: {each}" for each in shortcomings(package, releases, today)]
    return said


def installed_releases(configs: Sequence[Mapping[str, Any]], today: str) -> List[str]:
    """Return what is known against the packages on the nodes and against their Debian: sentences that name the nodes.

    `configs` are answers of M(keepalived_config); of their facts this reads `packages`, {program: version}, and
    `distribution`, as "debian 12".
    """
    nodes: dict[str, list[str]] = {}
    for config in configs:
        for sentence in _of_node(config.get("facts") or {}, today):
            nodes.setdefault(sentence, []).append(str(config.get("node")))
    return [f"{listed(names)}: {sentence}" for sentence, names in nodes.items()]


def _of_node(facts: Mapping[str, Any], today: str) -> Iterator[str]:
    found = facts.get("packages")
    packages = found if isinstance(found, Mapping) else {}
    for program, releases in PROGRAMS.items():
        yield from shortcomings(upstream_of(str(packages.get(program, ""))), releases, today)
    name, _space, release = str(facts.get("distribution") or "").partition(" ")
    if name == "debian":
        yield from shortcomings(release, DEBIAN, today)
