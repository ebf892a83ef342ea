"""`serve` and `demo` as real processes."""

import re
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from django.core.management import CommandError, call_command

from imhub.launcher import demo
from imhub.launcher.processes import Children, Interrupted, PortTaken, answers
from tests.processes import Process
from tests.servers import Installation, free_ports

pytestmark = pytest.mark.e2e


def test_serve_names_a_taken_port(bare_place: Installation) -> None:
    with socket.create_server(("127.0.0.1", bare_place.port)):
        done = bare_place.run("manage.py", "serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {bare_place.port} on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_what_is_no_port(bare_place: Installation) -> None:
    done = bare_place.run("manage.py", "serve", "--port", "http")
    assert done.returncode == 1
    assert "http" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("option", "value"), [("port", "70000"), ("host", "no.such.")])
def test_serve_refuses_a_place_that_cannot_be(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=value):
        call_command("serve", f"--{option}", value)


def test_a_hub_holds_its_data_alone_answers_and_ends_in_order(place: Installation, tmp_path: Path) -> None:
    file = str(tmp_path / "all.json")
    place.manage("addaccount", "roses", "--platform", "douyin", "--name", "Roses")
    hub = place.start_hub()
    place.manage("export_snapshot", file)
    for line in (["serve", "--port", str(place.demo_port)], ["import_snapshot", file]):
        refused = place.run("manage.py", *line)
        assert refused.returncode == 1
        assert f"process {hub.pid} on " in refused.stderr
        assert "Traceback" not in refused.stderr
    assert answers("127.0.0.1", place.port, "/healthz")
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(60) == 0
    assert place.manage("import_snapshot", file).splitlines()[0] == "replaced: roses"


def test_demo_names_a_taken_port_and_leaves_nothing_running(bare_place: Installation) -> None:
    with socket.create_server(("127.0.0.1", bare_place.demo_port)):
        done = bare_place.run("manage.py", "demo")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {bare_place.demo_port} on 127.0.0.1" in done.stderr
    socket.create_server(("127.0.0.1", bare_place.port)).close()


def test_demo_starts_nothing_when_the_hubs_port_is_taken(settings: Any) -> None:
    settings.HOST, before = "127.0.0.1", psutil.Process().children()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.PORT = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {settings.PORT} on 127.0.0.1"):
            demo.run(pytest.fail, pytest.fail)
    assert psutil.Process().children() == before


def test_address_and_password_are_said_again_when_all_accounts_are_in(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOST = "127.0.0.1"
    settings.PORT, settings.DEMO_PORT = free_ports(2)
    said: list[str] = []
    waits = iter([True, Interrupted()])

    def wait(self: Children, until: Any = None) -> bool:
        outcome = next(waits)
        if isinstance(outcome, Interrupted):
            raise outcome
        said.append("(all are in)")
        return True

    monkeypatch.setattr(demo, "prepare", lambda: demo.Prepared(password="p4ssw0rd", token="t", key="k"))
    monkeypatch.setattr(demo, "start_all", lambda children, token, tell: None)
    monkeypatch.setattr(Children, "wait", wait)
    with pytest.raises(Interrupted):
        demo.run(said.append, lambda line: said.append(f"# {line}"))
    access = ["operator: demo  password: p4ssw0rd", f"IM Hub ready: http://127.0.0.1:{settings.PORT}/"]
    log = settings.DATA_DIR / "demo.log"
    assert said[-7:] == [
        f"# What they log stands in {log}. Ctrl-C ends them all.",
        *access,
        "(all are in)",
        "# All 3 accounts are in.",
        *access,
    ]


def start_demo(place: Installation) -> tuple[Process, list[str], list[psutil.Process]]:
    started = place.start("demo", "demo", speaks=True)
    lines = started.read_lines(2, 120)
    return started, lines, started.children


def read_inbox(place: Installation, password: str) -> str:
    """The first page, as the demo's operator gets it."""
    with httpx.Client(base_url=place.url, follow_redirects=True) as client:
        form = client.get("/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token is not None
        given = {"csrfmiddlewaretoken": token[1], "username": "demo", "password": password}
        headers = {"Referer": str(client.base_url)}
        return client.post("/login/", data=given, headers=headers).text


@pytest.mark.browser
def test_demo_says_each_step_and_where_and_ends_whole(bare_place: Installation) -> None:
    parent, lines, children = start_demo(bare_place)
    assert re.fullmatch(r"operator: demo  password: \S{12}\n", lines[0])
    assert lines[1] == f"IM Hub ready: {bare_place.url}/\n"
    log = bare_place.data_dir / "demo.log"
    assert parent.tail().splitlines() == [
        "Preparing the demo's accounts and a new password ...",
        "Starting the demo platform ...",
        "Starting the hub ...",
        "Starting the worker, which reads 3 accounts ...",
        f"What they log stands in {log}. Ctrl-C ends them all.",
    ]
    logged = log.read_text()
    assert "hub ready" in logged
    assert [part for part in ("WARNING", "GET /") if part in logged] == []
    assert len(children) == 3
    assert "--no-codes" in next(child for child in children if "runworker" in child.cmdline()).cmdline()
    inbox = read_inbox(bare_place, lines[0].split()[-1])
    assert "<strong>Demo: accounts and messages are made up,</strong>" in inbox
    parent.send_signal(signal.SIGINT)
    assert parent.wait(60) == 0, parent.tail()
    assert psutil.wait_procs(children, 10)[1] == []


@pytest.mark.browser
def test_no_process_outlives_a_demo_that_is_killed(place: Installation) -> None:
    parent, _, children = start_demo(place)
    parent.send_signal(signal.SIGKILL)
    parent.wait(60)
    assert psutil.wait_procs(children, 60)[1] == []


@pytest.mark.browser
def test_a_demo_ends_with_the_name_of_the_part_that_ended(place: Installation) -> None:
    parent, _, children = start_demo(place)
    hub = next(child for child in children if "serve" in child.cmdline())
    hub.kill()
    assert parent.wait(60) == 1
    assert "the hub ended (exit code -9)" in parent.tail()
    assert psutil.wait_procs(children, 10)[1] == []
