"""Draw which room imports which, from the code's imports: `python -m tests.structure` rewrites docs/architecture.md.

Each drawing stands between `<!-- rooms of NAME -->` and `<!-- end -->`. An arrow points from a room to one that it
imports. Arrows that follow from others are left out: A -> C is not drawn where A -> B -> C is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import grimp

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"
PACKAGES: Final = ("sync", "crawler", "im_api", "alerts", "inbox", "imhub", "demo")
EVERYTHING: Final = "the project"
LEFT_OUT: Final = {"apps", "management", "migrations", "signals", "admin", "urls"}
"""What Django finds by its name. It imports much, and nothing imports it."""

Arrows = Mapping[str, set[str]]


class CircleFound(Exception):
    """The message names the rooms that import each other."""


def read_graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES)


def find_rooms(graph: grimp.ImportGraph, name: str) -> Arrows:
    """Return room -> the rooms that it imports: the packages of the project, or what stands in the package `name`."""
    if name == EVERYTHING:
        members = {**{package: package for package in PACKAGES}, "sync.protocol": "sync.protocol"}
    else:
        children = graph.find_children(name)
        members = {child: child for child in children if child.rpartition(".")[2] not in LEFT_OUT}
    rooms: dict[str, set[str]] = {room: set() for room in members}
    for module in graph.modules:
        room = _room_of(module, rooms)
        if room is None:
            continue
        imported = {_room_of(one, rooms) for one in graph.find_modules_directly_imported_by(module)}
        rooms[room] |= {other for other in imported if other is not None and other != room}
    return rooms


def _room_of(module: str, rooms: Arrows) -> str | None:
    fitting = [room for room in rooms if module == room or module.startswith(f"{room}.")]
    return max(fitting, key=len, default=None)


def reduce_arrows(rooms: Arrows) -> list[tuple[str, str]]:
    """Return the arrows that do not follow from others. Raises CircleFound."""
    try:
        order = list(TopologicalSorter(rooms).static_order())
    except CycleError as error:
        raise CircleFound(" -> ".join(error.args[1])) from error
    reached: dict[str, set[str]] = {}
    arrows = []
    for room in order:
        below = set[str]().union(*(reached[other] for other in rooms[room]))
        reached[room] = below | rooms[room]
        arrows += [(room, other) for other in sorted(rooms[room] - below)]
    return sorted(arrows)


def draw(graph: grimp.ImportGraph, name: str) -> str:
    """Return the drawing of one package as Mermaid. Raises CircleFound."""
    rooms = find_rooms(graph, name)
    prefix = "" if name == EVERYTHING else f"{name}."
    lines = ["```mermaid", "flowchart TD"]
    for room in sorted(rooms):
        label = room.removeprefix(prefix).replace(".", "/") + ("/" if graph.find_children(room) else ".py")
        lines.append(f'  {_key(room)}["{label}"]')
    lines += [f"  {_key(room)} --> {_key(other)}" for room, other in reduce_arrows(rooms)]
    return "\n".join([*lines, "```"])


def _key(room: str) -> str:
    return room.replace(".", "_")


def redraw(document: str) -> str:
    """Return the document with each drawing made anew."""
    graph = read_graph()
    return re.sub(
        r"(<!-- rooms of ([\w. ]+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{draw(graph, found[2])}\n{found[3]}",
        document,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    DOCUMENT.write_text(redraw(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
