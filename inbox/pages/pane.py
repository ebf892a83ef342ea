"""One thread, open: a conversation with its messages, or a comment with its replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from django.utils.translation import gettext
from msgspec import Struct

from im_api import queries, shapes
from im_api.access import Principal
from im_api.queries import CommentFilter, MessageFilter, PageRequest
from im_api.queries.account_overview import get_now
from inbox import formatting as words
from inbox.emoji import with_glyphs
from inbox.pages.accounts import AccountCard, make_card
from inbox.pages.attributes import to_json
from inbox.pages.context import Context, comment_on, make_context
from inbox.pages.pictures import allowed_picture

MESSAGES: Final = 50
REPLIES: Final = 200
RUN_MS: Final = 5 * words.MINUTE
_ICONS: Final = {"audio": "voice", "video": "video", "file": "file", "link": "link", "card": "card"}


class Said(Struct, frozen=True, kw_only=True):
    """A message or a comment. `kind`: text, image, tile, gone, recalled. `day`, `from_here`: lines above it; `time`:
    under the last of a run."""

    id: str
    kind: str
    is_own: bool
    is_unread: bool
    text: str
    detail: str = ""
    icon: str = ""
    picture: str | None = None
    large: str | None = None
    time: str = ""
    day: str = ""
    from_here: int = 0
    by: str = ""
    initial: str = ""
    face: str | None = None
    region: str = ""
    reply_to: str = ""
    likes: str = ""
    is_reply: bool = False


class Pane(Struct, frozen=True, kw_only=True):
    """`route`: of the item below /api/im/. `unread_ids`: as JSON, where reading it means reading these. `older`: the
    cursor of the page before."""

    id: str
    kind: str
    route: str
    title: str
    where: str
    user_id: str | None
    account: AccountCard
    said: list[Said]
    older: str | None
    unread: int
    unread_ids: str
    needs_reply: bool
    is_done: bool
    is_pinned: bool
    is_muted: bool
    open_url: str | None
    region: str = ""
    first_contact: str = ""
    missing: tuple[int, int] | None = None
    context: Context | None = None


def read_conversation(
    principal: Principal, conversation_id: str, cursor: str | None = None, line_at: str | None = None
) -> Pane:
    """`line_at`: id of the message above which the line of unread ones stood. Raises NotFound, BadRequest."""
    authorized, thread = queries.get_conversation(principal, conversation_id, None)
    item = shapes.conversation(authorized, thread)
    page = PageRequest("messages", MESSAGES, cursor)
    account_id = authorized.account.id
    listed = queries.list_messages(principal, account_id, MessageFilter(conversation_id=thread.id), page)
    messages = [shapes.message(at, entry) for at, entry in reversed(listed.rows)]
    now = get_now()
    oldest = next((m.create_time for m in messages if m.create_time is not None), None)
    return Pane(
        id=item.conversation_id,
        kind="direct_message",
        route=f"conversations/{quote(item.conversation_id, safe='')}",
        title=words.say_person(item.participant.user_id, item.participant.user_name),
        where=gettext("%(platform)s private messages") % {"platform": words.say_platform(item.platform)},
        user_id=item.participant.user_id,
        account=make_card(authorized, now),
        said=list(_messages(messages, now, line_at)),
        older=listed.cursor,
        unread=item.unread_count,
        unread_ids="",
        needs_reply=item.needs_reply,
        is_done=item.done_at is not None,
        is_pinned=item.is_pinned,
        is_muted=item.is_muted,
        open_url=item.open_url,
        context=make_context(
            principal,
            authorized,
            "conversations",
            thread.id,
            item.participant.user_id,
            item.participant.user_name or "",
        ),
        first_contact=words.say_day(oldest, now) if oldest is not None and listed.cursor is None else "",
    )


def _messages(messages: Sequence[shapes.MessageShape], now: int, line_at: str | None) -> Iterator[Said]:
    line = line_at or next((m.msg_id for m in messages if not m.is_read), None)
    ids = [m.msg_id for m in messages]
    unread = sum(_counts(m) for m in messages[ids.index(line) :]) if line in ids else 0
    day = ""
    for index, message in enumerate(messages):
        after = messages[index + 1] if index + 1 < len(messages) else None
        said_day = words.say_day(message.create_time, now) if message.create_time is not None else day
        yield _message(
            message,
            day=said_day if said_day != day else "",
            from_here=unread if message.msg_id == line else 0,
            time="" if after is not None and _one_run(message, after) else _say_when(message),
        )
        day = said_day


def _counts(message: shapes.MessageShape) -> bool:
    """As the row counts: also once it was read."""
    return message.direction != "outbound" and not message.is_recalled and not message.is_deleted


def _one_run(message: shapes.MessageShape, after: shapes.MessageShape) -> bool:
    if message.create_time is None or after.create_time is None or message.direction != after.direction:
        return False
    same_day = words.local(message.create_time).date() == words.local(after.create_time).date()
    return same_day and after.create_time - message.create_time <= RUN_MS and not (message.is_recalled)


def _say_when(message: shapes.MessageShape) -> str:
    if message.create_time is None:
        return ""
    clock = words.say_clock(message.create_time)
    if message.direction != "outbound":
        return clock
    return gettext("Me · %(time)s · replied on %(platform)s") % {
        "time": clock,
        "platform": words.say_platform(message.platform),
    }


def _message(message: shapes.MessageShape, **lines: Any) -> Said:
    name = words.say_person(message.sender.user_id, message.sender.user_name)
    own = message.direction == "outbound"
    text, kind, picture = with_glyphs(message.content or ""), "text", None
    if message.is_deleted:
        kind, text = "removed", gettext("This message was removed from the inbox")
    elif message.is_recalled:
        who = gettext("I") if own else name
        kind, detail = "recalled", gettext("%(name)s recalled a message") % {"name": who}
        return _said(message, kind, text, detail=detail, **lines)
    elif message.msg_type in ("image", "sticker"):
        picture = allowed_picture(message.media_thumbnail or message.media_url)
        kind = ("sticker" if message.msg_type == "sticker" else "image") if picture is not None else "tile"
        lines["large"] = allowed_picture(message.media_url) or picture
        text = text or words.stand_in(message.msg_type)
    elif message.msg_type not in ("text", "other") or not text:
        kind, text = "tile", text or message.file_name or words.stand_in(message.msg_type)
    return _said(message, kind, text, picture=picture, detail=_detail(message) if kind == "tile" else "", **lines)


def _said(message: shapes.MessageShape, kind: str, text: str, **more: Any) -> Said:
    return Said(
        id=message.msg_id,
        kind=kind,
        is_own=message.direction == "outbound",
        is_unread=not message.is_read,
        text=text,
        icon=_ICONS.get(message.msg_type, "picture"),
        **more,
    )


def _detail(message: shapes.MessageShape) -> str:
    parts = []
    if message.duration:
        parts.append(f"{round(message.duration)}″")
    if message.file_size:
        parts.append(f"{message.file_size / 1024:,.0f} KB")
    return " · ".join(parts)


def read_discussion(principal: Principal, discussion_id: str) -> Pane:
    """The comment and what stands under it; a reply opens the comment it belongs to. Raises NotFound, BadRequest."""
    authorized, known = queries.find_item(principal, "comments", discussion_id, None)
    top = shapes.discussion(authorized, queries.entry_in(authorized, "comments", known))
    if top.parent_comment_id is not None:
        return read_discussion(principal, top.parent_comment_id)
    page = PageRequest("replies", REPLIES)
    listed = queries.list_replies(principal, known, authorized.account.id, CommentFilter(), page)
    replies = [shapes.discussion(at, entry) for at, entry in reversed(listed.rows)]
    now, items = get_now(), [top, *replies]
    missing = (top.reply_count or 0) > len(replies)
    return Pane(
        id=top.discussion_id,
        kind="comment",
        route=f"discussions/{quote(top.discussion_id, safe='')}",
        title=words.say_person(top.author.author_id, top.author.author_name),
        where=top.content_title or gettext("An older work"),
        user_id=top.author.author_id,
        account=make_card(authorized, now),
        said=[_comment(item, now) for item in items],
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
        context=make_context(
            principal,
            authorized,
            "comments",
            known,
            top.author.author_id,
            top.author.author_name or "",
            work=comment_on(authorized, top, now),
        ),
    )


def _comment(item: shapes.DiscussionShape, now: int) -> Said:
    name = words.say_person(item.author.author_id, item.author.author_name)
    pictures = [allowed_picture(url) for url in item.images]
    return Said(
        id=item.discussion_id,
        kind="comment",
        is_own=item.is_author_reply,
        is_unread=not item.is_read,
        text=with_glyphs(item.content or "") or ("" if not item.images else words.stand_in("image")),
        picture=next((url for url in pictures if url is not None), None),
        time=f"{words.say_time(item.created_at, now)}" if item.created_at is not None else "",
        by=name,
        initial=name[:1],
        face=allowed_picture(item.author.avatar),
        region=item.region or "",
        reply_to=_reply_to(item),
        likes=words.say_count(item.like_count) if item.like_count else "",
        is_reply=item.parent_comment_id is not None,
    )


def _reply_to(item: shapes.DiscussionShape) -> str:
    to = item.reply_to
    return words.say_person(to.user_id, to.user_name) if to is not None else ""
