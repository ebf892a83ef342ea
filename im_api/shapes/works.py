"""Works, what is said under them, and notices."""

from __future__ import annotations

from msgspec import Raw, Struct

from im_api.links import work_link
from im_api.queries import AuthorizedAccount
from im_api.shapes.common import Direction, PersonShape, person
from im_api.shapes.rendered import kept_rows
from sync.core.account.comment_threads import root_of
from sync.core.account.entries import Entry
from sync.core.account.inbox_rows import words_of_notice
from sync.core.account.view import View, work_title
from sync.core.closing_words import ReplyReason
from sync.core.lists.filters import is_own
from sync.core.replies.reply import ReplyState
from sync.protocol.items import Comment, Content, Notification
from sync.protocol.items import ContentType as ContentType
from sync.protocol.items import NotificationType as NotificationType
from sync.protocol.text import visible


class WorkStats(Struct, frozen=True, kw_only=True):
    """`total_comments`: the platform's count, else how many are known. `new_comments`: unread ones."""

    total_comments: int
    new_comments: int
    likes: int | None
    shares: int | None
    views: int | None
    collects: int | None


class WorkShape(Struct, frozen=True, kw_only=True):
    content_id: str
    account_id: str
    platform: str
    platform_content_id: str
    content_type: ContentType | None
    title: str | None
    description: str | None
    cover: str | None
    url: str | None
    publish_time: int | None
    stats: WorkStats
    tags: tuple[str, ...]
    is_new: bool
    is_placeholder: bool
    created_at: int | None
    updated_at: int | None


class Author(Struct, frozen=True):
    author_id: str | None
    author_name: str | None
    avatar: str | None


class ReplyTo(Struct, frozen=True):
    user_id: str | None
    user_name: str | None


class DiscussionShape(Struct, frozen=True, kw_only=True):
    """A comment, or a reply to one (`parent_comment_id`).

    One that was deleted or never read, and that answers name, has neither author nor content nor time.
    """

    discussion_id: str
    account_id: str
    platform: str
    platform_discussion_id: str
    parent_comment_id: str | None
    content_id: str | None
    content_title: str | None
    content: str | None
    images: tuple[str, ...]
    author: Author
    reply_to: ReplyTo | None
    like_count: int | None
    reply_count: int | None
    direction: Direction
    is_author_reply: bool
    region: str | None
    needs_reply: bool
    reply_reason: ReplyReason | None
    waiting_since: int | None
    done_at: int | None
    pending_reply: ReplyState | None
    answered_by: str | None
    open_url: str | None
    is_pinned: bool
    is_read: bool
    is_new: bool
    created_at: int | None


class NotificationShape(Struct, frozen=True, kw_only=True):
    notification_id: str
    account_id: str
    platform: str
    type: NotificationType
    trigger: PersonShape
    related_content_id: str | None
    related_comment_id: str | None
    title: str | None
    content: str | None
    link_url: str | None
    is_read: bool
    created_at: int | None


