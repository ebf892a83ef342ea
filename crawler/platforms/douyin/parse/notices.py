"""Notices of www.douyin.com (the bell's list `notice`, single ones `notice/detail`: `notice_list_v2[]` of both).

A notice about a comment becomes that comment (and a stub of its work), never a notification beside it.
"""

from typing import Final

from msgspec import Struct

from crawler.platforms.douyin.parse.batch import BadItem, ParsedBatch, ParseScope, listed, parse_each
from crawler.platforms.douyin.parse.comments import parse_comment
from crawler.platforms.douyin.parse.fields import Raw, digits, flag, get, ident, is_raw, name, text, time_ms
from crawler.platforms.douyin.parse.users import Card, parse_user
from crawler.platforms.douyin.parse.works import parse_work
from sync.protocol.ids import make_id
from sync.protocol.items import Comment, Content, Notification, NotificationType

_KEYS = (("nid_str",), ("type",), ("create_time",))
_COMMENT = 31
_KINDS: Final[dict[object, NotificationType]] = {33: "follow", 41: "like", 45: "mention"}


class ParsedNotice(Struct, frozen=True, kw_only=True):
    """One notice: a comment with perhaps a stub of its work, or a notification.

    `who` acted, `owner_uid` is the account's.
    """

    platform_id: str
    owner_uid: str | None
    comment: Comment | None = None
    work: Content | None = None
    notification: Notification | None = None
    who: Card | None = None


def parse_notices(body: object, scope: ParseScope) -> ParsedBatch[ParsedNotice]:
    """Return the notices of one answer. `nid` is never read: it has lost digits in the page.

    Raises PageChanged.
    """
    return parse_each(listed(body, "notice_list_v2"), _KEYS, lambda raw: parse_notice(raw, scope))


def parse_notice(raw: Raw, scope: ParseScope) -> ParsedNotice:
    """Return one notice of the answer or of the page's `noticeStore`. Raises BadItem."""
    platform_id = digits(raw, "nid_str")
    if platform_id is None:
        raise BadItem
    if get(raw, "type") == _COMMENT:
        return _comment_notice(raw, platform_id, scope)
    who = _trigger(raw)
    return ParsedNotice(
        platform_id=platform_id,
        owner_uid=ident(raw, "user_id"),
        notification=_notification(raw, platform_id, who, scope),
        who=who,
    )


def _comment_notice(raw: Raw, platform_id: str, scope: ParseScope) -> ParsedNotice:
    inner = get(raw, "comment", "comment")
    if not isinstance(inner, dict):
        raise BadItem
    aweme = get(raw, "comment", "aweme")
    # The comment has no time of its own here, so it gets the notice's.
    dated = {**inner, "create_time": get(inner, "create_time") or get(raw, "create_time")}
    return ParsedNotice(
        platform_id=platform_id,
        owner_uid=ident(raw, "user_id"),
        comment=parse_comment(dated, scope, digits(aweme, "aweme_id"), _above(raw, inner)),
        work=parse_work(aweme, scope) if isinstance(aweme, dict) and digits(aweme, "aweme_id") else None,
        who=parse_user(get(inner, "user")),
    )


def _above(raw: Raw, inner: Raw) -> str | None:
    """Return the level-1 comment above a reply: replies stay flat under it, also those to another reply."""
    answered = get(inner, "reply_comment")
    if isinstance(answered, list):
        answered = answered[0] if answered else None
    if answered is None:
        return None
    named = digits(raw, "comment", "parent_id")
    above = None if named in (digits(inner, "cid"), digits(inner, "aweme_id")) else named
    return above or digits(answered, "reply_id") or digits(answered, "cid")


def _trigger(raw: Raw) -> Card | None:
    for part in ("digg", "follow", "at"):
        if is_raw(block := get(raw, part)):
            uid = ident(block, "uid") or ident(block, "user_id")
            return parse_user(get(block, "user")) or (Card(uid=uid) if uid else None)
    return None


def _notification(raw: Raw, platform_id: str, who: Card | None, scope: ParseScope) -> Notification:
    work = digits(raw, "aweme_id") or digits(raw, "comment", "aweme", "aweme_id")
    return Notification(
        id=make_id("notifications", scope.account_id, platform_id),
        platform_id=platform_id,
        type=_KINDS.get(get(raw, "type"), "system"),
        created_at=time_ms(get(raw, "create_time"), scope.now),
        trigger_id=who.uid if who else None,
        trigger_name=who.nickname if who else name(raw, "general_notice", "sender_name"),
        trigger_avatar=who.avatar if who else None,
        related_content_id=make_id("contents", scope.account_id, work) if work else None,
        title=name(raw, "general_notice", "title"),
        content=text(raw, "general_notice", "content"),
        link_url=name(raw, "general_notice", "schema_url"),
        is_read=flag(raw, "has_read"),
    )
