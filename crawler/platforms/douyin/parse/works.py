"""Parses works: of the works list (`work_list`), of the picker of the comment page (`item/list`), and of notices."""

import re
from typing import TypeVar

from crawler.platforms.douyin.parse.batch import BadItem, ParsedBatch, ParseScope, listed, more, parse_each
from crawler.platforms.douyin.parse.fields import (
    Raw,
    beijing_time,
    count,
    digits,
    flag,
    get,
    ident,
    name,
    rows,
    snowflake_time,
    text,
    time_ms,
    url,
)
from sync.protocol.ids import make_id
from sync.protocol.items import Content, ContentType

V = TypeVar("V")

_WORK_KEYS = (("aweme_id",), ("desc", "caption", "item_title"), ("create_time",), ("statistics",))
_PICKER_KEYS = (("item_id_plain",), ("title",), ("create_time",), ("comment_count",))
_IN_LINK = re.compile(r"/(?:video|note)/(\d+)")
_TYPES: dict[int, ContentType] = {0: "video", 68: "image", 4: "live"}


def parse_work_list(body: object, scope: ParseScope) -> ParsedBatch[Content]:
    """Return the works of `janus/douyin/creator/pc/work_list`, also those it calls deleted (their comments need a
    title).

    `aweme_list[]` holds the works, the parallel `items[]` the statistics, joined by id. Raises PageChanged.
    """
    metrics = {key: get(row, "metrics") for row in rows(body, "items") if (key := digits(row, "id"))}

    def parse(raw: Raw) -> Content:
        return parse_work(raw, scope, metrics.get(digits(raw, "aweme_id") or ""))

    batch = parse_each(listed(body, "aweme_list"), _WORK_KEYS, parse)
    batch.has_more = more(body)
    batch.total = count(body, "total")
    return batch


def parse_work(raw: Raw, scope: ParseScope, metrics: object = None) -> Content:
    """Return an `aweme` of any endpoint. Numbers of `metrics` (strings) go before those of `statistics`.

    Raises BadItem.
    """
    platform_id = _work_id(raw)
    numbers, published = get(raw, "statistics"), time_ms(get(raw, "create_time"), scope.now)
    published = published or snowflake_time(platform_id, scope.now)
    title = _first(text(raw, "desc"), text(raw, "caption"), text(raw, "item_title"), text(raw, "description"))
    return Content(
        id=make_id("contents", scope.account_id, platform_id),
        platform_id=platform_id,
        type=_work_type(raw),
        title=title,
        description=title,
        cover_url=_cover(raw),
        url=url(raw, "share_url") or f"https://www.douyin.com/video/{platform_id}",
        duration=_seconds(_first(count(raw, "duration"), count(raw, "video", "duration"))),
        author_id=ident(raw, "author_user_id") or ident(raw, "author", "uid"),
        author_name=name(raw, "author", "nickname"),
        view_count=_first(count(metrics, "view_count"), count(numbers, "play_count")),
        like_count=_first(count(metrics, "like_count"), count(numbers, "digg_count")),
        comment_count=_first(count(metrics, "comment_count"), count(numbers, "comment_count")),
        share_count=_first(count(metrics, "share_count"), count(numbers, "share_count")),
        collect_count=_first(count(metrics, "favorite_count"), count(numbers, "collect_count")),
        publish_time=published,
        created_at=published,
        tags=_tags(raw),
        visibility=_visibility(raw),
        is_top=flag(raw, "is_top"),
        allow_comment=flag(raw, "status", "allow_comment"),
    )


def parse_picker(body: object, scope: ParseScope) -> ParsedBatch[Content]:
    """Return the works of `aweme/v1/creator/item/list/`, by `item_id_plain` only: `item_id` is a ciphertext of it.

    Raises PageChanged.
    """

    def parse(raw: Raw) -> Content:
        platform_id = _work_id(raw)
        shown = beijing_time(text(raw, "create_time"), scope.now)
        title = name(raw, "title")
        # The string has minutes only, the id has seconds. If they disagree, the string is right.
        exact = snowflake_time(platform_id, scope.now)
        published = exact if exact and shown and abs(exact - shown) < 120_000 else shown or exact
        return Content(
            id=make_id("contents", scope.account_id, platform_id),
            platform_id=platform_id,
            type="video" if count(raw, "media_type") == 4 else None,
            title=title,
            description=title,
            cover_url=url(raw, "cover_image_url"),
            url=url(raw, "item_link"),
            duration=_seconds(count(raw, "duration")),
            author_id=ident(raw, "anchor_user_id"),
            comment_count=count(raw, "comment_count"),
            publish_time=published,
            created_at=published,
        )

    batch = parse_each(listed(body, "item_info_list"), _PICKER_KEYS, parse)
    batch.has_more = more(body)
    batch.total = count(body, "total_count")
    return batch


def _work_id(raw: Raw) -> str:
    for key in ("aweme_id", "item_id_plain", "id"):
        if (found := digits(raw, key)) is not None:
            return found
    for key in ("share_url", "item_link"):
        if (match := _IN_LINK.search(text(raw, key) or "")) is not None:
            return match[1]
    raise BadItem


def _first(*values: V | None) -> V | None:
    return next((value for value in values if value is not None), None)


def _seconds(milliseconds: int | None) -> float | None:
    return milliseconds / 1000 if milliseconds else None


def _work_type(raw: Raw) -> ContentType | None:
    if rows(raw, "images"):
        return "image"
    number = get(raw, "aweme_type")
    return _TYPES.get(number) if isinstance(number, int) else None


def _cover(raw: Raw) -> str | None:
    paths: tuple[tuple[str, ...], ...] = (
        ("Cover",),
        ("cover",),
        ("video", "cover"),
        ("video", "origin_cover"),
        ("cover_image_url",),
    )
    return _first(*(url(raw, *path) for path in paths))


def _tags(raw: Raw) -> tuple[str, ...] | None:
    if not isinstance(get(raw, "text_extra"), list):
        return None
    return tuple(tag for row in rows(raw, "text_extra") if (tag := name(row, "hashtag_name")))


def _visibility(raw: Raw) -> str | None:
    private = flag(raw, "status", "is_private")
    if flag(raw, "status", "is_delete"):
        return "deleted"
    if private is None:
        return None
    if flag(raw, "status", "is_prohibited"):
        return "prohibited"
    if flag(raw, "status", "in_reviewing"):
        return "in_review"
    return "private" if private else "public"
