"""What a benchmark found: tables and charts, which the terminal, the JSON file and `docs/performance.md` show alike."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

Cell = str | float | None


class Table(Struct):
    """`rows` have a cell for each of `columns`. Numbers are shown with three digits. `notes`: sentences below it."""

    title: str
    columns: list[str]
    rows: list[list[Cell]] = []
    notes: list[str] = []

    def add(self, *cells: Cell) -> None:
        self.rows.append(list(cells))


class Chart(Struct):
    """`series`: name -> points. `bars`: x are words, not numbers. Both axes are logarithmic if `log`, else none is."""

    name: str
    title: str
    x: str
    y: str
    series: dict[str, list[tuple[Cell, float]]]
    bars: bool = False
    log: bool = False


class Machine(Struct):
    """The machine on which something was measured, and the moment. `at`: ISO 8601, UTC."""

    cpu: str
    cores: int
    memory_gb: float
    system: str
    python: str
    commit: str
    at: str


class Found(Struct):
    """The findings of one part, the machine, and the seconds that it took."""

    tables: list[Table]
    charts: list[Chart] = []
    machine: Machine | None = None
    seconds: float = 0.0


def format_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.3g}"


def format_table(table: Table) -> str:
    """Return the table as text of equal columns, which is also Markdown."""
    cells = [table.columns, *([format_cell(cell) for cell in row] for row in table.rows)]
    widths = [max(3, *(_width(row[at]) for row in cells)) for at in range(len(table.columns))]
    head, *rows = [f"| {' | '.join(map(_pad, row, widths))} |" for row in cells]
    rule = f"|{'|'.join('-' * (width + 2) for width in widths)}|"
    notes = [f"\n{' '.join(table.notes)}"] if table.notes else []
    return "\n".join([f"**{table.title}**", "", head, rule, *rows, *notes])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


# -- numbers


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that `share` of a hundred do not exceed. One value is its own percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else values[0]
