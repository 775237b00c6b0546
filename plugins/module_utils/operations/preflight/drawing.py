# SPDX-License-Identifier: GPL-3.0-or-later
"""The geometry of the cluster's drawing: wires, nodes, and slots for VIPs. Lengths are in pixels."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

MARGIN = 12  # left and right: room for the line that joins the wires
STROKE = 2
WIRE = 28  # from the top of a row to its wire: room for the networks' names
LINK = 60  # from the wire down to the node
PADDING = 10
HEADER = 40  # the node's name
STATE = 74  # whether the node is up, beside its name
ADDRESS = 16  # a line with one address
PART_LINE = 30  # a line with keepalived or the proxy
PARTS = (("keepalived", 100), ("proxy", 68), ("uplink", 74))  # with their widths
ROW_GAP = 30
CHIP_GAP = 6
TALL, FLAT = 40, 24  # heights of a VIP with and without its address
BROAD = 200  # width from which a node has room for two VIPs beside each other
NOBODY = 30  # the label above the VIPs that nobody holds
NAME_LETTER, ADDRESS_LETTER = 7.9, 6.7  # average widths of a letter
GOLDEN_ANGLE = 137.508  # degrees; neighbours in the list get hues far apart


@dataclass(frozen=True)
class Format:
    """The limits of one drawing, for a wide or a narrow screen."""

    name: str
    width: int
    columns: int
    box: int
    closest: int
    widest: int
    roomy: int  # up to so many VIPs in a node, each has its own line and shows its address


FORMATS = (Format("wide", 1040, 4, 288, 32, 170, 6), Format("narrow", 360, 2, 162, 12, 12, 3))


@dataclass(frozen=True)
class Scene:
    """What is drawn.

    `nodes` and `vips` have names and addresses, `holders` the number of the node that holds each VIP; `most` is the
    largest number of VIPs that one node ever holds, and `lost` the largest that no node holds.
    """

    nodes: Sequence[tuple[str, Sequence[str]]]
    vips: Sequence[tuple[str, Sequence[str]]]
    holders: Sequence[int]
    most: int
    lost: int
    kinds: Sequence[str] = ()
    """Of the parts that can fail."""


def scene_of(nodes: Sequence[Mapping[str, Any]], vips: Mapping[str, Sequence[str]], proof: Mapping[str, Any]) -> Scene:
    """Return the scene of a cluster, with the maxima over every state of the proof."""
    names = [each["node"] for each in nodes]
    states = [proof["normal"], *(failure["holders"] for failure in proof["failures"])]
    held = [holder_numbers(names, list(vips), state) for state in states]
    return Scene(
        nodes=[(each["node"], each["addresses"]) for each in nodes],
        vips=list(vips.items()),
        holders=held[0],
        most=max(state.count(number) for state in held for number in range(len(names))),
        lost=max(state.count(len(names)) for state in held),
        kinds=list(dict.fromkeys(part["kind"] for failure in proof["failures"] for part in failure["parts"])),
    )


def holder_numbers(nodes: Sequence[str], vips: Sequence[str], holders: Mapping[str, Any]) -> list[int]:
    """Return the index of every VIP's holder in `nodes`; without a holder, the number of nodes."""
    return [nodes.index(holders[vip]) if holders.get(vip) in nodes else len(nodes) for vip in vips]


