"""`manage.py workertoken NAME`: give a worker a new token."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from sync.models import Worker
from sync.protocol.ids import is_worker_id
from sync.worker.tokens import new_worker_token


class Command(BaseCommand):
    help = "Gives the worker NAME a new token and prints it. The one before is refused from now on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *, name: str, **_: Any) -> None:
        if not is_worker_id(name):
            raise CommandError(f"{name!r} cannot name a worker: letters, digits, '_', '.' and '-', 64 at most")
        with transaction.atomic():
            worker, _created = Worker.objects.get_or_create(name=name)
            token = new_worker_token(worker)
        self.stdout.write(token)
