"""Replies that were written here, by their id or place."""

from __future__ import annotations

from msgspec import Struct

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.queries.cursors import PLAIN_KEY, CursorScope, PageRequest
from im_api.queries.items import find_item
from im_api.queries.lists import Listed
from im_api.queries.scope import AuthorizedAccount, find_authorized, get_authorized
from sync.core.replies.reply import Reply, ReplyState, account_of_reply

NOT_FOUND = "Reply not found"


class ReplyFilter(Struct, frozen=True, kw_only=True):
    """Chooses replies. One of the first three is needed; `discussion_id`: of a comment, or of its thread."""

    account_id: str | None = None
    conversation_id: str | None = None
    discussion_id: str | None = None
    state: ReplyState | None = None


def find_reply(principal: Principal, reply_id: str) -> tuple[AuthorizedAccount, Reply]:
    """Return the account and the reply. Raises NotFound also for one of an account that is not granted."""
    account_id = account_of_reply(reply_id)
    authorized = find_authorized(principal, account_id) if account_id is not None else None
    reply = authorized.view.replies.get(reply_id) if authorized is not None else None
    if authorized is None or reply is None:
        raise NotFound(NOT_FOUND)
    return authorized, reply


def list_written(principal: Principal, where: ReplyFilter, page: PageRequest) -> Listed[Reply]:
    """Return a page of replies, the newest first. Raises BadRequest, NotFound."""
    authorized, place = _find_place(principal, where)
    chosen = (reply for reply in authorized.view.replies.values() if _is_wanted(reply, place, where.state))
    keyed = (((-reply.number, reply.id), reply) for reply in chosen)
    scope = CursorScope(page.route, (authorized.account.id,), (place, where.state), PLAIN_KEY)
    shown, cursor = scope.cut(keyed, page)
    return Listed([(authorized, reply) for reply in shown], cursor, [authorized])


def _find_place(principal: Principal, where: ReplyFilter) -> tuple[AuthorizedAccount, str | None]:
    if where.conversation_id is not None and where.discussion_id is not None:
        raise BadRequest("one of conversation_id and discussion_id, not both")
    if where.conversation_id is not None:
        return find_item(principal, "conversations", where.conversation_id, where.account_id)
    if where.discussion_id is not None:
        return find_item(principal, "comments", where.discussion_id, where.account_id)
    if where.account_id is None:
        raise BadRequest("account_id, conversation_id or discussion_id is required")
    return get_authorized(principal, where.account_id), None


def _is_wanted(reply: Reply, place: str | None, state: ReplyState | None) -> bool:
    return place in (None, reply.target, reply.thread) and state in (None, reply.state)
