"""Children end with their parent, in order, and in bounded time."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from imhub.launcher import ends_with_parent, processes
from imhub.launcher.processes import ChildEnded, Children, Interrupted, PortTaken, listen

STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen('up', 'w').close()\ntime.sleep(600)"
)
ORDERLY = """
import signal, sys, time
def end(*_):
    open('ended', 'a').write(sys.argv[1] + ' ')
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open('up-' + sys.argv[1], 'w').close()
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_script(place: Path, text: str) -> Path:
    script = place / "manage.py"
    script.write_text(text)
    return script


def children_of(place: Path, text: str) -> Children:
    return Children(a_script(place, text), place / "children.log")


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PortTaken, match=r"port 8000 on 192\.0\.2\.1"):
        listen("192.0.2.1", 8000)


def test_children_end_in_the_reverse_order_of_their_start(place: Path) -> None:
    with children_of(place, ORDERLY) as children:
        for name in ("first", "second", "third"):
            children.start(name, [name], {})
        assert children.wait(lambda: len(list(place.glob("up-*"))) == 3, 60)
    assert (place / "ended").read_text() == "third second first "


def test_a_child_that_ends_by_itself_is_named(place: Path) -> None:
    with children_of(place, "import sys; sys.exit(int(sys.argv[1]))") as children:
        children.start("hub", ["7"], {})
        with pytest.raises(ChildEnded, match=r"the hub ended \(exit code 7\)"):
            children.wait(timeout_s=60)


def test_all_that_children_print_is_in_a_private_file_and_its_end_is_told_when_one_ends(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (place / "children.log").write_text("of an earlier start")
    script = "import sys; print(*range(30), sep='\\n'); print('what went wrong', file=sys.stderr); sys.exit(1)"
    with children_of(place, script) as children:
        children.start("hub", [], {})
        with pytest.raises(ChildEnded) as ended:
            children.wait(timeout_s=60)
    log = place / "children.log"
    assert capfd.readouterr() == ("", "")
    assert sorted(log.read_text().split()) == sorted([*map(str, range(30)), "what", "went", "wrong"])
    assert stat.S_IMODE(log.stat().st_mode) == 0o600 or os.name != "posix"
    told = str(ended.value).splitlines()
    assert told[0] == f"the hub ended (exit code 1). The end of {log}:"
    assert len(told) == 1 + processes.TAIL_LINES
    assert "what went wrong" in told


def test_a_child_that_will_not_end_is_killed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_S", 1.0)
    before = psutil.Process().children()
    with children_of(place, STUBBORN) as children:
        children.start("hub", [], {})
        assert children.wait((place / "up").exists, 60)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert psutil.Process().children() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts_the_wait(place: Path, number: signal.Signals) -> None:
    with children_of(place, ORDERLY) as children:
        children.start("hub", ["x"], {})
        assert children.wait((place / "up-x").exists, 60)
        os.kill(os.getpid(), number)
        with pytest.raises(Interrupted):
            children.wait(timeout_s=60)
    assert (place / "ended").read_text() == "x "


def test_a_script_ends_when_its_parent_is_gone_however_it_went(place: Path) -> None:
    a_script(place, ORDERLY)
    parent_code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, {ends_with_parent.__file__!r}, 'manage.py', 'x'], stdin=subprocess.PIPE,"
        " start_new_session=True)\ntime.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code])
    wait_for((place / "up-x").exists)
    child = psutil.Process(parent.pid).children()[0]
    parent.kill()
    parent.wait()
    child.wait(30)
    assert (place / "ended").read_text() == "x "


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
