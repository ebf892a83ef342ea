"""A machine from nothing, as far as one machine can be one: this one as it lies on the disk, written to a copy.

Its files are those of this machine with a layer in memory above them; processes, network and mounts are its own. So the
commands of docs/deployment.md run on it as they stand there, with its own users, ports and /etc, and nothing is left.
It wants root on Linux. Where the Debian packages are not there yet, it fetches them; so does pip.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests.processes import ROOT
from tests.servers import eventually

PAGE: Final = ROOT / "docs" / "deployment.md"
ENVIRONMENT: Final = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
    "DEBIAN_FRONTEND=noninteractive",
)
OF_THE_REGISTRIES: Final = re.compile(r"PIP_\w+|\w*_proxy|SSL_\w+|REQUESTS_CA_BUNDLE", re.IGNORECASE)
"""What of this machine's environment it takes to reach them."""
_UNSHARE: Final = ("/usr/bin/unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
_MAKE: Final = """
set -eu
umask 022
mount --make-rprivate /
mount -t tmpfs -o size=8g,mode=755 machine "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
ip link set lo up
mkdir -p old
pivot_root . old
umount -l /old
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
echo ready
# It also takes leave of processes that nobody waits for any more, as an init does.
exec bash -c 'while :; do sleep 3600 & wait; done'
"""
_SUDO: Final = """#!/bin/sh
# As root for root, and `-u USER` for others; all that the page uses of it.
[ "$1" != -u ] || { user=$2; shift 2; exec setpriv --reuid="$user" --regid="$user" --init-groups "$@"; }
exec "$@"
"""


class Machine:
    """`run` types commands into its terminal."""

    def __init__(self, place: Path) -> None:
        self._make = subprocess.Popen(
            [*_UNSHARE, "bash", "-c", _MAKE, "sh", str(place)],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self._make.stdout is not None
        assert self._make.stdout.readline() == "ready\n", "this system lets nobody make such a machine"
        [inside] = psutil.Process(self._make.pid).children()
        self._pid = inside.pid
        self.write("/usr/local/bin/systemctl", (ROOT / "tests/deploy/systemctl.py").read_text(), mode=0o755)
        self.write("/usr/local/bin/sudo", _SUDO, mode=0o755)
        self.run("printf '127.0.0.1 imhub.lan imhub.example.com\\n' >> /etc/hosts")

    def enter(self, *command: str, online: bool = False) -> list[str]:
        """Return what runs `command` there. `online`: with this machine's network, for the registries."""
        ours = os.environ.items() if online else ()
        registries = [f"{name}={value}" for name, value in ours if OF_THE_REGISTRIES.fullmatch(name)]
        network = [] if online else ["--net"]
        enter = ["nsenter", "-t", str(self._pid), "--mount", "--pid", *network]
        return [*enter, "env", "-i", *ENVIRONMENT, *registries, *command]

    def run(self, script: str, *, online: bool = False, within_s: float = 120) -> str:
        """Return what a script says that succeeds, each of its commands."""
        command = self.enter("bash", "-euo", "pipefail", "-c", f"umask 022\n{script}", online=online)
        done = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=False, cwd="/")
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}\n{self.logs()}"
        return done.stdout

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        command = self.enter("sh", "-c", f"umask 022; mkdir -p $(dirname {path}); cat > {path}; chmod {mode:o} {path}")
        subprocess.run(command, input=text, text=True, check=True, cwd="/")

    def logs(self) -> str:
        """Return the end of what each service said."""
        command = self.enter("sh", "-c", "tail -n 20 /var/log/units/* 2>/dev/null; true")
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/").stdout

    def wait_for(self, script: str, what: str, within_s: float = 60) -> None:
        """Wait until a script succeeds."""

        def succeeds() -> bool:
            command = self.enter("bash", "-c", script)
            return subprocess.run(command, capture_output=True, check=False, cwd="/").returncode == 0

        try:
            eventually(succeeds, what, within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def visit(self, module: str, *arguments: str, within_s: float = 180) -> str:
        """Return what a module of the tests says that runs there with the packages of the tests."""
        python = str(ROOT / ".venv" / "bin" / "python")
        command = self.enter("env", "-C", str(ROOT), python, "-m", module, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=False, cwd="/")
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.logs()}"
        return done.stdout

    def put_checkout(self, folder: str = "/opt/imhub") -> None:
        """Lay a checkout there, as `git clone` would."""
        listing = [shutil.which("git") or "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
        files = b"\0".join(name for name in names if name and (ROOT / name.decode()).is_file())
        pack = ["tar", "-C", str(ROOT), "--null", "-T", "-", "-c"]
        with subprocess.Popen(pack, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tar:
            assert tar.stdin is not None
            assert tar.stdout is not None
            unpack = self.enter(
                "sh",
                "-c",
                f"umask 022 && mkdir -p {folder} && tar -C {folder} --no-same-owner --no-same-permissions -x",
            )
            with subprocess.Popen(unpack, stdin=tar.stdout, cwd="/") as other:
                tar.stdin.write(files)
                tar.stdin.close()
                assert other.wait(60) == 0

    def remove(self) -> None:
        """End all that runs there. Its memory is freed with its last process."""
        psutil.Process(self._pid).kill()
        self._make.wait(30)


@contextmanager
def running_machine(place: Path) -> Iterator[Machine]:
    """One of the caller's own. Skips the test where nobody can make one."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("apt-get"):
        pytest.skip("a machine of its own takes root on Debian")
    place.mkdir(parents=True, exist_ok=True)
    machine = Machine(place)
    try:
        yield machine
    finally:
        machine.remove()


def list_blocks(heading: str) -> list[str]:
    """Return the commands of the section of docs/deployment.md with that heading, block by block."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/deployment.md has no section “{heading}”"
    blocks = re.findall(r"^```sh\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)
    assert blocks, f"the section “{heading}” has no commands"
    return [str(block) for block in blocks]
