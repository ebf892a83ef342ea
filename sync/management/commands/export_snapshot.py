"""`manage.py export_snapshot FILE`: write the whole store into one JSON file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sync.storage.errors import Unusable
from sync.storage.private_file import write_private
from sync.storage.transfer import export_document
from sync.store import configured_store


class Command(BaseCommand):
    help = (
        "Writes the data of all accounts, operators' marks included, into one JSON file. "
        "The history of changes stays behind. May run beside a hub."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        try:
            write_private(file, export_document(configured_store().new_view))
        except Unusable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
