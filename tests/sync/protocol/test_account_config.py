"""How replies of an account go: by the owner's word, as far as its worker can."""

from typing import Any

import pytest

from sync.protocol.account_config import reply_mode_of


@pytest.mark.parametrize(
    ("chosen", "able", "mode"),
    [
        ({}, (), "off"),
        ({}, ("reply",), "off"),
        ({}, ("reply", "window"), "window"),
        ({"reply_mode": None}, ("reply", "window"), "window"),
        ({"reply_mode": "off"}, ("reply", "window"), "off"),
        ({"reply_mode": "window"}, ("reply", "window"), "window"),
        ({"reply_mode": "window"}, ("reply",), "off"),
        ({"reply_mode": "send"}, ("reply", "window"), "send"),
        ({"reply_mode": "send"}, ("window",), "off"),
    ],
)
def test_without_the_owners_word_a_visible_window_is_used_and_never_more(
    chosen: dict[str, Any], able: tuple[str, ...], mode: str
) -> None:
    assert reply_mode_of(chosen, able) == mode
