"""The site as a process."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_ports

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def process(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "demo", "--port", str(port), "--switch", "*:slow_s=30"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        try:
            wait_for_answer(port, started)
            yield started
        finally:
            started.kill()


def wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the site ended"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/control/state", timeout=1).close()
            return
        except OSError:
            continue
    raise AssertionError("the site did not answer in time")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_site_at_once(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    process.send_signal(sign)
    process.wait(20)
    assert b"Traceback" not in process.communicate()[1]


def test_a_taken_port_is_named(process: subprocess.Popen[bytes], port: int) -> None:
    again = [sys.executable, "-m", "demo", "--port", str(port)]
    second = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S)
    assert second.returncode == 1
    assert f"port {port}" in second.stderr
