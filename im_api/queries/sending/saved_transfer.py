"""Saved replies in an export. Users belong to an installation: a reply goes to the user of the same name there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from django.contrib.auth import get_user_model
from msgspec import Meta, Struct

from im_api.models import SavedReply
from im_api.saved_replies import EPOCH, MAX_CHARS, MAX_TITLE
from sync.models import Account
from sync.protocol.items import Millis
from sync.protocol.text import is_blank

KEPT = timedelta(milliseconds=1)
"""Of a time in an export."""


class ExportedReply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One saved reply. `owner`: the name of its user. `account_id`: None for one that is for all accounts."""

    owner: str
    title: Annotated[str, Meta(min_length=1, max_length=MAX_TITLE)]
    text: Annotated[str, Meta(min_length=1, max_length=MAX_CHARS)]
    shared: bool = False
    account_id: str | None = None
    created_at: Millis


class ExportedReplies(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, the oldest first."""

    saved_replies: list[ExportedReply]


class RepliesPart:
    """The part `im_api` of an export."""

    def take(self) -> dict[str, Any] | None:
        """Return the saved replies; None if there are none."""
        rows = SavedReply.objects.select_related("owner").order_by("created_at", "pk")
        replies = [_exported(row) for row in rows]
        if not replies:
            return None
        content: dict[str, Any] = msgspec.to_builtins(ExportedReplies(saved_replies=replies))
        return content

    def check(self, content: dict[str, Any]) -> None:
        """Raise ValueError if this is no such part."""
        for place, one in enumerate(_parse(content)):
            if is_blank(one.title) or is_blank(one.text) or "\0" in one.title + one.text:
                raise ValueError(f"no saved reply - at `saved_replies[{place}]`")

    def put(self, content: dict[str, Any], now: int) -> None:
        """Add the replies that are not here. One of a user whom nobody knows here goes to the owner if it was shared,
        else nowhere: private words are nobody else's."""
        users = {user.get_username(): user for user in get_user_model().objects.all()}
        owner = get_user_model().objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        accounts = set(Account.objects.values_list("pk", flat=True))
        before = EPOCH
        for one in _parse(content):
            user = users.get(one.owner, owner if one.shared else None)
            if user is not None and (one.account_id is None or one.account_id in accounts):
                before = _add_missing(one, user, before, now)


def _exported(row: SavedReply) -> ExportedReply:
    return ExportedReply(
        owner=row.owner.get_username(),
        title=row.title,
        text=row.text,
        shared=row.shared,
        account_id=row.account_id,
        created_at=int(row.created_at.timestamp() * 1000),
    )


def _parse(content: dict[str, Any]) -> list[ExportedReply]:
    return msgspec.convert(content, type=ExportedReplies).saved_replies


def _add_missing(reply: ExportedReply, user: Any, before: datetime, now: int) -> datetime:
    """Return when the reply counts as written. `before`: when the one before it in the export does."""
    same = {"owner": user, "title": reply.title, "text": reply.text, "account": reply.account_id}
    there = SavedReply.objects.filter(**same, shared=reply.shared).first()
    if there is not None:
        return there.created_at
    row = SavedReply(owner=user, title=reply.title, text=reply.text, shared=reply.shared, account_id=reply.account_id)
    row.save()
    # The order of the list follows from it. A clock that went ahead there puts nothing into the future here.
    written_at = EPOCH + timedelta(milliseconds=min(reply.created_at, now))
    if written_at <= before < written_at + KEPT:  # a row that was here all the time is known more exactly
        written_at = before
    SavedReply.objects.filter(pk=row.pk).update(created_at=written_at)
    return written_at
