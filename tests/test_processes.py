"""A Python program that tests start is a process of its own, whatever was imported before it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.preloaded import MODULES
from tests.processes import ROOT, Process, can_preload, has_ended, plain_environment, run_python

ENV = plain_environment(os.environ)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Python starts anew each time")


def test_what_is_imported_before_knows_no_setting_and_no_room_that_has_state() -> None:
    code = (
        "import importlib, json, sys, threading\n"
        f"[importlib.import_module(name) for name in {MODULES!r}]\n"
        "from django.conf import settings\n"
        "print(json.dumps([settings.configured, threading.active_count(), list(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=ENV, capture_output=True, text=True, check=True)
    configured, threads, modules = json.loads(done.stdout)
    assert (configured, threads) == (False, 1)
    rooms = ("sync", "im_api", "inbox", "imhub", "crawler", "demo")
    ours = [name for name in modules if name.partition(".")[0] in rooms]
    pure = ("sync.core", "sync.protocol", "crawler", "demo")
    assert [name for name in ours if name != "sync" and not name.startswith(pure)] == []


def test_it_says_what_python_itself_would_say() -> None:
    code = "import os, sys; print(sys.argv, __name__, os.environ['GIVEN'], 'FORGOTTEN' in os.environ); sys.exit(3)"
    given = {**ENV, "GIVEN": "a value"}
    done = run_python("-c", code, "x", env=given)
    assert (done.returncode, done.stdout, done.stderr) == (3, "['-c', 'x'] __main__ a value False\n", "")
    failed = run_python("-c", "1 / 0", env=ENV)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_a_file_and_a_module_are_run_as_the_main_program() -> None:
    assert "workertoken" in run_python("manage.py", "help", env=ENV).stdout
    refused = run_python("-m", "demo", "--nonsense", env=ENV)
    assert refused.returncode == 2
    assert "--nonsense" in refused.stderr


def test_it_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    code = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    process = Process("parent", ["-c", code], ENV, tmp_path / "log", speaks=True)
    [child] = process.read_lines(1, 20)
    [started] = process.children
    assert started.pid == int(child)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    process.kill()
    assert process.wait(0) == -signal.SIGKILL
    assert not process.alive
    deadline = time.monotonic() + 30
    while not has_ended(started):
        assert time.monotonic() < deadline


def test_a_signal_reaches_it_and_its_log_has_all_that_it_said(tmp_path: Path) -> None:
    code = "import signal, sys; signal.signal(15, lambda *_: sys.exit(7)); print('ready'); signal.pause()"
    process = Process("waits", ["-c", code], ENV | {"PYTHONUNBUFFERED": "1"}, tmp_path / "log")
    while process.tail() != "ready\n":
        assert process.alive
    assert process.stop() == 7


def test_two_have_nothing_in_common() -> None:
    code = "import random, uuid, django; django.mark = 1; print(random.random(), uuid.uuid4())"
    look = "import django; print(hasattr(django, 'mark'))"
    one, other = (run_python("-c", code, env=ENV).stdout.split() for _ in range(2))
    assert not set(one) & set(other)
    assert run_python("-c", look, env=ENV).stdout == "False\n"


def test_options_of_python_and_of_its_environment_are_left_to_python() -> None:
    assert can_preload(["manage.py", "serve"], ENV)
    assert not can_preload(["-X", "dev", "manage.py"], ENV)
    assert not can_preload(["manage.py"], ENV | {"PYTHONDEVMODE": "1"})
    assert run_python("-X", "utf8", "-c", "import sys; print(sys.flags.utf8_mode)", env=ENV).stdout == "1\n"
