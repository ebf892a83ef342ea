"""Saved replies: everybody's own, and those that are shared. Read from memory, written to the database.

One that is for an account is shared with those who see that account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction

from im_api.access import Principal, get_access
from im_api.errors import BadRequest, Forbidden, NotFound
from im_api.models import SavedReply
from im_api.queries.cursors import SAVED_KEY, CursorScope, PageRequest
from im_api.queries.scope import get_authorized
from im_api.saved_replies import MAX_A_USER, ReplyInfo
from sync.hub import get_hub
from sync.protocol.text import is_blank

Fields = Mapping[str, Any]
"""title, text, shared, account_id (None: for all accounts); what is not in it stays."""

NOT_FOUND: Final = "Saved reply not found"


def list_replies(
    principal: Principal, page: PageRequest, account_id: str | None = None
) -> tuple[list[ReplyInfo], str | None]:
    """Return a page of the replies that `principal` may use, newest first, and the cursor of the next page.

    Of two that were saved at the same time, the one with the greater id comes first.
    `account_id`: only those that may be sent as this account. Raises NotFound, and BadRequest for a foreign cursor.
    """
    if account_id is not None:
        get_authorized(principal, account_id)
    seen = (reply for reply in get_access().replies.values() if _may_see(principal, reply))
    fitting = (reply for reply in seen if account_id is None or reply.account_id in (None, account_id))
    keyed = ((tuple(-number for number in reply.place), reply) for reply in fitting)
    asked = principal.user_id if account_id is None else (principal.user_id, account_id)
    return CursorScope(page.route, (), asked, SAVED_KEY).cut(keyed, page)


def get_reply(principal: Principal, reply_id: str) -> ReplyInfo:
    """Return one reply. Raises NotFound also for one that is not shared: nobody learns that it exists."""
    reply = get_access().replies.get(reply_id)
    if reply is None or not _may_see(principal, reply):
        raise NotFound(NOT_FOUND)
    return reply


def create_reply(principal: Principal, fields: Fields) -> tuple[ReplyInfo, bool]:
    """Save a reply; return it, and whether it is a new one: the same words saved twice are one. Raises BadRequest."""
    get_hub()
    for name in ("title", "text"):
        if name not in fields:
            raise BadRequest(f"{name} is required")
    row = SavedReply(owner_id=principal.user_id)
    _assign(principal, row, fields)
    with transaction.atomic():
        # Two requests of one user at once: the second counts what the first has saved.
        get_user_model().objects.select_for_update().filter(pk=principal.user_id).first()
        mine = SavedReply.objects.filter(owner_id=principal.user_id)
        same = mine.filter(title=row.title, text=row.text, shared=row.shared, account=row.account_id).first()
        if same is None:
            if mine.count() >= MAX_A_USER:
                raise BadRequest(f"You have {MAX_A_USER} saved replies, which is the most: delete one first")
            row.save()
    return get_access().replies[str((same or row).pk)], same is None


def update_reply(principal: Principal, reply_id: str, fields: Fields) -> ReplyInfo:
    """Change the fields that are named, and return the reply. Raises NotFound, Forbidden, BadRequest."""
    row = _writable(principal, reply_id)
    if _assign(principal, row, fields):
        row.save()
    return get_access().replies[reply_id]


def delete_reply(principal: Principal, reply_id: str) -> None:
    """Delete a reply. Raises NotFound, Forbidden."""
    _writable(principal, reply_id).delete()


def _may_see(principal: Principal, reply: ReplyInfo) -> bool:
    if reply.owner_id == principal.user_id:
        return True
    return reply.shared and (reply.account_id is None or principal.grant_for(reply.account_id) is not None)


def _writable(principal: Principal, reply_id: str) -> SavedReply:
    get_hub()
    reply = get_reply(principal, reply_id)
    if reply.owner_id != principal.user_id and not principal.is_staff:
        raise Forbidden(f"This reply is {reply.owner_name}'s: you may use it, and not change it")
    row = SavedReply.objects.filter(pk=reply_id).first()
    if row is None:
        raise NotFound(NOT_FOUND)
    return row


def _assign(principal: Principal, row: SavedReply, fields: Fields) -> bool:
    """Set the fields; return whether any is another one now.

    Raises BadRequest with the name of the field, and NotFound for an account that `principal` does not see.
    """
    for name in ("title", "text"):
        value = fields.get(name)
        if value is not None and is_blank(value):
            raise BadRequest(f"{name}: must not be blank")
        if value is not None and "\0" in value:
            raise BadRequest(f"{name}: must not contain the character NUL")
    account_id = fields.get("account_id")
    if account_id is not None and account_id != row.account_id:
        get_authorized(principal, account_id)
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    return bool(changed)
