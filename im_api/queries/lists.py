"""Pages of items under filters. Filters apply before paging; every list has one order, and keys into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from im_api.access import Principal
from im_api.queries.cursors import (
    CONVERSATION_KEY,
    FEED_KEY,
    PLAIN_KEY,
    TIME_KEY,
    CursorScope,
    KeyTypes,
    PageRequest,
)
from im_api.queries.items import find_item
from im_api.queries.pinned_order import list_as_pinned
from im_api.queries.scope import ALL, AuthorizedAccount, get_authorized, list_authorized, note_walk
from im_api.queries.store_memory import get_memory
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.view import View
from sync.core.lists import pages as lists
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.core.lists.pages import FeedRow, ListPage, ListWindow
from sync.protocol.items import Collection, Comment, Content, Message, Notification

T = TypeVar("T")


class AccountFilter(Struct, frozen=True, kw_only=True):
    """Accounts with this status of the owner's switch, of this platform. None: any."""

    status: str | None = None
    platform: str | None = None


class Listed(Struct, Generic[T], frozen=True):
    """A page: rows with the account of each, and the cursor of the next page. `accounts`: what the page was made of."""

    rows: list[tuple[AuthorizedAccount, T]]
    cursor: str | None
    accounts: list[AuthorizedAccount]


def list_accounts(principal: Principal, where: AccountFilter, page: PageRequest) -> Listed[None]:
    """Return a page of the accounts that `principal` may see, newest first. Raises BadRequest for a foreign cursor."""
    keyed = (
        ((-authorized.account.created_at, authorized.account.id), authorized)
        for authorized in list_authorized(principal)
        if where.status in (None, authorized.account.status) and where.platform in (None, authorized.account.platform)
    )
    accounts, cursor = CursorScope(page.route, (), where, PLAIN_KEY).cut(keyed, page)
    return Listed([(authorized, None) for authorized in accounts], cursor, accounts)


def list_conversations(
    principal: Principal, account_id: str, where: ConversationFilter, page: PageRequest
) -> Listed[ConversationState]:
    """Return a page of conversations: pinned first, then by the last message.

    The walk keeps the order that its first page saw. Raises NotFound, BadRequest for a foreign cursor.
    """
    authorized = get_authorized(principal, account_id)
    scope = CursorScope(page.route, [account_id], where, CONVERSATION_KEY)
    start = scope.read(page.cursor)
    pinned_orders = get_memory().pinned_orders
    began = pinned_orders.find(principal.pk, authorized.view, start.version)
    found = _list_as_pinned(began, authorized.view, where, start.window(page.count))
    name = pinned_orders.keep(principal.pk, began) if found.next is not None else None
    note_walk([began], [authorized.view], name)
    cursor = scope.write(found.next, began.version)
    return Listed([(authorized, thread) for thread in found.rows], cursor, [authorized])


def _list_as_pinned(
    began: View, current: View, where: ConversationFilter, window: ListWindow
) -> ListPage[ConversationState]:
    def list_page(part: ListWindow) -> ListPage[ConversationState]:
        return lists.list_conversations(began, where, part)

    if began is current:
        return list_page(window)
    return list_as_pinned(list_page, lambda rows: _as_they_are(rows, began, current), window)


def _as_they_are(threads: list[ConversationState], began: View, current: View) -> Iterator[ConversationState]:
    """Yield the current state of each; a conversation that became another one of the walk is shown there only."""
    for thread in threads:
        known = current.find("conversations", thread.id)
        now = current.conversation_states.get(known) if known is not None else None
        if now is not None and not now.hidden and (now.id == thread.id or now.id not in began.conversation_states):
            yield now


def list_messages(
    principal: Principal,
    account_id: str | None,
    where: MessageFilter,
    page: PageRequest,
) -> Listed[Entry[Message]]:
    """Return a page of messages, newest first.

    `account_id` None: that of the conversation, which must then be known. Raises NotFound, BadRequest.
    """
    if account_id is None:
        authorized, known = find_item(principal, "conversations", where.conversation_id or "")
        where = msgspec.structs.replace(where, conversation_id=known)
    else:
        authorized = get_authorized(principal, account_id)
        where = _resolved(authorized, where, conversation_id="conversations")
    return _list(authorized, where, page, lists.list_messages)


