"""The browsers of a worker whose process stands still end all the same."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crawler.browsers.watchdog import Watchdog, of_its_own_group
from tests.processes import ROOT, has_ended
from tests.servers import eventually

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be stopped there"),
]

_WORKER = """
import subprocess, sys, time
from crawler.browsers.watchdog import Watchdog
from crawler.uplink.hub_silence import steady_s
from sync.protocol.lease_times import CLOSE_S

with Watchdog() as watchdog:
    browser = subprocess.Popen(["sleep", "600"])
    watchdog.tell(steady_s() + {left} - CLOSE_S)
    if {rests}:
        watchdog.tell(None)
    print(browser.pid, flush=True)
    sys.stdin.read()
"""


_LIKE_A_VENV_OF_WINDOWS = """
import os, subprocess, sys

browser = subprocess.Popen(["sleep", "600"])
kill = f"from crawler.browsers.watchdog import kill_below; kill_below({os.getpid()})"
launcher = subprocess.Popen(["sh", "-c", '"$0" "$@"; exit', sys.executable, "-c", kill])
print(launcher.wait(), browser.wait())
"""


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        for below in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
            below.kill()
        process.kill()
        process.wait()


def start(started: list[subprocess.Popen[str]], *, left: float, rests: bool = False) -> tuple[int, psutil.Process]:
    """The worker's pid, and its browser."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER.format(left=left, rests=rests)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(ROOT),
    )
    started.append(process)
    assert process.stdout is not None
    return process.pid, psutil.Process(int(process.stdout.readline()))


def test_a_worker_that_the_system_stopped_loses_its_browser_in_time(started: list[subprocess.Popen[str]]) -> None:
    worker, browser = start(started, left=1)
    os.kill(worker, signal.SIGSTOP)
    eventually(lambda: has_ended(browser), "the browser is killed", 30)
    assert psutil.Process(worker).status() == psutil.STATUS_STOPPED


def test_a_worker_whose_browsers_rest_is_left_alone_and_its_watchdog_ends_with_it(
    started: list[subprocess.Popen[str]],
) -> None:
    worker, browser = start(started, left=0, rests=True)
    [watchdog] = [one for one in psutil.Process(worker).children() if one.pid != browser.pid]
    assert browser.is_running()
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: has_ended(watchdog), "the watchdog ends", 30)
    assert browser.is_running()
    browser.kill()


def test_the_process_that_the_watchdog_was_started_by_is_spared_or_it_would_end_with_it() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LIKE_A_VENV_OF_WINDOWS], capture_output=True, text=True, cwd=Path(ROOT), timeout=60
    )
    assert ran.stdout.split() == ["0", f"{-signal.SIGKILL}"]


class Process:
    """A process that reads what it is told, until it has ended."""

    def __init__(self) -> None:
        self.stdin = io.StringIO()
        self.end: int | None = None

    def poll(self) -> int | None:
        return self.end


def test_a_watchdog_that_cannot_be_started_again_is_tried_with_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Process | OSError] = [Process(), OSError("no more processes"), Process()]

    def start_process(*_: object, **__: object) -> Process:
        if isinstance(one := made.pop(0), OSError):
            raise one
        return one

    first, last = made[0], made[2]
    assert isinstance(first, Process)
    assert isinstance(last, Process)
    monkeypatch.setattr(subprocess, "Popen", start_process)
    watchdog = Watchdog()
    watchdog._start()
    watchdog.tell(100.0)
    first.end = 1
    watchdog.tell(101.0)
    assert last.stdin.getvalue() == ""
    watchdog.tell(102.0)
    assert (first.stdin.getvalue(), last.stdin.getvalue()) == ("100.0\n", "102.0\n")


def test_a_time_that_has_passed_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process()
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: process)
    watchdog = Watchdog()
    watchdog._start()
    for until in (100.0, 100.2, 97.0, None):
        watchdog.tell(until)
    assert process.stdin.getvalue() == "100.0\n97.0\nrest\n"


def test_ctrl_c_does_not_reach_it_on_any_system() -> None:
    assert of_its_own_group("linux") == of_its_own_group("darwin") == {"process_group": 0}
    assert of_its_own_group("win32") == {"creationflags": 0x200}
