import pytest

from crawler.platforms.douyin.parse.fields import shown_count
from crawler.platforms.douyin.parse.profile import ShownProfile, parse_douyin_id, parse_profile
from sync.protocol.messages import Profile


def test_a_profile_card_is_read_from_its_texts() -> None:
    shown = ShownProfile(
        douyin_id="抖音号：abc_123",
        nickname=" 示例账号 ",
        avatar="https://p3.x/a.jpeg",
        signature="",
        followers="1.2万",
    )
    assert parse_profile(shown) == Profile(
        platform_user_id="abc_123",
        user_name="示例账号",
        avatar="https://p3.x/a.jpeg",
        signature="",
        follower_count=12_000,
        following_count=None,
    )


@pytest.mark.parametrize(
    ("shown", "expected"), [("44", 44), ("1,234", 1234), ("3亿", 300_000_000), ("--", None), ("", None)]
)
def test_shown_counts_are_numbers_or_unknown(shown: str, expected: int | None) -> None:
    assert shown_count(shown) == expected


def test_a_text_without_the_number_is_no_douyin_number() -> None:
    assert parse_douyin_id("示例账号") is None
