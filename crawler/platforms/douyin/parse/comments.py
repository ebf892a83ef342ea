"""Parses comments and replies (V2). The older V1 answers name the same comments by ciphertexts and are never read."""

from crawler.platforms.douyin.parse.batch import BadItem, ParsedBatch, ParseScope, listed, more, parse_each
from crawler.platforms.douyin.parse.fields import (
    Raw,
    count,
    digits,
    flag,
    get,
    ident,
    is_raw,
    name,
    rows,
    snowflake_time,
    text,
    time_ms,
    url,
)
from sync.protocol.ids import make_id
from sync.protocol.items import Comment

_KEYS = (("cid",), ("text",), ("create_time",), ("user",))
_AUTHOR_LABEL = "作者"


def parse_comments(
    body: object, scope: ParseScope, aweme_id: str | None = None, parent: str | None = None
) -> ParsedBatch[Comment]:
    """Return the comments of `comment/list/select/` or `comment/list/reply/`, with the replies embedded in them.

    `aweme_id` and `parent` are what the request asked for; what an item says itself goes before them. Raises
    PageChanged.
    """
    raws = listed(body, "comments")
    embedded = [reply for raw in raws for reply in _embedded(raw)]
    batch = parse_each(raws, _KEYS, lambda raw: parse_comment(raw, scope, aweme_id, parent))
    batch.items += parse_each(embedded, (), lambda raw: parse_comment(raw, scope, aweme_id, None)).items
    batch.has_more = more(body)
    batch.total = count(body, "total")
    return batch


def parse_comment(raw: Raw, scope: ParseScope, aweme_id: str | None = None, parent: str | None = None) -> Comment:
    """Return one comment of a list, a reply list or a notice. Numbers it does not carry are None. Raises BadItem."""
    platform_id = digits(raw, "cid")
    if platform_id is None:
        raise BadItem
    work = digits(raw, "aweme_id") or aweme_id
    above = digits(raw, "reply_id") or parent
    user = get(raw, "user")
    return Comment(
        id=make_id("comments", scope.account_id, platform_id),
        platform_id=platform_id,
        created_at=time_ms(get(raw, "create_time"), scope.now) or snowflake_time(platform_id, scope.now),
        content_id=make_id("contents", scope.account_id, work) if work else None,
        parent_comment_id=make_id("comments", scope.account_id, above) if above else None,
        author_id=ident(user, "uid"),
        author_sec_id=ident(user, "sec_uid"),
        author_name=name(user, "nickname"),
        author_avatar=url(user, "avatar_thumb"),
        region=name(raw, "ip_label"),
        content=text(raw, "text"),
        images=_images(raw),
        reply_to_user_id=ident(raw, "reply_to_userid"),
        reply_to_user_name=name(raw, "reply_to_username"),
        like_count=count(raw, "digg_count"),
        reply_count=count(raw, "reply_comment_total"),
        is_pinned=_pinned(raw),
        is_author_reply=_by_owner(raw, scope),
        is_liked=flag(raw, "user_digged"),
    )


def _embedded(raw: object) -> list[object]:
    """Return preview replies under a level-1 comment. Under a reply the same key holds the comment it answers."""
    if digits(raw, "reply_id") is not None:
        return []
    return [reply for reply in rows(raw, "reply_comment") if is_raw(reply) and digits(reply, "reply_id")]


def _images(raw: Raw) -> tuple[str, ...] | None:
    if "image_list" not in raw:
        return None
    found = (url(row) or url(row, "origin_url") or url(row, "download_url") for row in rows(raw, "image_list"))
    return tuple(address for address in found if address)


def _pinned(raw: Raw) -> bool | None:
    position = count(raw, "stick_position")
    return None if position is None else position > 0


def _by_owner(raw: Raw, scope: ParseScope) -> bool | None:
    uid = ident(raw, "user", "uid")
    if uid is not None and scope.owner_uid is not None:
        return uid == scope.owner_uid
    labels = [name(raw, "label_text"), *(name(row, "text") for row in rows(raw, "label_list"))]
    if _AUTHOR_LABEL in labels:
        return True
    return False if "label_text" in raw else None