def draw(scene: Scene, form: Format) -> dict[str, Any]:
    """Return the geometry; `slots` has the places of VIPs by node, and last those of VIPs that no node holds."""
    lines = math.ceil(len(scene.nodes) / form.columns)
    columns = math.ceil(len(scene.nodes) / lines)
    box = min(form.box, (form.width - 2 * MARGIN - (columns - 1) * form.closest) // columns)
    gap = min(form.widest, (form.width - 2 * MARGIN - columns * box) // max(1, columns - 1))
    left = (form.width - columns * box - (columns - 1) * gap) // 2
    chip = _chip(scene.most, form.roomy, box)
    first = HEADER + ADDRESS * max(len(addresses) for name, addresses in scene.nodes)
    parts = _parts(first, box, [each for each in PARTS if each[0] in scene.kinds])
    top = parts[-1]["y"] + PART_LINE + 6
    height = top + _height(scene.most, chip["columns"], chip) + PADDING
    wires = [WIRE + line * (LINK + height + ROW_GAP) for line in range(lines)]
    spots = [(left + each % columns * (box + gap), wires[each // columns] + LINK) for each in range(len(scene.nodes))]
    slots = [_slots(x + PADDING, y + top, chip["columns"], scene.most, chip) for x, y in spots]
    bottom = wires[-1] + LINK + height
    tray, lost = _tray(scene.lost, left, bottom + ROW_GAP, form.width - 2 * left, chip)
    return {
        "name": form.name,
        "width": form.width,
        "height": (tray["y"] + tray["height"] if scene.lost else bottom) + STROKE,
        "left": left,
        "right": form.width - left,
        "wires": wires,
        "box": {"width": box, "height": height},
        "parts": parts,
        "nodes": [_node(*node, *spot, box) for node, spot in zip(scene.nodes, spots)],
        "tray": tray if scene.lost else None,
        "slots": [*slots, lost],
        "chip": chip,
        "chips": _chips(scene, [*slots, lost], chip),
    }


def networks(addresses: Sequence[str]) -> list[str]:
    """Return the networks of interface addresses, without duplicates."""
    return list(dict.fromkeys(str(ipaddress.ip_interface(each).network) for each in addresses))


def hue(number: int) -> int:
    """Return the hue of a VIP, in degrees."""
    return round(230 + number * GOLDEN_ANGLE) % 360


def fitted(text: str, width: float, letter: float) -> str:
    """Return a text, shortened to a width."""
    room = max(1, int(width / letter))
    return text if len(text) <= room else text[: room - 1] + "…"


def _node(name: str, addresses: Sequence[str], x: int, y: int, box: int) -> dict[str, Any]:
    return {
        "name": fitted(name, box - STATE, NAME_LETTER),
        "addresses": [fitted(each, box - 2 * PADDING, ADDRESS_LETTER) for each in addresses],
        "x": x,
        "y": y,
        "wire": y - LINK,
    }


def _tray(
    count: int, x: int, y: int, width: int, chip: Mapping[str, int]
) -> tuple[dict[str, int], Sequence[tuple[int, int]]]:
    """Return the frame of VIPs that no node holds, and the places in it."""
    columns = max(1, (width - 2 * PADDING + CHIP_GAP) // (chip["width"] + CHIP_GAP))
    height = NOBODY + _height(count, columns, chip) + PADDING
    return {"x": x, "y": y, "width": width, "height": height}, _slots(x + PADDING, y + NOBODY, columns, count, chip)


def _parts(y: int, box: int, parts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Place keepalived and the proxy in a node: beside each other where there is room, else one below the other."""
    beside = sum(width for kind, width in parts) + CHIP_GAP * (len(parts) - 1) <= box - 2 * PADDING
    x, placed = PADDING, []
    for kind, width in parts:
        placed.append({"kind": kind, "x": x, "y": y, "width": width if beside else box - 2 * PADDING})
        x, y = (x + width + CHIP_GAP, y) if beside else (x, y + PART_LINE)
    return placed


def _chip(most: int, roomy: int, box: int) -> dict[str, int]:
    columns = 2 if most > roomy and box >= BROAD else 1
    width = (box - 2 * PADDING - (columns - 1) * CHIP_GAP) // columns
    return {"columns": columns, "width": width, "height": FLAT if most > roomy else TALL}


def _height(count: int, columns: int, chip: Mapping[str, int]) -> int:
    return math.ceil(count / columns) * (chip["height"] + CHIP_GAP) - CHIP_GAP


def _slots(x: int, y: int, columns: int, count: int, chip: Mapping[str, int]) -> list[tuple[int, int]]:
    return [
        (x + number % columns * (chip["width"] + CHIP_GAP), y + number // columns * (chip["height"] + CHIP_GAP))
        for number in range(count)
    ]


def _chips(scene: Scene, slots: Sequence[Sequence[tuple[int, int]]], chip: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the VIPs at the places of their holders without a failure."""
    room = chip["width"] - 22
    chips = []
    for number, (name, addresses) in enumerate(scene.vips):
        holder = scene.holders[number]
        x, y = slots[holder][scene.holders[:number].count(holder)]
        bare = [each.split("/")[0] for each in addresses]
        chips.append(
            {
                "name": fitted(name, room, NAME_LETTER),
                "full": f"{name}: {', '.join(bare)}",
                "address": fitted(", ".join(bare), room, ADDRESS_LETTER) if chip["height"] == TALL else "",
                "hue": hue(number),
                "x": x,
                "y": y,
            }
        )
    return chips
