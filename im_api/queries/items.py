"""One item by its id. The id says the account; another form of id may need the account beside it."""

from __future__ import annotations

from typing import Any, Final

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.scope import Reading, get_reading, granted
from sync.core.delta import Entry
from sync.core.threads import Thread
from sync.protocol.ids import PREFIX
from sync.protocol.items import Collection, Comment, Message, Notification

NOUN: Final[dict[Collection, str]] = {
    "conversations": "Conversation",
    "messages": "Message",
    "contents": "Content",
    "comments": "Discussion",
    "notifications": "Notification",
}

Found = tuple[Reading, str]


def find_item(principal: Principal, collection: Collection, item_id: str, account_id: str | None = None) -> Found:
    """(the account, the id under which it lists the item). Raises NotFound, BadRequest."""
    if account_id is not None:
        found = _find_in(principal, collection, item_id, [account_id])
    else:
        named = _named_accounts(principal, collection, item_id)
        found = _find_in(principal, collection, item_id, named) if named else []
        found = found or _find_in(principal, collection, item_id, granted(principal))
    if not found:
        raise NotFound(f"{NOUN[collection]} not found")
    if len(found) > 1:
        raise BadRequest("this id occurs in several accounts: account_id is needed")
    return found[0]


def _find_in(principal: Principal, collection: Collection, item_id: str, account_ids: list[str]) -> list[Found]:
    readings = [get_reading(principal, account_id) for account_id in account_ids]
    ids = [reading.view.find(collection, item_id) for reading in readings]
    return [(reading, known) for reading, known in zip(readings, ids, strict=True) if known is not None]


def _named_accounts(principal: Principal, collection: Collection, item_id: str) -> list[str]:
    """The granted accounts that an id of the usual form may name; account ids may contain `_` themselves."""
    prefix, _, rest = item_id.partition("_")
    if prefix != PREFIX[collection]:
        return []
    parts = rest.split("_")
    names = {"_".join(parts[:end]) for end in range(1, len(parts))}
    return [account_id for account_id in granted(principal) if account_id in names] if names else []


def get_conversation(principal: Principal, item_id: str, account_id: str | None) -> tuple[Reading, Thread]:
    reading, known = find_item(principal, "conversations", item_id, account_id)
    thread = reading.view.threads.get(known)
    if thread is None:
        raise NotFound("Conversation not found")
    return reading, thread


def get_message(principal: Principal, item_id: str, account_id: str | None) -> tuple[Reading, Entry[Message]]:
    return _get(principal, "messages", item_id, account_id)


def get_content(principal: Principal, item_id: str, account_id: str | None) -> tuple[Reading, str]:
    """The id alone: of a work that is known from its comments only there is no more."""
    return find_item(principal, "contents", item_id, account_id)


def get_comment(principal: Principal, item_id: str, account_id: str | None) -> tuple[Reading, Entry[Comment]]:
    return _get(principal, "comments", item_id, account_id)


def get_notification(principal: Principal, item_id: str, account_id: str | None) -> tuple[Reading, Entry[Notification]]:
    return _get(principal, "notifications", item_id, account_id)


def _get(
    principal: Principal, collection: Collection, item_id: str, account_id: str | None
) -> tuple[Reading, Entry[Any]]:
    reading, known = find_item(principal, collection, item_id, account_id)
    entry = reading.view.entries(collection).get(known)
    if entry is None:
        raise NotFound(f"{NOUN[collection]} not found")
    return reading, entry
