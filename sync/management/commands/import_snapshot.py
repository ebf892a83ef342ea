"""`manage.py import_snapshot FILE`: replace the data of all accounts by an export."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sync.hub import system_clock
from sync.storage.errors import Unusable
from sync.storage.export_file import BadDocument
from sync.storage.transfer import HubRuns, import_document
from sync.store import configured_store


class Command(BaseCommand):
    help = (
        "Replaces the data of all accounts by what a file of export_snapshot holds; "
        "the history of changes begins anew. Not beside a running hub."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        try:
            done = import_document(content, system_clock(), configured_store().new_view)
        except BadDocument as error:
            raise CommandError(f"{file}: {error}. Nothing was changed.") from error
        except HubRuns as error:
            raise CommandError(f"{error}. Stop it first. Nothing was changed.") from error
        except Unusable as error:
            raise CommandError(f"{error}. Nothing was changed.") from error
        for what, ids in (("replaced", done.replaced), ("created", done.created), ("emptied", done.emptied)):
            if ids:
                self.stdout.write(f"{what}: {', '.join(ids)}")
        self.stdout.write("The history of changes (who did what) begins anew: an export holds none.")
