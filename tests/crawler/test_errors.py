"""What others say in our errors."""

import pytest

from crawler.errors import MAX_WORDS, Retryable, SlowDown, cut_words, refusal


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "Page.goto: net::ERR_ABORTED at https://a.b/c?token=1&x=2\nCall log:\n  - ...",
            "Page.goto: net::ERR_ABORTED at https://a.b/c",
        ),
        ("see wss://a.b/c#secret and HTTP://a.b?d, twice?", "see wss://a.b/c and HTTP://a.b twice?"),
        ("回复过于频繁，请稍后再试", "回复过于频繁，请稍后再试"),
        ("\n", ""),
        ("", ""),
        (None, "None"),
    ],
)
def test_words_of_others_are_one_line_without_what_an_address_asks_for(words: object, expected: str) -> None:
    assert cut_words(words) == expected


def test_words_of_others_are_few() -> None:
    assert len(cut_words("x" * 500)) == MAX_WORDS
    assert cut_words("https://a.b/c?" + "x" * 500) == "https://a.b/c"


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        ("status_code 7: 操作过于频繁，请稍后再试", 200, SlowDown),
        ("status_code 2: 访问太频繁", 200, SlowDown),
        ("Too many requests", 200, SlowDown),
        ("HTTP 429", 429, SlowDown),
        ("HTTP 503", 503, Retryable),
        ("status_code 5: 服务器错误", 200, Retryable),
    ],
)
def test_a_platform_that_wants_less_of_us_is_told_apart_from_one_that_is_ill(
    words: str, status: int, kind: type[Exception]
) -> None:
    assert type(refusal(words, status=status)) is kind
