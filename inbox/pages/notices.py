"""One notice of an open notice group: who did what with which work."""

from __future__ import annotations

from msgspec import Struct

from im_api import shapes
from im_api.queries import AuthorizedAccount
from inbox import formatting
from inbox.emoji import with_emoji
from inbox.foreign_text import first_grapheme
from inbox.pages.address import path_of
from inbox.pages.inbox_rows import PEOPLE_DID
from inbox.pages.pictures import allowed_picture


class NoticeLine(Struct, frozen=True, kw_only=True):
    """One notice. `by`: empty where nobody caused it. `about`: the title of the work, with `href` where it opens."""

    id: str
    by: str
    initial: str
    face: str | None
    did: str
    about: str
    href: str
    text: str
    time: str
    is_unread: bool


def make_notice(authorized: AuthorizedAccount, item: shapes.NotificationShape, now: int) -> NoticeLine:
    """Return the line of `item`. `now`: ms UTC."""
    trigger = item.trigger
    by = formatting.format_person(trigger.user_id, trigger.user_name) if trigger.user_id or trigger.user_name else ""
    text = with_emoji(item.content or item.title or "", item.platform)
    return NoticeLine(
        id=item.notification_id,
        by=by,
        initial=first_grapheme(by),
        face=allowed_picture(trigger.avatar),
        did=formatting.format_notice(item.type) if item.type in PEOPLE_DID else "",
        about=_title(authorized, item),
        href=_href(authorized, item),
        text=text if item.type not in PEOPLE_DID or item.type in ("comment", "mention") else "",
        time=formatting.format_moment(item.created_at, now) if item.created_at is not None else "",
        is_unread=not item.is_read,
    )


def _title(authorized: AuthorizedAccount, item: shapes.NotificationShape) -> str:
    known = authorized.view.contents.get(item.related_content_id or "")
    if known is None:
        return ""
    work = shapes.work(authorized, known.item.id)
    return formatting.one_line(work.title or work.description or "")


def _href(authorized: AuthorizedAccount, item: shapes.NotificationShape) -> str:
    view = authorized.view
    if item.related_comment_id is not None and item.related_comment_id in view.comments:
        return path_of("discussion", item.related_comment_id, authorized.account.id)
    if item.related_content_id is not None and item.related_content_id in view.contents:
        return path_of("work", item.related_content_id, authorized.account.id)
    return ""
