"""One thread, open: a conversation with its messages, or a comment with its replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from django.utils.translation import gettext
from msgspec import Struct

from im_api import queries, shapes
from im_api.access import Principal
from im_api.queries import CommentFilter, MessageFilter, PageRequest
from im_api.queries.account_overview import get_now
from inbox import formatting
from inbox.pages.account_cards import AccountCard, make_card
from inbox.pages.comments import CommentLine, make_comment
from inbox.pages.json_attributes import to_json
from inbox.pages.messages import MessageBubble, make_messages
from inbox.pages.person_panel import PersonPanel, make_person_panel, make_work_card

MESSAGES: Final = 50
REPLIES: Final = 200


class OpenThread(Struct, frozen=True, kw_only=True):
    """`route`: of the item below /api/im/. `unread_ids`: as JSON, where reading it means reading these. `older`: the
    cursor of the page before."""

    id: str
    kind: str
    route: str
    title: str
    where: str
    user_id: str | None
    account: AccountCard
    older: str | None
    unread: int
    unread_ids: str
    needs_reply: bool
    is_done: bool
    is_pinned: bool
    is_muted: bool
    open_url: str | None
    messages: Sequence[MessageBubble] = ()
    comments: Sequence[CommentLine] = ()
    region: str = ""
    first_contact: str = ""
    missing: tuple[int, int] | None = None
    panel: PersonPanel | None = None


def read_conversation(
    principal: Principal, conversation_id: str, cursor: str | None = None, line_at: str | None = None
) -> OpenThread:
    """Return an open conversation. `line_at`: id of the message above which the line of unread ones stood. Raises
    NotFound, BadRequest."""
    authorized, thread = queries.get_conversation(principal, conversation_id, None)
    item = shapes.conversation(authorized, thread)
    page = PageRequest("messages", MESSAGES, cursor)
    account_id = authorized.account.id
    listed = queries.list_messages(principal, account_id, MessageFilter(conversation_id=thread.id), page)
    messages = [shapes.message(at, entry) for at, entry in reversed(listed.rows)]
    now = get_now()
    oldest = next((m.create_time for m in messages if m.create_time is not None), None)
    return OpenThread(
        id=item.conversation_id,
        kind="direct_message",
        route=f"conversations/{quote(item.conversation_id, safe='')}",
        title=formatting.format_person(item.participant.user_id, item.participant.user_name),
        where=gettext("%(platform)s private messages") % {"platform": formatting.format_platform(item.platform)},
        user_id=item.participant.user_id,
        account=make_card(authorized, now),
        messages=list(make_messages(messages, now, line_at, is_group=item.conversation_type == "group")),
        older=listed.cursor,
        unread=item.unread_count,
        unread_ids="",
        needs_reply=item.needs_reply,
        is_done=item.done_at is not None,
        is_pinned=item.is_pinned,
        is_muted=item.is_muted,
        open_url=item.open_url,
        panel=make_person_panel(
            principal,
            authorized,
            "conversations",
            thread.id,
            item.participant.user_id,
            item.participant.user_name or "",
        ),
        first_contact=formatting.format_day(oldest, now) if oldest is not None and listed.cursor is None else "",
    )


def read_comment_thread(principal: Principal, discussion_id: str) -> OpenThread:
    """Return a comment with its replies; a reply opens the comment it belongs to. Raises NotFound, BadRequest."""
    authorized, known = queries.find_item(principal, "comments", discussion_id, None)
    top = shapes.discussion(authorized, queries.entry_in(authorized, "comments", known))
    if top.parent_comment_id is not None:
        return read_comment_thread(principal, top.parent_comment_id)
    page = PageRequest("replies", REPLIES)
    listed = queries.list_replies(principal, known, authorized.account.id, CommentFilter(), page)
    replies = [shapes.discussion(at, entry) for at, entry in reversed(listed.rows)]
    now, items = get_now(), [top, *replies]
    missing = (top.reply_count or 0) > len(replies)
    return OpenThread(
        id=top.discussion_id,
        kind="comment",
        route=f"discussions/{quote(top.discussion_id, safe='')}",
        title=formatting.format_person(top.author.author_id, top.author.author_name),
        where=formatting.one_line(top.content_title or "") or gettext("An older work"),
        user_id=top.author.author_id,
        account=make_card(authorized, now),
        comments=[make_comment(item, now) for item in items],
        older=None,
        unread=sum(not item.is_read for item in items),
        unread_ids=to_json([item.discussion_id for item in items if not item.is_read]),
        needs_reply=any(item.needs_reply for item in items),
        is_done=top.done_at is not None,
        is_pinned=False,
        is_muted=False,
        open_url=top.open_url,
        region=top.region or "",
        missing=(top.reply_count or 0, len(replies)) if missing else None,
        panel=make_person_panel(
            principal,
            authorized,
            "comments",
            known,
            top.author.author_id,
            top.author.author_name or "",
            work=make_work_card(authorized, top, now),
        ),
    )
