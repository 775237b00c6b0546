# SPDX-License-Identifier: GPL-3.0-or-later
"""Format the results of `make chaos` as docs/reliability.md and as the JSON beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from lab.chaos.catalogue import BY_NAME, FAULTS

ANY_PROXY = "proxy"
WHOLE, LATE = "whole", "late"
Row = Mapping[str, Any]
"""A round as plain data: steps, state, whole_after, bound, took, failed_new, failed_kept, two_holders_ms, none_ms."""

PREFACE = """# Reliability

What becomes of a cluster to which anything happens: `make chaos` plays rounds of random faults, alone or in pairs that
overlap, on real nodes in the lab, while a client sends {new:g} requests a second on new connections and {kept:g} on
connections that are kept. A round is *whole* when, within a bound that follows from the protocol and from what the
units and agents promise, every VIP is on its first choice alone, every node is fit and hears adverts, no unit has
failed, and files, firewall, settings, addresses and mounts are as before the first round. After every tenth round each
node takes over for a moment, because the proxies of all others are stopped, and `site` must change nothing. *Late* is
whole within {later:g} s more; what is neither had to be mended by a person.

A round with the same seed has the same faults: `make chaos SEED=1 ROUNDS=100 ENGINE=haproxy NODES=2`. One that fails is
made as small as it can be, and printed as a command. For short rounds nodes that return wait {delay:g} s before they
take their VIPs back, instead of 5 s, gratuitous ARP is repeated each second, instead of each minute, and nginx leaves
out a server that failed for 1 s, instead of 10 s.

"""

COLUMNS = ("fault", "rounds", "alone", "whole", "whole after", "failed, new", "failed, kept", "two holders", "none")
LEGEND = """
Every figure is the median of the rounds in which the fault was alone, with the worst of all its rounds in brackets;
*whole after* is counted from the end of the last fault. *Failed* requests are counted from the beginning of the round
until the cluster is whole; a request on a kept connection fails when the connection breaks, as it must when a VIP
moves. *Two holders* and *none* are what the nodes themselves have: a node that is cut off keeps its VIPs until it can
be heard again.
"""


def merged(before: Mapping[str, Any], name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of the JSON file with the results of one cluster replaced; clusters are sorted by name."""
    return dict(sorted({**before, name: dict(found)}.items()))


def markdown(results: Mapping[str, Any], **preface: float) -> str:
    """Return the whole page; `results` are those of merged()."""
    rounds = [row for found in results.values() for row in found["rounds"]]
    lines = [PREFACE.format(**preface) + "## Clusters\n", clusters(results), "\n## Faults\n", faults(rounds), LEGEND]
    return "\n".join(lines)


def clusters(results: Mapping[str, Any]) -> str:
    """Return the table of the clusters on which rounds were played."""
    head = ("cluster", "seed", "rounds", "not whole in time", "mended by a person", "seconds a round", "made on")
    lines = [_line(head), _line("---" for _ in head)]
    for name, found in results.items():
        states = [row["state"] for row in found["rounds"]]
        took = sum(row["took"] for row in found["rounds"]) / max(1, len(states))
        late, broken = states.count(LATE), len(states) - states.count(WHOLE) - states.count(LATE)
        lines.append(
            _line([name, str(found["seed"]), str(len(states)), str(late + broken), str(broken), f"{took:.1f}",
                   str(found["machine"])])
        )  # fmt: skip
    return "\n".join(lines)


def faults(rounds: Sequence[Row]) -> str:
    """Return the table of the faults, in the order of the catalogue."""
    lines = [_line(COLUMNS), _line("---" for _ in COLUMNS)]
    for fault in FAULTS:
        rows = [row for row in rounds if fault.name in names_of(row)]
        if rows:
            alone = [row for row in rows if len(row["steps"]) == 1]
            whole = sum(row["state"] == WHOLE for row in rows)
            figures = [
                _figure(alone, rows, "whole_after", _seconds),
                *(_figure(alone, rows, key, "{:g}".format) for key in ("failed_new", "failed_kept")),
                *(_figure(alone, rows, key, _ms) for key in ("two_holders_ms", "none_ms")),
            ]
            title = fault.title.format(proxy=ANY_PROXY)
            lines.append(_line([title, str(len(rows)), str(len(alone)), str(whole), *figures]))
    return "\n".join(lines)


def names_of(row: Row) -> list[str]:
    """Return the names of the faults of a round."""
    return [step["fault"] for step in row["steps"]]


def title_of(name: str, proxy: str) -> str:
    """Return the title of a fault for this proxy."""
    return BY_NAME[name].title.format(proxy=proxy)


def _figure(alone: Sequence[Row], rows: Sequence[Row], key: str, show: Any) -> str:
    middle = show(median(row[key] for row in alone)) if alone else "-"
    return f"{middle} ({show(max(row[key] for row in rows))})"


def _seconds(value: float) -> str:
    return f"{value:.1f} s"


def _ms(value: float) -> str:
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
