"""Parses user cards in snake_case: of comments, of notices, of the page's message store."""

from msgspec import Struct

from crawler.platforms.douyin.parse.fields import flag, ident, name, url


class Card(Struct, frozen=True, kw_only=True):
    """The known names of a person. `uid` and `sec_uid` are two names of the same person; either may be unknown.

    `remark`: the owner's own name for them.
    """

    uid: str | None = None
    sec_uid: str | None = None
    nickname: str | None = None
    avatar: str | None = None
    douyin_id: str | None = None
    is_blocked: bool | None = None
    remark: str | None = None


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
        remark=name(raw, "remark_name"),
    )
