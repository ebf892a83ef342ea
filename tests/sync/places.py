"""Data directories of their own for tests that damage them: an SQLite database and what a hub keeps beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from sync.core.account.view import View
from sync.hub import Hub
from sync.storage.change_log import ChangeLog
from tests.sync.histories import a_conversation, a_message, load, write_history

DATABASE = "imhub.sqlite3"


class Place:
    def __init__(self, directory: Path, blocker: Any) -> None:
        self.directory = directory
        self.database = directory / DATABASE
        self._blocker = blocker

    @contextmanager
    def used(self) -> Iterator[None]:
        """This process works on this directory, as if it were another installation."""
        before = connection.settings_dict["NAME"]
        with override_settings(DATA_DIR=self.directory), self._blocker.unblock():
            connection.close()
            connection.settings_dict["NAME"] = str(self.database)
            try:
                yield
            finally:
                connection.close()
                connection.settings_dict["NAME"] = before

    def copy_to(self, directory: Path) -> Place:
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(self.directory, directory)
        return Place(directory, self._blocker)

    def start(self) -> dict[str, View]:
        """What a hub would serve. Raises what a start raises."""
        with self.used():
            hub = Hub()
            hub._load()
            return {name: hub.store.get_view(name) for name in hub.store.account_ids()}


def make_place(directory: Path, blocker: Any) -> Place:
    """As a killed hub leaves it: one account in the file, another, with a checkpoint, in the write-ahead log."""
    made = Place(directory / "made", blocker)
    made.directory.mkdir(parents=True)
    with made.used():
        call_command("migrate", verbosity=0)
        write_history("tea", {"conversations": [a_conversation(1)], "messages": [a_message(1)]})
        connection.close()
        messages = [a_message(number, content=f"怎么还没有发货？{number}") for number in range(60)]
        write_history("roses", {"conversations": [a_conversation(1)], "messages": messages})
        ChangeLog().write_checkpoint(load("roses"))
        write_history("roses", {"messages": [*messages, a_message(60)]}, {"messages": [*messages, a_message(61)]})
        # The connection is open still, so the write-ahead log is there.
        return made.copy_to(directory / "left")
