"""The command line of `manage.py`."""

from __future__ import annotations

import gc

from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand


class CommandLine(ManagementUtility):
    """Django's, but for the garbage collector: it rests until everything is imported.

    What imports make stays for good. To look through it again and again takes a sixth of a start.
    """

    def execute(self) -> None:
        """Run the command that the arguments name."""
        gc.disable()
        super().execute()

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Return the command, which has imported what it needs."""
        command = super().fetch_command(subcommand)
        gc.freeze()
        gc.enable()
        return command
