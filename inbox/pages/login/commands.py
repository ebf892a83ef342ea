"""The exact commands that make a computer one that reads accounts, for each system."""

from __future__ import annotations

from django.utils.translation import gettext
from msgspec import Struct


class SystemCommand(Struct, frozen=True):
    """`key` names the system in the page; `hint`: where to type it."""

    key: str
    system: str
    hint: str
    command: str


def list_commands(code: str, hub: str) -> list[SystemCommand]:
    """Return the command of each system. `hub`: its address, as browsers use it."""
    rest = f"bootstrap.py worker --pair {code} --hub {hub}"
    shell = gettext("In a terminal, in the folder of IM Hub:")
    return [
        SystemCommand("windows", "Windows", gettext("In PowerShell, in the folder of IM Hub:"), f"py {rest}"),
        SystemCommand("macos", "macOS", shell, f"python3 {rest}"),
        SystemCommand("linux", "Linux", shell, f"python3 {rest}"),
    ]
