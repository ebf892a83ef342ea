"""`manage.py addaccount ACCOUNT_ID --platform P --name NAME [--worker WORKER] [--operator USERNAME]`."""

from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models, transaction

from crawler.platforms import PLATFORMS
from im_api.models import Grant
from sync.models import Account, Worker
from sync.storage.account_ids import check_new_account_id

Row = TypeVar("Row", bound=models.Model)


class Command(BaseCommand):
    help = "Creates or updates an account, gives it to a worker and lets an operator read and answer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account_id", metavar="ACCOUNT_ID")
        parser.add_argument("--platform", required=True, help=f"one of: {', '.join(PLATFORMS)}")
        parser.add_argument("--name", required=True)
        parser.add_argument("--worker", help="made, without a token, if there is none of that name")
        parser.add_argument("--operator", metavar="USERNAME", help="made, without a password, if there is none")

    @transaction.atomic
    def handle(self, *, account_id: str, platform: str, name: str, **options: Any) -> None:
        account = get_account(account_id, platform)
        account.name = name
        if options["worker"] is not None:
            account.worker = get_worker(options["worker"])
        save_checked(account)
        if options["operator"] is not None:
            Grant.objects.update_or_create(
                user=get_operator(options["operator"]), account=account, defaults={"level": Grant.Level.OPERATE}
            )


def get_account(account_id: str, platform: str) -> Account:
    """Return the account, new if there is none. Raises CommandError for another platform than it has, or a bad id."""
    if platform not in PLATFORMS:
        raise CommandError(f"there is no platform {platform!r}; there is {', '.join(PLATFORMS)}")
    account = Account.objects.filter(pk=account_id).first() or Account(id=account_id, platform=platform)
    if account.platform != platform:
        raise CommandError(f"account {account_id} is of platform {account.platform!r}, and what it holds is, too")
    if account._state.adding and (fault := check_new_account_id(account_id)):
        raise CommandError(f"id: {fault}")
    return account


def get_worker(name: str) -> Worker:
    """Return the worker, made if there is none."""
    return Worker.objects.filter(name=name).first() or save_checked(Worker(name=name))


def get_operator(username: str) -> Any:
    """Return the user, made if there is none, without a password until an owner gives one."""
    users = get_user_model()
    user = users.objects.filter(username=username).first()
    if user is None:
        user = users(username=username)
        user.set_unusable_password()
        save_checked(user)
    return user


def save_checked(row: Row) -> Row:
    """Validate and save `row`, and return it. Raises CommandError naming what is wrong."""
    try:
        row.full_clean()
    except ValidationError as error:
        reasons = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
        raise CommandError("; ".join(reasons)) from error
    row.save()
    return row
