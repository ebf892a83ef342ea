"""One thread, open: a conversation with its messages, a comment with its replies, or notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext
from msgspec import Struct
from msgspec.structs import replace

from im_api import queries, shapes
from im_api.access import Principal
from im_api.queries import StretchRequest
from im_api.queries.account_overview import get_now
from im_api.queries.threads import find_comment_row, get_notices, list_unread, list_unread_comments
from inbox import formatting
from inbox.pages.account_cards import AccountCard, make_card
from inbox.pages.address import api_route
from inbox.pages.answering.composer import Composer, Target, make_composer, target_of_comments, target_of_conversation
from inbox.pages.answering.replies import ReplyLine, ReplyTeller
from inbox.pages.comments import CommentLine, list_names, make_comment
from inbox.pages.inbox_rows import PEOPLE_DID, format_notices, name_of
from inbox.pages.json_attributes import to_json
from inbox.pages.messages import MessageBubble, make_messages
from inbox.pages.notices import NoticeLine, make_notice
from inbox.pages.person_panel import PersonPanel, make_person_panel, make_work_card

REPLIES: Final = 200
NOTICES: Final = 200
NEWEST: Final = StretchRequest()


class OpenThread(Struct, frozen=True, kw_only=True):
    """A thread that is open.

    `route`: of the item below /api/im/, empty for notices. `unread_ids`: as JSON, where reading it means reading these.
    `no_wait`: why nobody waits though nobody answered. `older`, `newer`: cursors of what is before and after the part
    that is shown; `below`: how many items are newer than it. `top`: the comment that is answered. `is_top_missing`: it
    was never read, or was removed. `notices_in_all`: of the group; the newest of them are shown. `composer`, `target`:
    how one answers, and whom. `written`: replies on their way; `pending`: the state of the newest of them.
    """

    id: str
    kind: str
    route: str
    title: str
    where: str
    user_id: str | None
    account: AccountCard
    older: str | None
    newer: str | None = None
    below: int = 0
    unread: int
    unread_ids: str
    needs_reply: bool
    is_done: bool
    is_pinned: bool
    is_muted: bool
    open_url: str | None
    no_wait: str = ""
    found_at: str = ""
    messages: Sequence[MessageBubble] = ()
    top: CommentLine | None = None
    comments: Sequence[CommentLine] = ()
    notices: Sequence[NoticeLine] = ()
    region: str = ""
    is_top_missing: bool = False
    first_contact: str = ""
    missing: tuple[int, int] | None = None
    notices_in_all: int = 0
    panel: PersonPanel | None = None
    composer: Composer | None = None
    target: Target | None = None
    written: Sequence[ReplyLine] = ()
    pending: str = ""

    @property
    def beside(self) -> str:
        """The query string of this thread alone: its account, in case its id is of several."""
        return urlencode({"account_id": self.account.id})


def read_conversation(
    principal: Principal,
    conversation_id: str,
    account_id: str | None,
    asked: StretchRequest = NEWEST,
    line_at: str | None = None,
) -> OpenThread:
    """Return an open conversation. `line_at`: id of the message above which the line of unread ones stood. Raises
    NotFound, BadRequest."""
    authorized, thread = queries.get_conversation(principal, conversation_id, account_id)
    item = shapes.conversation(authorized, thread)
    part = queries.read_messages(authorized, thread.id, asked)
    messages = [shapes.message(authorized, entry) for entry in part.rows]
    now = get_now()
    oldest = next((m.create_time for m in messages if m.create_time is not None), None)
    return OpenThread(
        id=item.conversation_id,
        kind="direct_message",
        route=api_route("conversations", item.conversation_id, item.account_id),
        title=formatting.format_person(item.participant.user_id, item.remark_name or item.participant.user_name),
        where=gettext("%(platform)s private messages") % {"platform": formatting.format_platform(item.platform)},
        user_id=item.participant.user_id,
        account=make_card(authorized, now),
        messages=list(
            make_messages(
                messages,
                now,
                line_at,
                is_group=item.conversation_type == "group",
                recalled=queries.recalled_words(authorized, part.rows),
            )
        ),
        found_at=asked.at or "",
        older=part.older,
        newer=part.newer,
        below=part.below,
        unread=item.unread_count,
        unread_ids="",
        needs_reply=item.needs_reply,
        no_wait=formatting.format_no_wait(item.reply_reason),
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
        composer=make_composer(authorized, "message", thread.id),
        target=target_of_conversation(principal, authorized, thread.id, item.participant.user_name or "", messages),
        written=ReplyTeller(principal, authorized).of_thread("message", thread.id),
        pending=item.pending_reply or "",
        first_contact=formatting.format_day(oldest, now) if oldest is not None and part.older is None else "",
    )


def read_comment_thread(
    principal: Principal, discussion_id: str, account_id: str | None, asked: StretchRequest = NEWEST
) -> OpenThread:
    """Return a comment with its replies; a reply opens the comment it belongs to, at itself.

    Raises NotFound, BadRequest.
    """
    authorized, known = queries.find_item(principal, "comments", discussion_id, account_id)
    top = shapes.discussion(authorized, queries.entry_in(authorized, "comments", known))
    part = queries.read_replies(authorized, known, replace(asked, count=REPLIES))
    is_unseen = queries.is_unseen(authorized, "comments", known)
    if top.parent_comment_id is not None and not is_unseen and not part.total:
        at_itself = replace(asked, at=asked.at or known)
        return read_comment_thread(principal, top.parent_comment_id, authorized.account.id, at_itself)
    replies = [shapes.discussion(authorized, entry) for entry in part.rows]
    now, items = get_now(), replies if is_unseen else [top, *replies]
    first, row = _first_of_others(items) or top, find_comment_row(authorized, known)
    unread = list_unread_comments(authorized, known)
    return OpenThread(
        id=top.discussion_id,
        kind="comment",
        route=api_route("discussions", top.discussion_id, top.account_id),
        title=formatting.format_person(first.author.author_id, first.author.author_name),
        where=formatting.one_line(top.content_title or "") or gettext("An older work"),
        user_id=first.author.author_id,
        account=make_card(authorized, now),
        found_at=asked.at or "",
        top=make_comment(top, now) if not is_unseen else None,
        comments=[make_comment(item, now) for item in replies],
        older=part.older,
        newer=part.newer,
        below=part.below,
        unread=len(unread),
        unread_ids=to_json(unread),
        needs_reply=row is not None and row.needs_reply,
        no_wait=formatting.format_no_wait(row.reply_reason if row is not None else None),
        is_done=top.done_at is not None,
        is_pinned=False,
        is_muted=False,
        open_url=top.open_url,
        region=first.region or "",
        is_top_missing=is_unseen,
        missing=_count_missing(top, part.total),
        panel=make_person_panel(
            principal,
            authorized,
            "comments",
            known,
            first.author.author_id,
            first.author.author_name or "",
            work=make_work_card(authorized, first, now),
        ),
        composer=make_composer(authorized, "comment", known),
        target=target_of_comments(principal, authorized, known, first.author.author_name or "", items),
        written=ReplyTeller(principal, authorized).of_thread("comment", known, list_names(items)),
        pending=top.pending_reply or "",
    )


def _count_missing(top: shapes.DiscussionShape, known: int) -> tuple[int, int] | None:
    """Return how many replies the platform shows, and how many are known; None if these are no fewer."""
    told = top.reply_count or 0
    return (told, known) if told > known else None


def _first_of_others(items: Sequence[shapes.DiscussionShape]) -> shapes.DiscussionShape | None:
    """Return the oldest comment that is not the account's own, else the oldest: the person whom the thread is with."""
    return next((item for item in items if not item.is_author_reply), items[0] if items else None)


def read_notices(principal: Principal, group_id: str) -> OpenThread:
    """Return the notices of one type and one day, newest first. Raises NotFound."""
    authorized, row, entries = get_notices(principal, group_id, NOTICES)
    now, thread = get_now(), shapes.thread(authorized, row)
    lines = [make_notice(authorized, shapes.notification(authorized, entry), now) for entry in entries]
    return OpenThread(
        id=row.id,
        kind="notification",
        route="",
        title=format_notices(thread, row) if row.notice_type in PEOPLE_DID else name_of(thread, row),
        where=formatting.format_day(row.update_time, now) if row.update_time is not None else "",
        user_id=None,
        account=make_card(authorized, now),
        older=None,
        unread=row.unread_count,
        unread_ids=to_json(list_unread(authorized, row)),
        needs_reply=False,
        is_done=False,
        is_pinned=False,
        is_muted=False,
        open_url=None,
        notices=lines,
        notices_in_all=len(authorized.view.notice_groups[row.id].order),
    )
