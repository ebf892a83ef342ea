"""One item by its id. The id says the account; another form of id may need the account beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.scope import AuthorizedAccount, find_authorized, find_owner, get_authorized, list_authorized
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.protocol.ids import MAX_ID_LENGTH
from sync.protocol.items import Collection

NOUN: Final[dict[Collection, str]] = {
    "conversations": "Conversation",
    "messages": "Message",
    "contents": "Content",
    "comments": "Discussion",
    "notifications": "Notification",
}

SEVERAL: Final = "this id occurs in several accounts: account_id is needed"

Found = tuple[AuthorizedAccount, str]
"""The account, and the id under which it lists the item."""


def find_item(
    principal: Principal, collection: Collection, item_id: str, account_id: str | None = None, *, hidden: bool = False
) -> Found:
    """Return the account and the id under which it lists the item.

    `item_id` may be an alias or the platform's id. `hidden`: also what was deleted. Raises NotFound, BadRequest.
    """
    found = Finder(principal, account_id).find(collection, item_id, hidden)
    if not found:
        raise NotFound(f"{NOUN[collection]} not found")
    if len(found) > 1:
        raise BadRequest(SEVERAL)
    return found[0]


class Finder:
    """Finds items in one account, or in all that `principal` may see."""

    def __init__(self, principal: Principal, account_id: str | None = None) -> None:
        self._principal = principal
        self._account_id = account_id

    def find(self, collection: Collection, item_id: str, hidden: bool = False) -> list[Found]:
        """Return every item with this id: in the account that is given, else in the one that the id belongs to, else
        in all.

        In all, because earlier versions took ids that belong to another account. Raises NotFound for an account that
        is not granted.
        """
        if len(item_id) > MAX_ID_LENGTH:
            return []
        if self._account_id is not None:
            return _find_in([get_authorized(self._principal, self._account_id)], collection, item_id, hidden)
        owner = find_owner(item_id)
        authorized = find_authorized(self._principal, owner) if owner is not None else None
        found = _find_in([authorized], collection, item_id, hidden) if authorized is not None else []
        return found or _find_in(self._all, collection, item_id, hidden)

    @cached_property
    def _all(self) -> list[AuthorizedAccount]:
        return list_authorized(self._principal)


def _find_in(accounts: Iterable[AuthorizedAccount], collection: Collection, item_id: str, hidden: bool) -> list[Found]:
    pairs = ((authorized, authorized.view.find(collection, item_id)) for authorized in accounts)
    return [
        (authorized, known)
        for authorized, known in pairs
        if known is not None and (hidden or authorized.view.is_visible(collection, known))
    ]


def get_conversation(
    principal: Principal, item_id: str, account_id: str | None
) -> tuple[AuthorizedAccount, ConversationState]:
    """Return the account and the state of a conversation. Raises NotFound, BadRequest."""
    authorized, known = find_item(principal, "conversations", item_id, account_id)
    return authorized, thread_in(authorized, known)


def thread_in(authorized: AuthorizedAccount, known: str) -> ConversationState:
    """Return the state of the conversation `known` of the account. Raises NotFound."""
    thread = authorized.view.conversation_states.get(known)
    if thread is None:
        raise NotFound("Conversation not found")
    return thread


def entry_in(authorized: AuthorizedAccount, collection: Collection, known: str) -> Entry[Any]:
    """Return the entry `known` of a collection of the account. Raises NotFound."""
    entry = authorized.view.entries(collection).get(known)
    if entry is None:
        raise NotFound(f"{NOUN[collection]} not found")
    return entry
