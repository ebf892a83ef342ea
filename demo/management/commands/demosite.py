"""`manage.py demosite` runs the demo platform site."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.__main__ import add_arguments, make_options
from demo.server import serve


class Command(BaseCommand):
    help = "Runs the demo platform site until Ctrl-C."
    requires_system_checks = ()  # it needs no database

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        sys.exit(serve(make_options(options)))