def recalled_words(authorized: AuthorizedAccount, entries: Iterable[Entry[Message]]) -> dict[str, str]:
    """Return the words that were read before their message was recalled, by its id.

    Clients get none of them; the web inbox shows them in the open conversation, to whoever asks for them there.
    """
    return {
        entry.item.id: entry.item.content
        for entry in entries
        if entry.item.content and authorized.view.is_recalled(entry) and not authorized.view.is_deleted(entry)
    }


def list_contents(
    principal: Principal, account_id: str, platform: str | None, where: ContentFilter, page: PageRequest
) -> Listed[Entry[Content]]:
    """Return a page of works, newest first; empty for another platform. Raises NotFound, BadRequest."""
    authorized = get_authorized(principal, account_id)
    return _list(authorized, where, page, _of_platform(authorized, platform, lists.list_contents))


def list_comments(
    principal: Principal, account_id: str, platform: str | None, where: CommentFilter, page: PageRequest
) -> Listed[Entry[Comment]]:
    """Return a page of comments and replies, newest first; empty if the account is of another platform.

    Raises NotFound, BadRequest.
    """
    authorized = get_authorized(principal, account_id)
    where = _resolved(authorized, where, content_id="contents", parent_comment_id="comments")
    return _list(authorized, where, page, _of_platform(authorized, platform, lists.list_comments))


def list_replies(
    principal: Principal, item_id: str, account_id: str | None, where: CommentFilter, page: PageRequest
) -> Listed[Entry[Comment]]:
    """Return a page of the replies to a comment, newest first. Raises NotFound, BadRequest."""
    authorized, known = find_item(principal, "comments", item_id, account_id)
    where = msgspec.structs.replace(where, parent_comment_id=known)
    return _list(authorized, where, page, lists.list_comments)


def list_notifications(
    principal: Principal, account_id: str, where: NotificationFilter, page: PageRequest
) -> Listed[Entry[Notification]]:
    """Return a page of notices, newest first. Raises NotFound, BadRequest."""
    authorized = get_authorized(principal, account_id)
    return _list(authorized, where, page, lists.list_notifications)


def list_feed(principal: Principal, account_ids: str, where: FeedFilter, page: PageRequest) -> Listed[FeedRow]:
    """Return a page of messages, comments and notices of several accounts, newest first.

    `account_ids` as for `list_authorized`. Raises NotFound, BadRequest.
    """
    accounts = list_authorized(principal, account_ids)
    by_account = {authorized.account.id: authorized for authorized in accounts}
    scope = CursorScope(page.route, [ALL] if account_ids == ALL else by_account, _sorted(where), FEED_KEY)
    window = scope.read(page.cursor).window(page.count)
    found = lists.list_feed([authorized.view for authorized in accounts], where, window)
    rows = [(by_account[row.view.account_id], row) for row in found.rows]
    return Listed(rows, scope.write(found.next), accounts)


def _sorted(where: FeedFilter) -> tuple[Any, ...]:
    """A set has no order of its own that a cursor could rely on."""
    return sorted(where.kinds or ()), msgspec.structs.replace(where, kinds=None)


def _list(
    authorized: AuthorizedAccount,
    where: Any,
    page: PageRequest,
    choose: Callable[[View, Any, ListWindow], ListPage[T]],
    key_types: KeyTypes = TIME_KEY,
) -> Listed[T]:
    scope = CursorScope(page.route, [authorized.account.id], where, key_types)
    found = choose(authorized.view, where, scope.read(page.cursor).window(page.count))
    return Listed([(authorized, row) for row in found.rows], scope.write(found.next), [authorized])


def _of_platform(
    authorized: AuthorizedAccount, platform: str | None, choose: Callable[[View, Any, ListWindow], ListPage[T]]
) -> Callable[[View, Any, ListWindow], ListPage[T]]:
    return choose if platform in (None, authorized.account.platform) else _nothing


def _nothing(view: View, where: Any, window: ListWindow) -> ListPage[Any]:
    return ListPage([], None)


def _resolved(authorized: AuthorizedAccount, where: Any, **references: Collection) -> Any:
    """References in a filter may be ids that a placeholder had, or the platform's own."""
    given = {name: getattr(where, name) for name in references}
    changes = {
        name: authorized.view.find(references[name], value) or authorized.view.resolve(references[name], value)
        for name, value in given.items()
        if value is not None
    }
    return msgspec.structs.replace(where, **changes) if changes else where
