from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.closing_words import DEFAULT_CLOSING_WORDS, LONGEST, fold_closing_word, is_closing
from sync.protocol.items import MessageType

WORDS = DEFAULT_CLOSING_WORDS


def closes(text: str | None, kind: MessageType = "text", words: tuple[str, ...] = WORDS) -> bool:
    return is_closing(kind, text, words)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "好的",
        "收到",
        "ok",
        "Thank you!",
        "谢谢！！",
        "好的~",
        "收到。",
        "ＯＫ",
        "OK👌",
        "🌹谢谢",
        "谢谢啦",
        "嗯嗯嗯",
        "  好 的 ",
    ],
)
def test_thanks_and_the_like_close_a_talk_whatever_their_case_width_and_punctuation(text: str) -> None:
    assert closes(text)


@pytest.mark.parametrize("text", ["好的，谢谢老板🌹", "好的收到", "ok thanks"])
def test_several_closing_words_close_a_talk(text: str) -> None:
    assert closes(text)


@pytest.mark.parametrize("text", ["👍", "👍🏻👍🏻", "❤️", "👨‍👩‍👧", "1️⃣", "🇨🇳", "[玫瑰][玫瑰]", "[赞] 🌹"])
def test_only_emoji_close_a_talk_also_as_the_platforms_codes(text: str) -> None:
    assert closes(text)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢，什么时候发货",
        "好的吗",
        "好看",
        "行情",
        "谢谢?",
        "收到？",
        "ok👌？",
        "❓",
        "[疑问]",
        "？？？",
        "。。。",
        "[图片]",
        "5",
        "👍1",
        " ",
        "",
        None,
    ],
)
def test_what_says_more_or_asks_does_not_close_a_talk(text: str | None) -> None:
    assert not closes(text)


@pytest.mark.parametrize("text", ["\u3164谢谢", "谢\u200b谢", "\u00adok", "e\u0301t", "👍\ufe0f"])
def test_what_nobody_sees_and_how_a_letter_is_composed_do_not_matter(text: str) -> None:
    assert closes(text, words=("谢谢", "ok", "\u00e9t"))


def test_a_sticker_closes_a_talk_and_a_picture_does_not() -> None:
    assert closes(None, "sticker")
    assert not closes(None, "image")
    assert not closes("谢谢", "image")


def test_the_list_is_the_owners() -> None:
    assert not closes("在的")
    assert closes("在 的！", words=("在的",))
    assert not closes("谢谢", words=("在的",))
    assert not closes("谢谢", words=())
    assert closes("🌹", words=())


def test_a_long_text_is_read_no_further() -> None:
    assert closes("好" * LONGEST)
    assert not closes("好" * (LONGEST + 1))


@given(st.sampled_from(WORDS), st.sampled_from(["", "！", "。", "~", "🌹", " ", "[赞]", "…"]))
def test_every_word_of_the_list_closes_with_any_ornament(word: str, ornament: str) -> None:
    assert closes(ornament + word.upper() + ornament)


@given(st.text(max_size=12))
def test_no_text_with_a_question_mark_closes(text: str) -> None:
    assert not closes(text + "？")


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=LONGEST))
def test_a_text_of_letters_closes_where_it_is_the_list_itself(text: str) -> None:
    assert closes(text, words=(text,)) == bool(fold_closing_word(text))
