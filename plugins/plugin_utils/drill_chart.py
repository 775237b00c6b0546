# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill as a drawing: who held which VIP, what the client saw, and the moment of the fault enlarged.

Matplotlib is only imported when something is drawn: without it, everything else works.
"""

from __future__ import annotations

import importlib.util
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..module_utils.operations.drill.plan import drill_wanted
from ..module_utils.operations.drill.report import drill_report
from ..module_utils.operations.preflight.drawing import fitted, hue

# Matplotlib knows colours, and the page has variables, which follow the reader's scheme: these stand in for them
COLOURS = {
    "text": "#010101",
    "muted": "#010102",
    "line": "#010103",
    "accent": "#010104",
    "bad": "#010105",
    "surface": "#010106",
}
FIRST_HUE = 0x010200
BIN_MS = 60.0
FEW_LANES, LANE = 6, 0.12  # from so many on, each adds so many inches
LETTER = 6.2  # px; the width of a letter of a label
LEAST_MS = 0.5
ALONE = 0.3  # opacity of what a node holds where the others do not see it
SHORT_MS, LONG_MS = 200.0, 1000.0  # what is enlarged has at least, and for two holders at most, this length
NOTHING = (float("nan"), float("nan"))  # a line has a gap there
STYLE = {"svg.fonttype": "none", "text.parse_math": False, "font.size": 9, "path.simplify": False}


class Form(NamedTuple):
    """One way to draw: the size in inches, where the panels stand, and how many letters a node's name may have."""

    name: str
    size: tuple[float, float]
    side_by_side: bool
    letters: int


FORMS = (Form("wide", (10.4, 3.1), True, 14), Form("narrow", (4.1, 5.6), False, 9))


def lacking() -> str:
    """Say what the controller lacks for a chart; nothing, if it can draw."""
    if importlib.util.find_spec("matplotlib"):
        return ""
    return "the controller draws the page with matplotlib, and does not have it: pip install matplotlib, beside Ansible"


def charts(outcome: Mapping[str, Any], title: str) -> list[dict[str, str]]:
    """Return the drawings of a drill, C({name, svg}); a drill without measurement has none."""
    return [{"name": form.name, "svg": _svg(outcome, form, title)} for form in FORMS] if "probes" in outcome else []


def _svg(outcome: Mapping[str, Any], form: Form, title: str) -> str:
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: Any = {**STYLE, "svg.hashsalt": f"{outcome['name']} {form.name}"}
    with matplotlib.rc_context(style):
        more = max(0, len(_lanes(outcome)) - FEW_LANES) * LANE * (1 if form.side_by_side else 2)
        figure = Figure(figsize=(form.size[0], form.size[1] + more), facecolor="none", layout="constrained")
        FigureCanvasSVG(figure)
        _panels(figure, outcome, form)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _for_page(file.getvalue(), len(outcome["holding"]), title)


def _panels(figure: Any, outcome: Mapping[str, Any], form: Form) -> None:
    ratios = {"width_ratios": [8, 5]} if form.side_by_side else {}
    share = [max(1.6, 0.27 * len(_lanes(outcome))), 2]
    if form.side_by_side:
        axes = figure.subplots(2, 2, gridspec_kw={**ratios, "height_ratios": share}, sharex="col")
        panels = [(axes[0][0], axes[1][0]), (axes[0][1], axes[1][1])]
    else:
        axes = figure.subplots(4, 1, gridspec_kw={"height_ratios": share * 2})
        panels = [(axes[0], axes[1]), (axes[2], axes[3])]
    zero = outcome["broken_ms"] or 0.0
    for (above, below), (begin, end), caption in zip(panels, _spans(outcome), ("the whole drill", "the fault")):
        near = caption == "the fault"
        _holding(above, outcome, form, zero)
        _requests(below, outcome, zero, begin, end, dots=near)
        for panel in (above, below):
            _frame(panel, begin, end)
            _moments(panel, outcome, zero)
        above.set_title(caption, loc="left", color=COLOURS["muted"], fontsize=9)
        above.tick_params(labelbottom=False)
        below.set_xlabel("seconds after the fault", color=COLOURS["muted"])
        if not near or not form.side_by_side:
            below.set_ylabel("answer, ms", color=COLOURS["muted"])
        if near and form.side_by_side:
            above.tick_params(labelleft=False)


def _spans(outcome: Mapping[str, Any]) -> Sequence[tuple[float, float]]:
    """Return what each panel shows, in seconds after the fault."""
    zero = outcome["broken_ms"] or 0.0
    whole = (-zero / 1000, (outcome["end_ms"] - zero) / 1000)
    both = outcome["two_holders_ms"] if outcome["two_holders_ms"] < LONG_MS else 0.0
    longest = max(outcome["outage_ms"], outcome["predicted_ms"], both, SHORT_MS)
    return whole, (-0.25 * longest / 1000 - 0.05, min(1.5 * longest / 1000 + 0.1, whole[1]))


