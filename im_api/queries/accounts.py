"""Writes of the owner to accounts. They count from the next request on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from im_api.about import supported_platforms
from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.scope import AuthorizedAccount, get_authorized
from sync.hub import get_hub
from sync.models import Account
from sync.protocol.account_config import find_unknown_keys, find_wrong_value, list_keys
from sync.storage.account_ids import check_new_account_id

ATTRIBUTES: Final = {
    "user_id": "id",
    "user_name": "name",
    "platform": "platform",
    "platform_user_id": "platform_user_id",
    "status": "status",
    "alias": "alias",
    "group": "group",
    "color": "color",
}
"""Name of a field for clients -> for the model."""

Fields = Mapping[str, Any]
"""By the names for clients; None empties a field."""


def create_account(principal: Principal, fields: Fields, origin: str) -> AuthorizedAccount:
    """Create an account and return it as `principal` sees it.

    `origin`: words for the history. Raises BadRequest with the name of the field, HubNotReady.
    """
    get_hub()
    for name in ("user_id", "user_name"):
        if not fields.get(name):
            raise BadRequest(f"{name} is required")
    account = Account()
    _assign(account, fields)
    if fault := check_new_account_id(account.pk):
        raise BadRequest(f"user_id: {fault}")
    with transaction.atomic():
        try:
            account.save()
        except IntegrityError:
            raise BadRequest("user_id: there is such an account already") from None
        log_change(principal, account, ADDITION, f"Made through the API ({origin})")
    return get_authorized(principal, account.pk)


def update_account(principal: Principal, account_id: str, fields: Fields, origin: str) -> AuthorizedAccount:
    """Change the fields that are named, and return the account. The others stay.

    Raises NotFound, BadRequest with the name of the field, HubNotReady.
    """
    get_hub()
    account = get_account(account_id)
    if fields.get("user_id", account_id) != account_id:
        raise BadRequest("user_id: an account keeps its id")
    changed = _assign(account, fields)
    if changed:
        with transaction.atomic():
            account.save(update_fields=changed)
            log_change(principal, account, CHANGE, f"Changed through the API ({origin}): {', '.join(changed)}")
    return get_authorized(principal, account_id)


def delete_account(principal: Principal, account_id: str, origin: str) -> AuthorizedAccount:
    """Delete an account with all its data, and return it as it was. Raises NotFound, HubNotReady."""
    authorized = get_authorized(principal, account_id)
    account = get_account(account_id)
    with transaction.atomic():
        log_change(principal, account, DELETION, f"Deleted through the API ({origin})")
        account.delete()
    return authorized


def get_account(account_id: str) -> Account:
    """Return the row of an account. Raises NotFound."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound("Account not found")
    return account


def _assign(account: Account, fields: Fields) -> list[str]:
    """The attributes that are others now. Raises BadRequest."""
    platform = fields.get("platform", account.platform)
    if platform not in supported_platforms():
        raise BadRequest(f"platform must be one of {', '.join(supported_platforms())}")
    values = {attribute: fields[name] or "" for name, attribute in ATTRIBUTES.items() if name in fields}
    if "config" in fields:
        values["config"] = _config(platform, account.config, fields["config"])
    for name, value in fields.items():
        if isinstance(value, str) and "\0" in value:
            raise BadRequest(f"{name}: must not contain the character NUL")
    changed = [attribute for attribute, value in values.items() if getattr(account, attribute) != value]
    for attribute in changed:
        setattr(account, attribute, values[attribute])
    unchanged = {field.name for field in Account._meta.fields} - set(changed)
    try:
        account.clean_fields(exclude=unchanged)
    except ValidationError as error:
        attribute, messages = next(iter(error.message_dict.items()))
        name = next((name for name, one in ATTRIBUTES.items() if one == attribute), attribute)
        raise BadRequest(f"{name}: {messages[0]}") from None
    return changed


def _config(platform: str, stored: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored config with the named keys set, and those that are None taken away. Raises BadRequest."""
    config = {key: value for key, value in {**stored, **named}.items() if value is not None}
    if unknown := find_unknown_keys(config, platform, stored):
        known = ", ".join(list_keys(platform))
        raise BadRequest(f"config: there is no key {', '.join(unknown)}; possible are: {known}")
    if b"\\u0000" in msgspec.json.encode(named):
        raise BadRequest("config: must not contain the character NUL")
    if fault := find_wrong_value(config):
        raise BadRequest(f"config: {fault}")
    return config


def log_change(principal: Principal, account: Account, flag: int, message: str) -> None:
    """Write a line into the history that the admin shows of an account. `flag`: ADDITION, CHANGE or DELETION."""
    LogEntry.objects.log_actions(principal.user_id, [account], flag, message, single_object=True)
