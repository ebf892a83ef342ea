"""`serve` and `demo` as real processes."""

import re
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from django.core.management import CommandError, call_command

from imhub.launcher import demo
from imhub.launcher.processes import PortTaken, answers
from tests.imhub.runs import Run, read_lines

pytestmark = pytest.mark.e2e


def test_serve_names_a_taken_port(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.hub_port)):
        done = run.manage("serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {run.hub_port} on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_what_is_no_port(run: Run) -> None:
    done = run.manage("serve", "--port", "http")
    assert done.returncode == 1
    assert "http" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("option", "value"), [("port", "70000"), ("host", "no.such.")])
def test_serve_refuses_a_place_that_cannot_be(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=value):
        call_command("serve", f"--{option}", value)


def test_a_hub_holds_its_data_alone_answers_and_ends_in_order(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "all.json")
    run.migrate()
    run.manage("addaccount", "roses", "--platform", "douyin", "--name", "Roses")
    hub = run.start("serve")
    run.wait_for_hub()
    assert run.manage("export_snapshot", file).returncode == 0
    for line in (["serve", "--port", str(run.site_port)], ["import_snapshot", file]):
        refused = run.manage(*line)
        assert refused.returncode == 1
        assert f"process {hub.pid} on " in refused.stderr
        assert "Traceback" not in refused.stderr
    assert answers("127.0.0.1", run.hub_port, "/healthz")
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(15) == 0
    assert run.manage("import_snapshot", file).stdout.splitlines()[0] == "replaced: roses"


def test_demo_names_a_taken_port_and_leaves_nothing_running(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.site_port)):
        done = run.manage("demo")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {run.site_port} on 127.0.0.1" in done.stderr
    socket.create_server(("127.0.0.1", run.hub_port)).close()


def test_demo_starts_nothing_when_the_hubs_port_is_taken(settings: Any) -> None:
    settings.HOST, before = "127.0.0.1", psutil.Process().children()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.PORT = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {settings.PORT} on 127.0.0.1"):
            demo.run(pytest.fail)
    assert psutil.Process().children() == before


def start_demo(run: Run) -> tuple[subprocess.Popen[str], list[str], list[psutil.Process]]:
    started = run.start("demo")
    lines = read_lines(started, 2, 120)
    return started, lines, psutil.Process(started.pid).children()


def read_inbox(run: Run, password: str) -> str:
    """The first page, as the demo's operator gets it."""
    with httpx.Client(base_url=f"http://127.0.0.1:{run.hub_port}", follow_redirects=True) as client:
        form = client.get("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token is not None
        given = {"csrfmiddlewaretoken": token[1], "username": "demo", "password": password}
        headers = {"Referer": str(client.base_url)}
        return client.post("/login/", data=given, headers=headers).text


@pytest.mark.browser
def test_demo_says_where_and_ends_whole(run: Run) -> None:
    parent, lines, children = start_demo(run)
    assert re.fullmatch(r"operator: demo  password: \S{12}\n", lines[0])
    assert lines[1] == f"IM Hub ready: http://127.0.0.1:{run.hub_port}/\n"
    assert len(children) == 3
    assert "<strong>Demo: accounts and messages are made up,</strong>" in read_inbox(run, lines[0].split()[-1])
    parent.send_signal(signal.SIGINT)
    assert parent.wait(15) == 0, run.log.read_text()
    assert psutil.wait_procs(children, 1)[1] == []


@pytest.mark.browser
def test_no_process_outlives_a_demo_that_is_killed(run: Run) -> None:
    parent, _, children = start_demo(run)
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(children, 15)[1] == []


@pytest.mark.browser
def test_a_demo_ends_with_the_name_of_the_part_that_ended(run: Run) -> None:
    parent, _, children = start_demo(run)
    hub = next(child for child in children if "serve" in child.cmdline())
    hub.kill()
    assert parent.wait(15) == 1
    assert "the hub ended (exit code -9)" in run.log.read_text()
    assert psutil.wait_procs(children, 1)[1] == []