def _lanes(outcome: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return the lanes from below: a node's VIPs beside each other."""
    return [(node, vip) for node in reversed(outcome["nodes"]) for vip in reversed(outcome["holding"])]


def _holding(panel: Any, outcome: Mapping[str, Any], form: Form, zero: float) -> None:
    lanes = _lanes(outcome)
    vips = list(outcome["holding"])
    for height, (node, vip) in enumerate(lanes):
        own = [held for held in outcome["holding"][vip] if held["node"] == node]
        for begin, end, alone in _parts(own, outcome):
            held = [((begin - zero) / 1000, (end - begin) / 1000)]
            colour, alpha = _of_vip(vips.index(vip)), ALONE if alone else 1.0
            panel.broken_barh(held, (height + 0.12, 0.76), facecolor=colour, alpha=alpha, edgecolor="none")
    each = len(vips)
    names = list(reversed(outcome["nodes"]))
    panel.set_yticks([each * (number + 0.5) for number in range(len(names))])
    panel.set_yticklabels([fitted(name, form.letters * LETTER, LETTER) for name in names])
    panel.set_ylim(0, len(lanes))
    for number in range(1, len(names)):
        panel.axhline(each * number, color=COLOURS["line"], linewidth=0.8)


def _parts(bars: Sequence[Mapping[str, Any]], outcome: Mapping[str, Any]) -> Iterator[tuple[float, float, bool]]:
    """Yield from when to when a node holds a VIP, and whether it is where the others do not see it."""
    broken, mended = outcome["broken_ms"], outcome["mended_ms"]
    apart = outcome["splits"] and broken is not None and mended is not None
    for held in bars:
        begin, end = held["begin"], held["end"]
        if not apart or held["node"] != outcome["node"] or end <= broken or begin >= mended:
            yield begin, end, False
            continue
        yield from ((at, until, False) for at, until in ((begin, broken), (mended, end)) if at < until)
        yield max(begin, broken), min(end, mended), True


def _requests(panel: Any, outcome: Mapping[str, Any], zero: float, begin: float, end: float, *, dots: bool) -> None:
    panel.set_yscale("log")
    vips = list(outcome["holding"])
    most = 10.0
    for probe in outcome["probes"]:
        points = [((at - zero) / 1000, max(took, LEAST_MS)) for at, took in probe["samples"] if took is not None]
        points = [point for point in points if begin <= point[0] <= end]
        points = points if dots else list(_slowest(points))
        most = max([most, *(took for _at, took in points if not math.isnan(took))])
        colour = _of_vip(vips.index(probe["address"]) if probe["address"] in vips else 0)
        look = {"marker": ".", "markersize": 3, "linestyle": "none"} if dots else {"linewidth": 0.9}
        panel.plot([at for at, _took in points], [took for _at, took in points], color=colour, **look)
        for each in probe["outages"]:
            at, gap = (each["at_ms"] - zero) / 1000, each["gap_ms"] / 1000
            panel.axvspan(at, at + gap, facecolor=COLOURS["bad"], alpha=0.25, edgecolor="none")
            # However short it was, it is seen
            panel.axvline(at, color=COLOURS["bad"], linewidth=1.4)
    panel.set_ylim(LEAST_MS * 0.8, most * 2)
    panel.yaxis.set_major_formatter(lambda value, _position: f"{value:g}")
    panel.minorticks_off()


def _slowest(points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the slowest answer of each short while: a line of thousands of points is none."""
    whiles: dict[int, tuple[float, float]] = {}
    for at, took in points:
        number = int(at * 1000 // BIN_MS)
        if took > whiles.get(number, (0.0, 0.0))[1]:
            whiles[number] = (at, took)
    for number, point in whiles.items():
        if number - 1 not in whiles and number - 2 not in whiles:
            yield NOTHING
        yield point


def _moments(panel: Any, outcome: Mapping[str, Any], zero: float) -> None:
    """Mark the fault, its end, and for how long the service may be away."""
    panel.axvline(0, color=COLOURS["text"], linewidth=1)
    if outcome["mended_ms"] is not None:
        panel.axvline((outcome["mended_ms"] - zero) / 1000, color=COLOURS["muted"], linewidth=1, linestyle="--")
    if outcome["predicted_ms"]:
        panel.axvspan(0, outcome["predicted_ms"] / 1000, facecolor=COLOURS["accent"], alpha=0.16, edgecolor="none")


def _frame(panel: Any, begin: float, end: float) -> None:
    panel.set_xlim(begin, end)
    panel.set_facecolor("none")
    panel.tick_params(colors=COLOURS["text"], length=3)
    for name, spine in panel.spines.items():
        spine.set_color(COLOURS["line"])
        spine.set_visible(name in ("left", "bottom"))


def _of_vip(number: int) -> str:
    return f"#{FIRST_HUE + number:06x}"


def _for_page(svg: str, vips: int, title: str) -> str:
    """Return a drawing as a part of a page: its colours are the page's, and it has its reader's size."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="[\w.]+_\d+"', "", svg)
    svg = re.sub(r"(font: [0-9.]+px )[^;\"]*", r"\1system-ui, sans-serif", svg)
    for name, stand_in in COLOURS.items():
        svg = svg.replace(stand_in, f"var(--{name})")
    for number in range(vips):
        svg = svg.replace(_of_vip(number), f"oklch(var(--chip-bar) {hue(number)})")
    head = re.sub(r' (width|height)="[0-9.]+pt"', "", svg[: svg.index(">") + 1])
    head = head.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
    return head + svg[svg.index(">") + 1 :]


def wanted(drills: Any, page: str, **asked: Any) -> dict[str, Any]:
    """Return what `drill_wanted` does; a page that nothing can draw is refused."""
    return drill_wanted(drills, page=lacking() if page else "", **asked)


def report(outcomes: Any, about: Any, page: bool = False) -> dict[str, Any]:
    """Return what `drill_report` does, with charts for a page."""
    return drill_report(outcomes, about, charts if page else lambda outcome, title: [])
