"""Names the machine that this worker runs on, so that the hub knows which workers share one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from subprocess import SubprocessError, run
from typing import Final

_MACHINE_ID: Final = ("/etc/machine-id", "/var/lib/dbus/machine-id")
_BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"
_IN_CONTAINER: Final = ("/.dockerenv", "/run/.containerenv")
_KUBERNETES: Final = "KUBERNETES_SERVICE_HOST"
"""It sets this in every container; no file says so."""
_APPLE: Final = ("ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
_WINDOWS: Final = r"SOFTWARE\Microsoft\Cryptography"
_CHARS: Final = 32


def get_host_id(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> str:
    """Return a name that workers of this machine share and no other machine has; '' if the system gives none.

    It is a hash: the machine's own number stays here. In a container it is made of the number of the kernel's start,
    for containers of one image have one machine id wherever they run; it is another one after a restart of the machine.
    """
    number = _read_number(root, environment)
    return sha256(f"imhub machine {number}".encode()).hexdigest()[:_CHARS] if number else ""


def _read_number(root: Path, environment: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        import winreg

        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        return ""
    if sys.platform == "darwin":
        return _read_apple()
    in_container = _KUBERNETES in environment or any((root / path[1:]).exists() for path in _IN_CONTAINER)
    paths = (_BOOT_ID,) if in_container else (*_MACHINE_ID, _BOOT_ID)
    return next((number for path in paths if (number := _read(root / path[1:]))), "")


def _read(path: Path) -> str:
    """Return the number in a file; '' without one. Images carry files that are empty, or say `uninitialized`."""
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_text(encoding="ascii").strip()
        return text if fullmatch("[0-9a-fA-F-]{32,36}", text) and text.strip("0-") else ""
    return ""


def _read_apple() -> str:
    with suppress(OSError, SubprocessError):
        told = run(_APPLE, capture_output=True, text=True, timeout=5, check=True).stdout  # noqa: S603 (a constant)
        return next((line.split('"')[-2] for line in told.splitlines() if "IOPlatformUUID" in line), "")
    return ""
