"""`serve` and `demo` as real processes."""

import re
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from imhub.processes import answers
from tests.imhub.runs import Run, read_lines

pytestmark = pytest.mark.e2e


def test_serve_names_a_taken_port(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.hub_port)):
        done = run.manage("serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {run.hub_port} on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["--port", "http"], "http"), (["--port", "70000"], "70000"), (["--host", "no.such."], "no.such.")],
)
def test_serve_refuses_a_place_that_cannot_be(run: Run, arguments: list[str], reason: str) -> None:
    done = run.manage("serve", *arguments)
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_answers_and_ends_in_order(run: Run) -> None:
    run.migrate()
    hub = run.start("serve")
    run.wait_for_hub()
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(15) == 0


def test_a_second_hub_on_the_same_data_is_refused_with_the_holders_name(run: Run) -> None:
    run.migrate()
    hub = run.start("serve")
    run.wait_for_hub()
    second = run.manage("serve", "--port", str(run.site_port))
    assert second.returncode == 1
    assert f"process {hub.pid} on " in second.stderr
    assert "Traceback" not in second.stderr
    assert answers("127.0.0.1", run.hub_port, "/healthz")


def test_an_import_beside_a_hub_and_a_hub_that_follows_an_import(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "all.json")
    run.migrate()
    run.manage("addaccount", "roses", "--platform", "douyin", "--name", "Roses")
    hub = run.start("serve")
    run.wait_for_hub()
    assert run.manage("export_snapshot", file).returncode == 0
    refused = run.manage("import_snapshot", file)
    assert refused.returncode == 1
    assert f"process {hub.pid} on " in refused.stderr
    hub.send_signal(signal.SIGTERM)
    hub.wait(15)
    assert run.manage("import_snapshot", file).stdout.startswith("replaced: roses\n")


@pytest.mark.parametrize("which", ["hub_port", "site_port"])
def test_demo_names_a_taken_port_and_leaves_nothing_running(run: Run, which: str) -> None:
    port = getattr(run, which)
    with socket.create_server(("127.0.0.1", port)):
        done = run.manage("demo")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {port} on 127.0.0.1" in done.stderr
    other = run.site_port if which == "hub_port" else run.hub_port
    socket.create_server(("127.0.0.1", other)).close()


def start_demo(run: Run) -> tuple[subprocess.Popen[str], list[str], list[psutil.Process]]:
    demo = run.start("demo")
    lines = read_lines(demo, 2, 120)
    return demo, lines, psutil.Process(demo.pid).children()


@pytest.mark.browser
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_says_where_and_ends_whole(run: Run, number: signal.Signals) -> None:
    demo, lines, children = start_demo(run)
    assert re.fullmatch(r"operator: demo  password: \S{12}\n", lines[0])
    assert lines[1] == f"IM Hub ready: http://127.0.0.1:{run.hub_port}/\n"
    assert len(children) == 3
    assert answers("127.0.0.1", run.hub_port, "/healthz")
    demo.send_signal(number)
    assert demo.wait(15) == 0, run.log.read_text()
    assert psutil.wait_procs(children, 1)[1] == []


@pytest.mark.browser
def test_no_process_outlives_a_demo_that_is_killed(run: Run) -> None:
    demo, _, children = start_demo(run)
    demo.kill()
    demo.wait()
    assert psutil.wait_procs(children, 15)[1] == []


@pytest.mark.browser
def test_a_demo_ends_with_the_name_of_the_part_that_ended(run: Run) -> None:
    demo, _, children = start_demo(run)
    hub = next(child for child in children if "serve" in child.cmdline())
    hub.kill()
    assert demo.wait(15) == 1
    assert "the hub ended (exit code -9)" in run.log.read_text()
    assert psutil.wait_procs(children, 1)[1] == []
