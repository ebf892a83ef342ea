"""The worker starts again after a restart: on Windows, macOS and Linux, made and removed by the command."""

from __future__ import annotations

import plistlib
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from xml.etree import ElementTree

import pytest

from crawler.computer.autostart import (
    Job,
    NotInstalled,
    Outcome,
    format_command,
    install,
    make_autostart,
    remove,
    run_command,
)

SYSTEMS = ("linux", "darwin", "win32")


class System:
    """Keeps the commands that it gets. `refuses`: programs, or first arguments, that fail."""

    def __init__(self, *refuses: str) -> None:
        self.commands: list[list[str]] = []
        self._refuses = refuses

    def run(self, command: Sequence[str]) -> Outcome:
        self.commands.append(list(command))
        failed = any(word in command for word in self._refuses)
        return Outcome(not failed, "no bus" if failed else "")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """In a folder whose name has blanks, Chinese, and characters that mean something to each system."""
    folder = tmp_path / '前台 50% & "电脑" <1> $x'
    folder.mkdir()
    return Job((f"{folder}/python", f"{folder}/manage.py", "runworker", "crawlers"), folder, folder / "worker.log")


@pytest.mark.parametrize("platform", SYSTEMS)
def test_it_is_made_begun_and_removed_without_a_trace(platform: str, tmp_path: Path, job: Job) -> None:
    way, system = make_autostart(platform, tmp_path, job, {}), System()
    for _ in range(2):
        install(way, system.run)
    assert way.path.read_text(encoding=way.encoding) == way.text
    begun = {command[0] for command in system.commands}
    assert begun <= {"systemctl", "loginctl", "launchctl", "schtasks"}
    assert not any("?" in command for command in system.commands)
    system.commands.clear()
    for _ in range(2):
        remove(way, system.run)
    assert not way.path.exists()
    assert system.commands


@pytest.mark.parametrize(
    ("platform", "word"), [("linux", "daemon-reload"), ("darwin", "bootstrap"), ("win32", "/Create")]
)
def test_what_the_system_refuses_is_said(platform: str, word: str, tmp_path: Path, job: Job) -> None:
    way = make_autostart(platform, tmp_path, job, {})
    with pytest.raises(NotInstalled, match="refused: no bus"):
        install(way, System(word).run)


@pytest.mark.parametrize(("seconds", "is_well"), [(0, True), (12, True), (60, False)])
def test_a_mac_is_asked_again_until_the_worker_before_has_ended(
    seconds: int, is_well: bool, tmp_path: Path, job: Job
) -> None:
    way = make_autostart("darwin", tmp_path, job, {})
    passed = [0.0]

    def run(command: Sequence[str]) -> Outcome:
        if "bootstrap" in command and passed[0] < seconds:
            return Outcome(False, "Bootstrap failed: 5: Input/output error")
        return Outcome(True)

    def sleep(for_s: float) -> None:
        passed[0] += for_s

    with nullcontext() if is_well else pytest.raises(NotInstalled, match="Input/output error"):
        install(way, run, sleep)
    assert (way.path.exists(), passed[0]) == (is_well, min(seconds, 20))


@pytest.mark.parametrize("platform", SYSTEMS)
def test_nothing_is_left_of_what_the_system_refused(platform: str, tmp_path: Path, job: Job) -> None:
    way = make_autostart(platform, tmp_path, job, {})
    with pytest.raises(NotInstalled):
        install(way, lambda _command: Outcome(False, "no bus"))
    assert not way.path.exists()


def test_the_command_by_hand_works_from_any_folder_whatever_it_is_called(tmp_path: Path) -> None:
    job = Job(("/新 电脑/.venv/bin/python", "/新 电脑/manage.py", "runworker", "crawlers"), tmp_path, tmp_path / "log")
    assert format_command(job) == "'/新 电脑/.venv/bin/python' '/新 电脑/manage.py' runworker crawlers"


def test_what_may_fail_stops_nothing(tmp_path: Path, job: Job) -> None:
    install(make_autostart("linux", tmp_path, job, {}), System("loginctl").run)
    install(make_autostart("darwin", tmp_path, job, {}), System("bootout").run)
    install(make_autostart("win32", tmp_path, job, {}), System("/End").run)


def test_the_unit_of_linux_runs_the_command_in_its_folder(tmp_path: Path, job: Job) -> None:
    way = make_autostart("linux", tmp_path, job, {})
    assert way.path == tmp_path / ".config/systemd/user/imhub-worker.service"
    lines = way.text.splitlines()
    escaped = str(job.folder).replace("%", "%%")
    assert f"WorkingDirectory={escaped}" in lines
    quoted = escaped.replace('"', '\\"').replace("$", "$$")
    assert f'ExecStart="{quoted}/python" "{quoted}/manage.py" "runworker" "crawlers"' in lines
    assert {"Restart=always", "KillMode=mixed", "WantedBy=default.target"} <= set(lines)
    other = make_autostart("linux", tmp_path, job, {"XDG_CONFIG_HOME": str(tmp_path / "x")})
    assert other.path == tmp_path / "x/systemd/user/imhub-worker.service"


def test_the_agent_of_macos_is_a_property_list_that_says_the_same(tmp_path: Path, job: Job) -> None:
    way = make_autostart("darwin", tmp_path, job, {})
    assert way.path == tmp_path / "Library/LaunchAgents/io.imhub.worker.plist"
    agent = plistlib.loads(way.text.encode())
    assert agent["ProgramArguments"] == list(job.command)
    assert (agent["WorkingDirectory"], agent["StandardErrorPath"]) == (str(job.folder), str(job.log))
    assert (agent["RunAtLoad"], agent["KeepAlive"]) == (True, True)


def test_the_task_of_windows_is_xml_that_says_the_same(tmp_path: Path, job: Job) -> None:
    way = make_autostart("win32", tmp_path, job, {})
    task = ElementTree.fromstring(way.text.partition("\n")[2])  # noqa: S314  # our own
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    execute = task.find(f"{space}Actions/{space}Exec")
    assert execute is not None
    assert execute.findtext(f"{space}Command") == job.command[0]
    arguments = execute.findtext(f"{space}Arguments") or ""
    assert arguments.endswith(" runworker crawlers")
    assert execute.findtext(f"{space}WorkingDirectory") == str(job.folder)
    assert task.find(f"{space}Triggers/{space}LogonTrigger") is not None
    assert way.encoding == "utf-16"


def test_a_program_that_is_not_there_is_an_outcome() -> None:
    assert run_command([sys.executable, "-c", "print('fine')"]) == Outcome(True, "fine")
    assert not run_command(["/nowhere/systemctl"]).ok
