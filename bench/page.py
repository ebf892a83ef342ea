"""Writes what was found to `docs/performance.md`: the tables between its marks, the plots and the numbers beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from bench.machine import ROOT
from bench.results import Chart, Found, format_table

PAGE: Final = ROOT / "docs" / "performance.md"
RESULTS: Final = "results.json"


def draw(chart: Chart, file: Path) -> None:
    """Draw with a library that only the benchmarks need."""
    from bench import plots

    plots.draw(chart, file)


def write_page(found: Mapping[str, Found], page: Path = PAGE) -> None:
    """Put the parts that were measured into the page; the others stay as they were."""
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    file = folder / RESULTS
    known = msgspec.json.decode(file.read_bytes(), type=dict[str, Found]) if file.exists() else {}
    file.write_bytes(msgspec.json.format(msgspec.json.encode({**known, **found}), indent=1) + b"\n")
    text = page.read_text("utf-8")
    for name, part in found.items():
        for chart in part.charts:
            draw(chart, folder / f"{chart.name}.svg")
        text = _replace(text, name, _format_part(part, folder.name))
    page.write_text(text, "utf-8")


def _replace(text: str, name: str, inner: str) -> str:
    begin, end = f"<!-- bench {name} -->", "<!-- end -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"the page has no place for {name}: {begin} … {end}")
    return marked.sub(lambda _: f"{begin}\n{inner}\n{end}", text, count=1)


def _format_part(part: Found, folder: str) -> str:
    machine = part.machine
    where = (
        f"*{machine.at}, {machine.cpu}, {machine.cores} cores, {machine.memory_gb:g} GB, {machine.system}, "
        f"Python {machine.python}, commit {machine.commit}; {part.seconds:.0f} s.*"
        if machine is not None
        else ""
    )
    plots = [f"![{chart.title}]({folder}/{chart.name}.svg)" for chart in part.charts]
    return "\n\n".join([where, *map(format_table, part.tables), *plots])
