"""Reads the cards of people that the page asks for: JSON, each answer only a part of them."""

from crawler.platforms.douyin.parse.batch import BadItem, ParsedBatch, listed, parse_each
from crawler.platforms.douyin.parse.fields import Raw, ident, name, url
from crawler.platforms.douyin.parse.users import Card

_KEYS = (("sec_uid", "sec_user_id"), ("nickname",))


def parse_people(body: object) -> ParsedBatch[Card]:
    """Return the cards of `im/user/info`; some have no uid. The owner's remark goes before a person's own name.

    Raises PageChanged.
    """
    return parse_each(listed(body, "data"), _KEYS, _parse)


def _parse(raw: Raw) -> Card:
    uid, sec_uid = ident(raw, "uid"), ident(raw, "sec_uid") or ident(raw, "sec_user_id")
    if uid is None and sec_uid is None:
        raise BadItem
    return Card(
        uid=uid,
        sec_uid=sec_uid,
        nickname=_shown(raw, "nickname"),
        remark=_shown(raw, "remark_name"),
        avatar=url(raw, "avatar_thumb") or url(raw, "avatar_small"),
        douyin_id=name(raw, "unique_id") or name(raw, "short_id"),
    )


def _shown(raw: Raw, key: str) -> str | None:
    """Return a name. Pages put blanks into it at which no line breaks."""
    found = name(raw, key)
    return found.replace("\u00a0", " ") if found else None
