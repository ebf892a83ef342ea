"""Closing words end a talk and ask for nothing: "谢谢", "好的" and the like alone, a sticker, only emoji."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from sync.protocol.items import MessageType
from sync.protocol.platforms import PLATFORMS
from sync.protocol.text import fold, is_blank

ReplyReason = Literal["question", "closing", "fan_to_fan"]
"""Why what nobody answered waits for a reply (a question), or does not."""

DEFAULT_CLOSING_WORDS: Final[tuple[str, ...]] = (
    "谢谢", "谢谢你", "谢谢您", "谢谢了", "谢谢老板", "谢了", "谢啦", "多谢", "感谢", "非常感谢", "十分感谢", "3q",
    "thx", "thanks", "thank you", "好", "好的", "好滴", "好哒", "好嘞", "好吧", "行", "行的", "嗯", "哦", "噢",
    "ok", "okay", "收到", "收到了", "知道了", "明白", "明白了", "了解", "了解了", "懂了", "got it", "没事", "没事了",
    "不用了", "不客气", "辛苦", "辛苦了", "麻烦了", "麻烦你了", "麻烦您了", "再见", "拜拜", "晚安", "bye", "哈哈",
)  # fmt: skip
"""The words that count unless the owner has others."""

MOST_WORDS: Final = 300
LONGEST_WORD: Final = 20
"""Of a list. In characters."""

PARTICLES: Final = "啊呀哦噢喔哈啦哟咯嘞哒"
"""May stand behind each word: 谢谢啦 closes as 谢谢 does. 吗, 么 and 呢 ask."""

LONGEST: Final = 60
"""Longer texts say more than thanks. In characters."""

_CODE: Final = re.compile(r"\[(\w{1,4})\]")
_KEYCAP: Final = re.compile("[0-9#*]\ufe0f?\u20e3")
_QUESTION_MARKS: Final = frozenset("?\u2753\u2754\u061f\u00bf")
_EMOJI: Final = "\U0001f642"
_CODES: Final = {code: emoji for platform in PLATFORMS.values() for code, emoji in platform.emoji.items()}


Fault = Literal["empty", "long", "letterless", "asks", "many"]


class ClosingWords(NamedTuple):
    """A list of closing words, prepared for comparing. `heads`: the characters that a closing text can begin with."""

    words: frozenset[str]
    heads: frozenset[str]
    longest: int


class _Read(NamedTuple):
    """The letters and digits of a text, folded; whether it has an emoji; whether it has a question mark."""

    letters: str
    has_emoji: bool
    asks: bool


def is_closing(kind: MessageType, text: str | None, words: tuple[str, ...] = DEFAULT_CLOSING_WORDS) -> bool:
    """Return whether a message of this kind and text only closes a talk. `words`: the list that counts.

    A text closes if it is only emoji, or only words of the list, one or several of them. Case, width, spaces, emoji and
    punctuation do not matter, but a question mark asks.
    """
    if kind == "sticker":
        return True
    if kind != "text" or not text or len(text) > LONGEST:
        return False
    known = prepare(words)
    folded = _folded(text)
    if folded[:1].isalpha() and folded[0] not in known.heads:
        return False
    read = _read(folded)
    if read.asks:
        return False
    return _is_made_of(read.letters, known) if read.letters else read.has_emoji


def fold_closing_word(word: str) -> str:
    """Return `word` as it is compared; empty if it has no letter or digit."""
    return _read(_folded(word)).letters


def find_fault(words: Sequence[str]) -> tuple[int, Fault] | None:
    """Return the position, from 0 on, of the first word that cannot be of a list, and why; None if the list is good.

    A list that is too long as a whole is `many`, with its length.
    """
    if len(words) > MOST_WORDS:
        return len(words), "many"
    faults = ((position, _fault_of(word)) for position, word in enumerate(words))
    return next(((position, fault) for position, fault in faults if fault is not None), None)


def _fault_of(word: str) -> Fault | None:
    if is_blank(word):
        return "empty"
    if len(word) > LONGEST_WORD:
        return "long"
    read = _read(_folded(word))
    if read.asks:
        return "asks"
    return None if read.letters else "letterless"


@lru_cache(maxsize=16)
def prepare(words: tuple[str, ...]) -> ClosingWords:
    """Return the list `words`, prepared once for all messages."""
    folded = frozenset(filter(None, map(fold_closing_word, words)))
    with_particles = folded | {word + particle for word in folded for particle in PARTICLES}
    heads = frozenset(word[0] for word in folded)
    return ClosingWords(with_particles, heads, max(map(len, with_particles), default=0))


def _folded(text: str) -> str:
    """Return the text as a search would compare it, with the platform's codes and keycaps as emoji."""
    return fold(_KEYCAP.sub(_EMOJI, _CODE.sub(lambda code: _CODES.get(code[1], code[0]), text)))


def _read(folded: str) -> _Read:
    letters: list[str] = []
    has_emoji = asks = False
    for character in folded:
        category = unicodedata.category(character)
        asks = asks or character in _QUESTION_MARKS
        has_emoji = has_emoji or category == "So"
        if category[0] in "LN" or category in ("Mn", "Mc"):
            letters.append(character)
    return _Read("".join(letters), has_emoji, asks)


def _is_made_of(letters: str, known: ClosingWords) -> bool:
    """Return whether `letters` is one word of the list after the other."""
    ends = {0}
    for end in range(1, len(letters) + 1):
        starts: Iterable[int] = range(max(0, end - known.longest), end)
        if any(start in ends and letters[start:end] in known.words for start in starts):
            ends.add(end)
    return len(letters) in ends
