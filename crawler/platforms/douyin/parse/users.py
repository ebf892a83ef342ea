"""Parses user cards: `im/user_detail`, and `userInfoFromServerMap` of the page's message store."""

from msgspec import Struct

from crawler.platforms.douyin.parse.batch import BadItem, ParsedBatch, listed, parse_each
from crawler.platforms.douyin.parse.fields import Raw, flag, get, ident, name, url

_KEYS = (("user_id", "sec_uid"), ("user",))


class Card(Struct, frozen=True, kw_only=True):
    """The known names of a person. `uid` and `sec_uid` are two names of the same person; either may be unknown."""

    uid: str | None = None
    sec_uid: str | None = None
    nickname: str | None = None
    avatar: str | None = None
    douyin_id: str | None = None
    is_blocked: bool | None = None


def parse_user_detail(body: object) -> ParsedBatch[Card]:
    """Return the cards of `im/user_detail`. `user_id` is the sec_uid there, and the order says nothing.

    Raises PageChanged.
    """

    def parse(raw: Raw) -> Card:
        user = get(raw, "user")
        sec_uid = ident(user, "sec_uid") or ident(user, "SecretUseId") or ident(raw, "user_id")
        if sec_uid is None:
            raise BadItem
        return Card(
            sec_uid=sec_uid,
            nickname=name(user, "nickname") or name(raw, "nickname"),
            avatar=url(user, "avatar_thumb") or url(user, "avatar_large"),
            douyin_id=name(user, "unique_id") or name(user, "ShortId"),
        )

    return parse_each(listed(body, "user_list"), _KEYS, parse)


def parse_user(raw: object) -> Card | None:
    """Return a user in snake_case (comments, notices, `userInfoFromServerMap`), or None if it names nobody."""
    uid, sec_uid = ident(raw, "uid"), ident(raw, "sec_uid")
    if uid is None and sec_uid is None:
        return None
    return Card(
        uid=uid,
        sec_uid=sec_uid,
        nickname=name(raw, "nickname"),
        avatar=url(raw, "avatar_thumb"),
        douyin_id=name(raw, "unique_id") or name(raw, "short_id"),
        is_blocked=flag(raw, "is_block"),
    )
