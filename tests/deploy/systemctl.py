#!/usr/bin/python3
"""Stands in for systemctl on the trial's machine, where no systemd runs: it starts what the units say.

What it keeps of them: Type, User, WorkingDirectory, EnvironmentFile, StateDirectory, UMask, NoNewPrivileges,
PrivateTmp, ProtectSystem=strict, ExecStart and what belongs to it. Standard library only: the machine's own Python
runs it.
"""

from __future__ import annotations

import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNITS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
RUN = Path("/run/units")
LOG = Path("/var/log/units")

Unit = dict[str, list[str]]


def main(words: list[str]) -> None:
    verb, *rest = [word for word in words if not word.startswith("-")]
    now = "--now" in words
    for name in rest:
        if verb in ("start", "restart") or (verb == "enable" and now):
            stop(name)
            start(name)
        elif verb == "stop" or (verb == "disable" and now):
            stop(name)
        elif verb == "reload" and not reload(name):
            start(name)


def read_unit(name: str) -> Unit:
    """Return the settings of all sections, as the files beside the unit change them.

    Each may stand there several times; an empty value takes back those before it.
    """
    file = next(folder / f"{name}.service" for folder in UNITS if (folder / f"{name}.service").is_file())
    unit: Unit = {}
    for part in (file, *sorted(file.with_suffix(".service.d").glob("*.conf"))):
        for line in part.read_text().splitlines():
            key, found, value = line.partition("=")
            if found and not line.startswith(("#", ";")):
                unit[key] = [*unit.get(key, []), value.strip()] if value.strip() else []
    return unit


def start(name: str) -> None:
    unit = read_unit(name)
    for folder in (RUN, LOG):
        folder.mkdir(parents=True, exist_ok=True)
    environment = make_environment(unit)
    for before in unit.get("ExecStartPre", []):
        subprocess.run(make_command(unit, before), env=environment, cwd=make_folder(unit), check=True)
    kind = unit.get("Type", ["simple"])[0]
    with (LOG / name).open("ab") as log, ready_socket(name) as ready:
        if kind == "notify":
            environment["NOTIFY_SOCKET"] = ready.getsockname()
        child = subprocess.Popen(
            make_command(unit, unit["ExecStart"][0]),
            env=environment,
            cwd=make_folder(unit),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        while kind == "notify" and b"READY=1" not in ready.recv(4096):
            pass
    if kind == "forking":
        child.wait(30)
        (RUN / name).write_text(Path(unit["PIDFile"][0]).read_text().strip())
    else:
        (RUN / name).write_text(str(child.pid))


@contextmanager
def ready_socket(name: str) -> Iterator[socket.socket]:
    """Yield where a service of the type `notify` says that it is ready."""
    path = RUN / f"{name}.notify"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(str(path))
        path.chmod(0o777)
        ready.settimeout(60)
        yield ready


def stop(name: str) -> None:
    pid = get_pid(name)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + float(read_unit(name).get("TimeoutStopSec", ["90"])[0])
    while get_pid(name) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    if get_pid(name) is not None:
        os.killpg(pid, signal.SIGKILL)
        sys.exit(f"{name} did not end in time")


def reload(name: str) -> bool:
    pid = get_pid(name)
    if pid is None:
        return False
    unit = read_unit(name)
    environment = {**make_environment(unit), "MAINPID": str(pid)}
    command = unit["ExecReload"][0].replace("$MAINPID", str(pid))
    subprocess.run(make_command(unit, command), env=environment, cwd=make_folder(unit), check=True)
    return True


def get_pid(name: str) -> int | None:
    """Return the process of that unit, or None if it has ended."""
    try:
        pid = int((RUN / name).read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else pid


def make_folder(unit: Unit) -> str:
    return unit.get("WorkingDirectory", ["/"])[0]


def make_environment(unit: Unit) -> dict[str, str]:
    """Return what systemd gives a service: next to nothing, and what its files say."""
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    if user := unit.get("User"):
        environment |= {"USER": user[0], "HOME": pwd.getpwnam(user[0]).pw_dir}
    for file in unit.get("EnvironmentFile", []):
        for line in Path(file).read_text().splitlines():
            key, found, value = line.partition("=")
            if found and not line.startswith("#"):
                environment[key] = "".join(shlex.split(value))
    return environment


def make_command(unit: Unit, command: str) -> list[str]:
    """Return `command` as its user, with the mounts that the unit asks for, in the network of the machine.

    Whoever types `systemctl` may be in another one, that of the registries.
    """
    words = shlex.split(command.lstrip("-+@"))
    user = unit.get("User", ["root"])[0]
    shell = f"umask {unit.get('UMask', ['0022'])[0]}\n"
    for name in unit.get("StateDirectory", []):
        state = f"/var/lib/{name}"
        mode = unit.get("StateDirectoryMode", ["0755"])[0]
        shell += f"mkdir -p {state}; chown {user}:{user} {state}; chmod {mode} {state}; mount --bind {state} {state}\n"
    if unit.get("PrivateTmp") == ["yes"]:
        shell += "mount -t tmpfs -o mode=1777 tmpfs /tmp\n"
    if unit.get("ProtectSystem") == ["strict"]:
        shell += "mount -o remount,bind,ro /\n"
    drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else ["setpriv"]
    if unit.get("NoNewPrivileges") == ["yes"]:
        drop.append("--no-new-privs")
    run = ["nsenter", "--net=/proc/1/ns/net", "unshare", "--mount", "sh", "-euc", shell + 'exec "$@"', "sh"]
    return [*run, *(drop if len(drop) > 1 else []), *words]


if __name__ == "__main__":
    main(sys.argv[1:])
