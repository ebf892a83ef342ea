"""Charts as SVG files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

from bench.results import Chart, format_cell

STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "imhub",  # the same numbers give the same file
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
}
SIZE_INCHES: Final = (7.0, 3.4)


def draw(chart: Chart, file: Path) -> None:
    """Write the chart to `file`."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=SIZE_INCHES)
        if chart.bars:
            _draw_bars(chart, axes)
        else:
            for name, points in chart.series.items():
                axes.plot(*zip(*points, strict=True), marker="o", label=name)
        if chart.log:
            axes.set_xscale("log")
        if chart.log or chart.bars:
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        scale = ", logarithmic" if chart.log or chart.bars else ""
        axes.set(title=chart.title, xlabel=chart.x, ylabel=f"{chart.y}{scale}")
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=len(chart.series))
        figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


def _draw_bars(chart: Chart, axes: Any) -> None:
    """Draw a group of bars for each x, with the numbers on them."""
    names = [str(x) for x, _ in next(iter(chart.series.values()))]
    width = 0.8 / len(chart.series)
    for at, (name, points) in enumerate(chart.series.items()):
        places = [place - 0.4 + (at + 0.5) * width for place in range(len(names))]
        bars = axes.bar(places, [y for _, y in points], width, label=name)
        axes.bar_label(bars, [format_cell(y) for _, y in points], fontsize=6)
    axes.set_xticks(range(len(names)), names)
