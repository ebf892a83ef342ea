"""One item by its id. The id says the account; another form of id may need the account beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final, Literal

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.scope import AuthorizedAccount, find_authorized, find_owner, get_authorized, list_authorized
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.placeholders import is_placeholder, make_placeholder
from sync.core.account.view import View
from sync.hub import get_hub
from sync.protocol.ids import MAX_ID_LENGTH, make_id
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


Wanted = Literal["seen", "stored", "named"]
"""The items that a request is about: `seen` are visible, `stored` also the deleted ones; `named` are visible, or an
answer names them (see `sync.core.account.placeholders`)."""


def find_item(
    principal: Principal, collection: Collection, item_id: str, account_id: str | None = None, wanted: Wanted = "named"
) -> Found:
    """Return the account and the id under which it lists the item.

    `item_id` may be an alias or the platform's id. Raises NotFound, BadRequest.
    """
    found = Finder(principal, account_id).find(collection, item_id, wanted)
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

    def find(self, collection: Collection, item_id: str, wanted: Wanted = "named") -> list[Found]:
        """Return every item with this id: in the account that is given, else in the one that the id belongs to, else
        in all.

        In all, because earlier versions took ids that belong to another account. Raises NotFound for an account that
        is not granted.
        """
        if len(item_id) > MAX_ID_LENGTH:
            return []
        if self._account_id is not None:
            return _find_in([get_authorized(self._principal, self._account_id)], collection, item_id, wanted)
        owner = find_owner(item_id)
        authorized = find_authorized(self._principal, owner) if owner is not None else None
        found = _find_in([authorized], collection, item_id, wanted) if authorized is not None else []
        return found or _find_in(self._all, collection, item_id, wanted)

    @cached_property
    def _all(self) -> list[AuthorizedAccount]:
        return list_authorized(self._principal)


def _find_in(
    accounts: Iterable[AuthorizedAccount], collection: Collection, item_id: str, wanted: Wanted
) -> list[Found]:
    pairs = (
        (authorized, _body_for(authorized.view, collection, item_id).find(collection, item_id))
        for authorized in accounts
        if _may_have(authorized.view, collection, item_id)
    )
    return [
        (authorized, known)
        for authorized, known in pairs
        if known is not None and _is_wanted(authorized.view, collection, known, wanted)
    ]


def _may_have(view: View, collection: Collection, item_id: str) -> bool:
    """Return False if the account has no such item, without a look at its body."""
    return view.may_know(item_id) or _is_own(view, collection, item_id)


def _is_own(view: View, collection: Collection, item_id: str) -> bool:
    return item_id.startswith(make_id(collection, view.account_id, ""))


def _body_for(view: View, collection: Collection, item_id: str) -> View:
    """Return the view to look for the item in. A head may be wrong of what it knows: a body that is read for an id of
    another form puts out no account that is in use.
    """
    return view if _is_own(view, collection, item_id) else view.peek()


def _is_wanted(view: View, collection: Collection, known: str, wanted: Wanted) -> bool:
    if view.is_visible(collection, known):
        return True
    if wanted == "stored":
        return known in view.entries(collection) or collection == "conversations"
    return wanted == "named" and is_placeholder(view, collection, known)


def occurs_elsewhere(collection: Collection, item_id: str, account_id: str) -> bool:
    """Return whether the id of this account's item is not enough to find it, because another account has it too.

    Raises HubNotReady.
    """
    if find_owner(item_id) == account_id:
        return False
    hub = get_hub()
    others = (hub.store.get_view(name) for name in hub.directory.accounts if name != account_id)
    return any(
        _may_have(view, collection, item_id)
        and _body_for(view, collection, item_id).find(collection, item_id) is not None
        for view in others
    )


def get_conversation(
    principal: Principal, item_id: str, account_id: str | None
) -> tuple[AuthorizedAccount, ConversationState]:
    """Return the account and the state of a conversation. Raises NotFound, BadRequest."""
    authorized, known = find_item(principal, "conversations", item_id, account_id)
    return authorized, thread_in(authorized, known)


def has_thread(authorized: AuthorizedAccount, thread_id: str) -> bool:
    """Return whether the account has a conversation or a comment of this id, or an answer names one.

    Of an account that is out of memory this may be wrong, once in a hundred foreign ids.
    """
    if not authorized.view.is_resident:
        return authorized.view.may_know(thread_id)
    kinds: tuple[Collection, ...] = ("conversations", "comments")
    return any(_is_wanted(authorized.view, kind, thread_id, "named") for kind in kinds)


def thread_in(authorized: AuthorizedAccount, known: str) -> ConversationState:
    """Return the state of the conversation `known` of the account. Raises NotFound."""
    thread = authorized.view.conversation_states.get(known)
    if thread is None:
        raise NotFound("Conversation not found")
    return thread


def is_unseen(authorized: AuthorizedAccount, collection: Collection, known: str) -> bool:
    """Return whether the item is a placeholder: answers name it, and it was deleted or never read."""
    return is_placeholder(authorized.view, collection, known)


def entry_in(authorized: AuthorizedAccount, collection: Collection, known: str) -> Entry[Any]:
    """Return the entry `known` of a collection of the account, or its placeholder. Raises NotFound."""
    view = authorized.view
    entry = make_placeholder(view, collection, known) or view.entries(collection).get(known)
    if entry is None:
        raise NotFound(f"{NOUN[collection]} not found")
    return entry
