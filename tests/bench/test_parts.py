"""Every part of the benchmarks runs, with next to nothing to measure, so that it cannot rot unnoticed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.parts.eviction import BESIDES_MB, SWEPT
from bench.results import Found, Table

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {
    "http": ("list of 20", "detail", "feed", "threads", "304 of the list", "list of 20, memo off"),
    "store": ("20 conversations of the sample",),
    "ingest": (
        "one changed 30 KB snapshot at a time",
        "50 changed 30 KB snapshots a second",
        "unchanged 30 KB snapshots",
    ),
    "push": ("1", "2"),
    "growth": ("2", "5"),
    "memory": ("3",),
    "eviction": ("accounts that answer something else than they should",),
    "start": ("0", "2"),
    "search": ("尺码", "尺码有"),
    "attacks": ("nothing",),
    "hubs": ("1", "2"),
    "inbox": ("the accounts page, loaded",),
}


def measure(place: Path, *parts: str) -> dict[str, Found]:
    file = place / "found.json"
    command = [sys.executable, "-m", "bench", *parts, "--tiny", "--json", str(file)]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Found])


def check(name: str, found: Found) -> None:
    first = found.tables[0]
    assert [row[0] for row in first.rows][: len(SHOWN[name])] == list(SHOWN[name])
    for table in found.tables:
        check_table(table)
    assert found.machine is not None
    if name == "eviction":
        check_memory(first)


def check_memory(table: Table) -> None:
    """A hub takes its limit, what it takes when it is empty, and a constant."""
    (swept,) = [row for row in table.rows if row[0] == SWEPT]
    limit_mb = int(str(swept[2]).split(" + ")[0])
    assert isinstance(swept[1], float)
    assert swept[1] < limit_mb + BESIDES_MB


def check_table(table: Table) -> None:
    """Every row has a cell for each column, and nothing takes no time."""
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert [row for row in table.rows if not any(isinstance(cell, float) and cell > 0 for cell in row[1:])] in (
        [],
        [row for row in table.rows if str(row[0]).startswith("lateness")],
    )


@pytest.mark.e2e
def test_the_parts_in_process_and_over_the_socket_of_a_worker_run(tmp_path: Path) -> None:
    parts = ["store", "growth", "memory", "search", "ingest"]
    found = measure(tmp_path, *parts)
    assert list(found) == parts
    for name, part in found.items():
        check(name, part)


@pytest.mark.soak
@pytest.mark.e2e
def test_the_parts_with_many_processes_run(tmp_path: Path) -> None:
    """Each of them starts several servers."""
    parts = ["http", "push", "eviction", "start", "hubs", "attacks"]
    found = measure(tmp_path, *parts)
    for name, part in found.items():
        check(name, part)
    rates = found["http"].tables[0]
    assert all(isinstance(cell, float) for row in rates.rows[:4] for cell in row[1:6])


@pytest.mark.soak
@pytest.mark.browser
@pytest.mark.e2e
def test_the_part_in_a_browser_runs(tmp_path: Path) -> None:
    check("inbox", measure(tmp_path, "inbox")["inbox"])
