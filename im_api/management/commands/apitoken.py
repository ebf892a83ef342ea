"""`manage.py apitoken USERNAME [--name N] [--staff]`: prints a new token of the API, and nothing else."""

import sys
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from im_api.models import MAX_NAME_LENGTH, ApiToken

DEFAULT_NAME = "cli"


class Command(BaseCommand):
    help = "Replaces the user's token of that name and prints the new one. A missing user is created, without password."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def error(message: str) -> NoReturn:
            parser.print_usage(sys.stderr)
            parser.exit(1, f"{message}\n")

        if getattr(self, "_called_from_command_line", False):
            parser.error = error  # type: ignore[method-assign]  # argparse would exit with 2
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--name", default=DEFAULT_NAME, help="Which of the user's tokens. Default: cli.")
        parser.add_argument("--staff", action="store_true", help="Makes the user an owner, who sees all accounts.")

    def handle(self, *args: Any, username: str, name: str, staff: bool, **options: Any) -> None:
        if not name.strip() or len(name) > MAX_NAME_LENGTH:
            raise CommandError(f"--name: 1 to {MAX_NAME_LENGTH} characters")
        with transaction.atomic():
            user = _get_or_create_user(username, staff)
            _, key = ApiToken.issue(user, name.strip())
        self.stdout.write(key)


def _get_or_create_user(username: str, staff: bool) -> Any:
    model = get_user_model()
    user = model.objects.filter(username=username).first()
    if user is None:
        user = model(username=username, is_staff=staff)
        user.set_unusable_password()
        _check(user)
        user.save()
    elif not user.is_active:
        raise CommandError(f"the user {username!r} is blocked")
    elif staff and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return user


def _check(user: Any) -> None:
    try:
        user.full_clean()
    except ValidationError as error:
        reasons = " ".join(message for messages in error.message_dict.values() for message in messages)
        raise CommandError(f"USERNAME: {reasons}") from None