def work(authorized: AuthorizedAccount, content_id: str) -> WorkShape:
    entry = authorized.view.contents.get(content_id)
    item = entry.item if entry is not None else _placeholder(authorized.view, content_id)
    known = authorized.view.work(content_id)
    return WorkShape(
        content_id=item.id,
        account_id=authorized.account.id,
        platform=authorized.account.platform,
        platform_content_id=item.platform_id,
        content_type=item.type,
        title=item.title,
        description=item.description,
        cover=item.cover_url,
        url=item.url,
        publish_time=item.publish_time,
        stats=WorkStats(
            total_comments=len(known.order) if item.comment_count is None else item.comment_count,
            new_comments=known.unread,
            likes=item.like_count,
            shares=item.share_count,
            views=item.view_count,
            collects=item.collect_count,
        ),
        tags=item.tags or (),
        is_new=known.unread > 0,
        is_placeholder=entry is None,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def _placeholder(view: View, content_id: str) -> Content:
    """Return a work made of what its comments tell of it."""
    comments = (view.comments[key[-1]].item for key in view.work(content_id).order)
    title = next((comment.content_title for comment in comments if comment.content_title is not None), None)
    return Content(id=content_id, platform_id=view.platform_id_of_work(content_id), title=title)


def discussion(authorized: AuthorizedAccount, entry: Entry[Comment]) -> DiscussionShape:
    view, item = authorized.view, entry.item
    unread = view.is_unread("comments", item.id)
    reason = view.comment_thread(root_of(item)).reason_of(item)
    needs_reply = reason == "question"
    return DiscussionShape(
        discussion_id=item.id,
        account_id=authorized.account.id,
        platform=authorized.account.platform,
        platform_discussion_id=item.platform_id,
        parent_comment_id=item.parent_comment_id,
        content_id=item.content_id,
        content_title=work_title(view, item),
        content=item.content,
        images=item.images or (),
        author=Author(item.author_id, visible(item.author_name), item.author_avatar),
        reply_to=_reply_to(item),
        like_count=item.like_count,
        reply_count=_reply_count(view, item),
        direction="outbound" if is_own("comments", item) else "inbound",
        is_author_reply=bool(item.is_author_reply),
        region=item.region,
        needs_reply=needs_reply,
        reply_reason=reason,
        waiting_since=item.created_at if needs_reply else None,
        done_at=_done_at(view, item),
        pending_reply=view.pending_reply("comments", item.id),
        answered_by=view.mark("comments", item.id).answered_by or None,
        open_url=_open_url(authorized, item),
        is_pinned=bool(item.is_pinned),
        is_read=not unread,
        is_new=unread,
        created_at=item.created_at,
    )


def rendered_discussion(authorized: AuthorizedAccount, entry: Entry[Comment]) -> Raw:
    """Return what `discussion` does, as JSON."""
    view, item = authorized.view, entry.item
    made_of = (
        entry,
        view.is_unread("comments", item.id),
        view.comment_thread(root_of(item)),
        view.comment_thread(item.id),
        view.mark("comments", item.id),
        view.pending_reply("comments", item.id),
        view.contents.get(item.content_id) if item.content_id is not None else None,
        authorized.account,
    )
    return kept_rows.get("discussion", view.account_id, item.id, made_of, lambda: discussion(authorized, entry))


def _done_at(view: View, item: Comment) -> int | None:
    """Whoever writes under a comment that was handled undoes that."""
    undone = item.parent_comment_id is None and view.comment_thread(item.id).waiting
    return None if undone else view.mark("comments", item.id).done_at


def _open_url(authorized: AuthorizedAccount, item: Comment) -> str | None:
    """The page of its work."""
    if item.content_id is None:
        return None
    entry = authorized.view.contents.get(item.content_id)
    given = entry.item.url if entry is not None else None
    return work_link(authorized, authorized.view.platform_id_of_work(item.content_id), given)


def _reply_to(item: Comment) -> ReplyTo | None:
    if item.reply_to_user_id is None and item.reply_to_user_name is None:
        return None
    return ReplyTo(item.reply_to_user_id, visible(item.reply_to_user_name))


def _reply_count(view: View, item: Comment) -> int | None:
    """The platform's count, else how many are known; replies stand under the top-level comment only."""
    if item.reply_count is not None or item.parent_comment_id is not None:
        return item.reply_count
    return len(view.comment_thread(item.id).replies)


def notification(authorized: AuthorizedAccount, entry: Entry[Notification]) -> NotificationShape:
    item = entry.item
    title, content = words_of_notice(authorized.view, item)
    return NotificationShape(
        notification_id=item.id,
        account_id=authorized.account.id,
        platform=authorized.account.platform,
        type=item.type,
        trigger=person(item.trigger_id, item.trigger_name, item.trigger_avatar),
        related_content_id=item.related_content_id,
        related_comment_id=item.related_comment_id,
        title=title,
        content=content,
        link_url=item.link_url,
        is_read=not authorized.view.is_unread("notifications", item.id),
        created_at=item.created_at,
    )
