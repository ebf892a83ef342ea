"""How long somebody waits, as rows and cards say it in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from inbox.formatting import MINUTE, format_waiting

HOUR, NOW = 60 * MINUTE, 10**12

SAID = [
    (-1, "just now", "just now", "刚刚", "刚刚"),
    (0, "just now", "just now", "刚刚", "刚刚"),
    (MINUTE - 1, "just now", "just now", "刚刚", "刚刚"),
    (MINUTE, "waiting 1 min", "1 min", "等了 1 分钟", "1 分钟"),
    (HOUR, "waiting 1 h", "1 h", "等了 1 小时", "1 小时"),
    (48 * HOUR, "waiting 2 d", "2 d", "等了 2 天", "2 天"),
]


@pytest.mark.parametrize(("age", "row", "card", "row_zh", "card_zh"), SAID)
def test_a_wait_of_seconds_is_just_now_and_never_0_minutes(
    age: int, row: str, card: str, row_zh: str, card_zh: str
) -> None:
    for language, said, bare in (("en", row, card), ("zh-hans", row_zh, card_zh)):
        with translation.override(language):
            assert format_waiting(NOW - age, NOW).text == said
            assert format_waiting(NOW - age, NOW, is_bare=True).text == bare
