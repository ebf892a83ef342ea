"""What the benchmarks found, on the page."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import __main__ as bench
from bench.load import _as_ms
from bench.machine import describe_machine
from bench.page import PAGE, write_page
from bench.results import Chart, Found, Table, format_table, percentile

PAGE_TEXT = "# P\n\nwords\n\n<!-- bench http -->\nold\n<!-- end -->\n\n<!-- bench store -->\nold\n<!-- end -->\n"


def found(rate: float) -> Found:
    table = Table("Answers", ["what", "a second"], [["list", rate], ["长列表", None]], ["Aim: many."])
    chart = Chart("answers", "Answers", "what", "a second", {"ours": [("list", rate)]}, bars=True)
    return Found([table], [chart], describe_machine(), 2.0)


def test_a_table_reads_well_in_a_terminal_and_is_markdown() -> None:
    assert format_table(found(12345.6).tables[0]).splitlines() == [
        "**Answers**",
        "",
        "| what   | a second |",
        "|--------|----------|",
        "| list   | 12,346   |",
        "| 长列表 |          |",
        "",
        "Aim: many.",
    ]


def test_the_page_keeps_what_was_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.page.draw", lambda chart, file: file.write_text(chart.title))
    page = tmp_path / "performance.md"
    page.write_text(PAGE_TEXT, "utf-8")
    write_page({"http": found(1.5), "store": found(7.25)}, page)
    write_page({"store": found(8.75)}, page)
    text = page.read_text("utf-8")
    assert "old" not in text
    assert [number in text for number in ("1.5", "7.25", "8.75")] == [True, False, True]
    assert "![Answers](performance/answers.svg)" in text
    assert (tmp_path / "performance" / "answers.svg").read_text() == "Answers"
    kept = msgspec.json.decode((tmp_path / "performance" / "results.json").read_bytes(), type=dict[str, Found])
    assert [part.tables[0].rows[0][1] for part in kept.values()] == [1.5, 8.75]
    assert [part.machine is not None for part in kept.values()] == [True, True]


def test_every_part_has_its_place_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert [name for name in bench.PARTS if f"<!-- bench {name} -->" not in text] == []


def test_an_unknown_part_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["htp"])
    assert "no such part: htp" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "ms"), [("950.00us", 0.95), ("1.30ms", 1.3), ("1.05s", 1050.0)])
def test_the_times_of_wrk_are_read_with_their_units(text: str, ms: float) -> None:
    assert _as_ms(text) == pytest.approx(ms)


def test_one_measurement_is_its_own_percentile() -> None:
    assert (percentile([3.0], 99), percentile([0.0, 100.0], 99)) == (3.0, 99.0)


if importlib.util.find_spec("matplotlib") is not None:  # only the benchmarks need it

    @pytest.mark.parametrize("options", [{"bars": True}, {"log": True}, {}])
    def test_a_chart_is_drawn_as_the_same_svg_each_time(tmp_path: Path, options: dict[str, Any]) -> None:
        from bench.plots import draw

        points: list[tuple[Any, float]] = [("list", 1.0)] if options.get("bars") else [(10, 1.0), (100, 2.0)]
        chart = Chart("a", "Answers", "x", "y", {"ours": points, "theirs": points}, **options)
        for name in ("one.svg", "two.svg"):
            draw(chart, tmp_path / name)
        assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
        assert "Answers" in (tmp_path / "one.svg").read_text("utf-8")
