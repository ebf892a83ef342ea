"""What pytest's reports (JUnit XML) say. Standard library only: bootstrap.py uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree


def read_report(report: Path) -> tuple[dict[str, int], list[str]]:
    """Return how many tests ran, failed and were skipped, and the reasons of the skips. Expected failures have run."""
    cases = list(_iterate(report))
    skipped = [s for case in cases for s in case.iter("skipped") if s.get("type") != "pytest.xfail"]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    counts = {"ran": len(cases) - len(skipped), "failed": len(failed), "skipped": len(skipped)}
    return counts, [s.get("message") or "no reason given" for s in skipped]


def read_seconds(report: Path) -> list[tuple[float, str]]:
    """Return seconds and name of each test, its fixtures included. Those of a module count at its first test."""
    return [(float(case.get("time", 0)), f"{case.get('classname')}::{case.get('name')}") for case in _iterate(report)]


def format_slowest(seconds: list[tuple[float, str]], count: int = 20) -> list[str]:
    """Return the lines of a list of the slowest tests, the slowest first."""
    whole = sum(took for took, _ in seconds)
    lines = [f"{took:7.1f} s  {name}" for took, name in sorted(seconds, reverse=True)[:count]]
    return [f"The slowest {len(lines)} of {len(seconds):,} tests, which took {whole:,.0f} s in sum:", *lines]


def _iterate(report: Path) -> Iterator[ElementTree.Element]:
    try:
        yield from ElementTree.parse(report).iter("testcase")  # noqa: S314  # our own reports
    except (OSError, ElementTree.ParseError):
        return
