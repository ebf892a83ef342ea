"""Several processes under one: started again when they end, and gone with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from imhub.launcher.hub_processes import HubProcesses, NoneStarts

ROOT = Path(__file__).parents[3]
_STAY = """
import sys, time
from pathlib import Path
import os
Path(sys.argv[1], str(os.getpid())).touch()
time.sleep(600)
"""
_RUN = """
import sys
from pathlib import Path
from imhub.launcher.hub_processes import HubProcesses
script, place = sys.argv[1:]
HubProcesses(Path(script), (place,), 2, steady_s=0.1, pause_s=0.01).run()
print("ended in order")
"""


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def list_alive(place: Path) -> list[int]:
    """The processes that left their number in `place`. One that has ended may still be in the system's list."""
    alive = []
    for file in place.iterdir():
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(int(file.name)).status() != psutil.STATUS_ZOMBIE:
                alive.append(int(file.name))
    return alive


@pytest.fixture
def script(tmp_path: Path) -> Path:
    script = tmp_path / "stay.py"
    script.write_text(_STAY)
    return script


@pytest.fixture
def parent(script: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "here").mkdir()
    command = [sys.executable, "-c", _RUN, str(script), str(tmp_path / "here")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        yield parent
        parent.kill()


def test_a_process_that_is_killed_is_started_again_and_a_signal_ends_all(
    parent: subprocess.Popen[str], tmp_path: Path
) -> None:
    def running() -> list[int]:
        return list_alive(tmp_path / "here")

    until(lambda: len(running()) == 2)
    first = running()[0]
    os.kill(first, signal.SIGKILL)
    until(lambda: len(set(running()) - {first}) == 2)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 0
    assert running() == []
    assert parent.stdout is not None
    assert parent.stdout.read().endswith("\nended in order\n")


def test_they_end_with_a_parent_that_was_killed(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    here = tmp_path / "here"
    until(lambda: len(list(here.iterdir())) == 2)
    parent.kill()
    until(lambda: not list_alive(here))


def test_where_none_can_start_it_gives_up(tmp_path: Path) -> None:
    script = tmp_path / "fail.py"
    script.write_text("raise SystemExit(1)")
    with pytest.raises(NoneStarts):
        HubProcesses(script, (), 2, steady_s=60, pause_s=0.01).run()
