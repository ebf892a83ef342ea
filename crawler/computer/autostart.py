"""Starts the worker again after a restart of the computer: a Windows task, a launch agent, or a systemd user unit.

Each is made for the user who runs the command, and needs no administrator.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

NAME: Final = "imhub-worker"
LABEL: Final = "io.imhub.worker"
TASK: Final = "IM Hub worker"
_TIMEOUT_S: Final = 30
_ENDS_WITHIN_S: Final = 20
"""A worker ends within ten seconds, and launchd kills what does not end within twenty."""
_STILL_ENDING: Final = ("Bootstrap failed: 5:", "Bootstrap failed: 37:")
"""Said by launchctl while what it booted out has not ended."""

Run = Callable[[Sequence[str]], "Outcome"]


class Outcome(NamedTuple):
    """The end of a command: whether it was good, and its output (`said`)."""

    ok: bool
    said: str = ""


class Job(NamedTuple):
    """`command` is run in `folder`; `log` gets what it prints."""

    command: Sequence[str]
    folder: Path
    log: Path


class Autostart(NamedTuple):
    """One system's way. `begin` are commands after the file was written, `end` before it is removed.

    `text`: the content of `path`. A command that starts with `?` may fail.
    """

    path: Path
    text: str
    begin: Sequence[Sequence[str]]
    end: Sequence[Sequence[str]]
    encoding: str = "utf-8"


class NotInstalled(Exception):
    """Raised when the system refused. The message says in words what it said."""


def run_command(command: Sequence[str]) -> Outcome:
    """Run a command and return what became of it; one that is not there has failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603  # our own words
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(False, str(error))
    return Outcome(done.returncode == 0, (done.stdout + done.stderr).strip())


def make_autostart(platform: str, home: Path, job: Job, environment: Mapping[str, str] = os.environ) -> Autostart:
    """Return the way of this `platform` (as in sys.platform)."""
    if platform == "win32":
        return _windows_task(job)
    return _launch_agent(home, job) if platform == "darwin" else _systemd_unit(home, job, environment)


def install(autostart: Autostart, run: Run = run_command, sleep: Callable[[float], None] = time.sleep) -> None:
    """Write the file in place of an older one, and tell the system. The worker starts at once, or when the older one
    has ended.

    Raises NotInstalled; then nothing is left of it: a file that the system does not know would look like an autostart.
    """
    autostart.path.parent.mkdir(parents=True, exist_ok=True)
    autostart.path.write_text(autostart.text, encoding=autostart.encoding)
    try:
        _run_all(autostart.begin, run, sleep)
    except NotInstalled:
        remove(autostart, run)
        raise


def format_command(job: Job) -> str:
    """Return what somebody types to start the worker by hand, from any folder."""
    return subprocess.list2cmdline(job.command) if os.name == "nt" else shlex.join(job.command)


def remove(autostart: Autostart, run: Run = run_command) -> None:
    """Undo `install`: the worker ends, and starts no more. Nothing is wrong if it was not installed."""
    if not autostart.path.exists():
        return
    for command in autostart.end:
        run([part for part in command if part != "?"])
    autostart.path.unlink(missing_ok=True)


def _run_all(commands: Sequence[Sequence[str]], run: Run, sleep: Callable[[float], None]) -> None:
    for command in commands:
        may_fail = command[0] == "?"
        outcome = _run_in_time(command[1:] if may_fail else command, run, sleep)
        if not outcome.ok and not may_fail:
            raise NotInstalled(f"{command[0]} refused: {outcome.said or 'without a word'}")


def _run_in_time(command: Sequence[str], run: Run, sleep: Callable[[float], None]) -> Outcome:
    """Run the command, once more each second while the system is still ending the worker that was there before."""
    for _ in range(_ENDS_WITHIN_S):
        outcome = run(command)
        if outcome.ok or not any(words in outcome.said for words in _STILL_ENDING):
            return outcome
        sleep(1)
    return run(command)


def _systemd_unit(home: Path, job: Job, environment: Mapping[str, str]) -> Autostart:
    """A unit of the user's own systemd. Lingering lets it run while nobody is logged in.

    Only the worker is told to end (`mixed`): it ends its browsers in its own order, after a reply that is on its way.
    """
    folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "systemd" / "user"
    command = " ".join(_quoted_for_systemd(part) for part in job.command)
    text = (
        "[Unit]\nDescription=IM Hub worker\nAfter=network-online.target\n\n"
        f"[Service]\nWorkingDirectory={_escaped_for_systemd(str(job.folder))}\nExecStart={command}\n"
        "Restart=always\nRestartSec=5\nKillMode=mixed\nTimeoutStopSec=60\n\n[Install]\nWantedBy=default.target\n"
    )
    unit = f"{NAME}.service"
    return Autostart(
        path=folder / unit,
        text=text,
        begin=(
            ("systemctl", "--user", "daemon-reload"),
            ("systemctl", "--user", "enable", unit),
            ("systemctl", "--user", "restart", unit),
            ("?", "loginctl", "enable-linger"),
        ),
        end=(("systemctl", "--user", "disable", "--now", unit),),
    )


def _escaped_for_systemd(text: str) -> str:
    return text.replace("%", "%%")


def _quoted_for_systemd(text: str) -> str:
    escaped = _escaped_for_systemd(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'


def _launch_agent(home: Path, job: Job) -> Autostart:
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    arguments = "".join(f"    <string>{escape(part)}</string>\n" for part in job.command)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        '<plist version="1.0">\n<dict>\n'
        f"  <key>Label</key><string>{LABEL}</string>\n"
        f"  <key>ProgramArguments</key>\n  <array>\n{arguments}  </array>\n"
        f"  <key>WorkingDirectory</key><string>{escape(str(job.folder))}</string>\n"
        "  <key>RunAtLoad</key><true/>\n  <key>KeepAlive</key><true/>\n"
        f"  <key>StandardErrorPath</key><string>{escape(str(job.log))}</string>\n"
        "</dict>\n</plist>\n"
    )
    domain = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"
    return Autostart(
        path=path,
        text=text,
        begin=(("?", "launchctl", "bootout", f"{domain}/{LABEL}"), ("launchctl", "bootstrap", domain, str(path))),
        end=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
    )


def _windows_task(job: Job) -> Autostart:
    """A task at the user's logon, which the scheduler starts again when it ends."""
    path = job.log.parent / f"{NAME}.xml"
    program, *arguments = job.command
    text = (
        '<?xml version="1.0" encoding="UTF-16"?>\n'
        '<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        "  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>\n"
        "  <Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
        "<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
        "<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>"
        "<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>"
        "<RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure></Settings>\n"
        f"  <Actions><Exec><Command>{escape(program)}</Command>"
        f"<Arguments>{escape(subprocess.list2cmdline(arguments))}</Arguments>"
        f"<WorkingDirectory>{escape(str(job.folder))}</WorkingDirectory></Exec></Actions>\n"
        "</Task>\n"
    )
    return Autostart(
        path=path,
        text=text,
        begin=(
            ("schtasks", "/Create", "/F", "/TN", TASK, "/XML", str(path)),
            ("?", "schtasks", "/End", "/TN", TASK),
            ("schtasks", "/Run", "/TN", TASK),
        ),
        end=(("schtasks", "/End", "/TN", TASK), ("schtasks", "/Delete", "/F", "/TN", TASK)),
        encoding="utf-16",
    )


def this_system() -> str:
    """Return the platform of this computer."""
    return sys.platform
