"""Parses the owner's card on the creator home page: texts of the page, for which there is no JSON."""

import re

from msgspec import Struct

from crawler.platforms.douyin.parse.fields import shown_count, trimmed
from sync.protocol.messages import Profile
from sync.protocol.text import well_formed_struct

_NUMBER = re.compile(r"抖音号[：:]\s*(\S+)")


class ShownProfile(Struct, frozen=True, kw_only=True):
    """The texts as the page shows them; None if the element is not there."""

    douyin_id: str | None = None
    nickname: str | None = None
    avatar: str | None = None
    signature: str | None = None
    followers: str | None = None
    following: str | None = None


def parse_douyin_id(shown: str | None) -> str | None:
    """Return the douyin number in `抖音号：1234567890`, or None. It is neither the uid nor the sec_uid."""
    match = _NUMBER.search(shown or "")
    return match[1] if match else None


def parse_profile(shown: ShownProfile) -> Profile:
    """Return the profile that the texts show."""
    shown = well_formed_struct(shown)
    return Profile(
        platform_user_id=parse_douyin_id(shown.douyin_id),
        user_name=trimmed(shown.nickname),
        avatar=shown.avatar or None,
        signature=shown.signature,
        follower_count=shown_count(shown.followers or ""),
        following_count=shown_count(shown.following or ""),
    )
