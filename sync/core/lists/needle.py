"""Texts that are searched for: found whatever the case, the width and the composition of characters."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import chain
from typing import Final, NamedTuple
from unicodedata import combining

from sync.protocol.text import fold

_FIRST_PLANE: Final = (range(0xD800), range(0xE000, 0x10000))
# A class of characters is quick to look up in the first plane only: texts with others are folded.
_OTHER_PLANES: Final = "\U00010000-\U0010ffff"
# Hangul letters that join into syllables. Like combining marks they change what stands before them.
_JOINING: Final = range(0x1100, 0x1200)


class Found(NamedTuple):
    """A text around what was searched for."""

    before: str
    hit: str
    after: str


class Needle:
    """A text to find in others. Folding every text costs more than reading it, so most are told apart without it."""

    def __init__(self, q: str) -> None:
        self.folded = fold(q)
        chosen = [char for char, folded in _list_variants() if not folded or not set(folded).isdisjoint(self.folded)]
        self._variants = re.compile(f"[{re.escape(''.join(chosen))}{_OTHER_PLANES}]")

    def is_in(self, text: str) -> bool:
        """Return whether `text`, once folded, contains the text."""
        if self._variants.search(text) is None:
            return self.folded in text
        return self.folded in fold(text)

    def is_in_any(self, *texts: str | None) -> bool:
        """Return whether one of `texts` contains the text."""
        return any(text is not None and self.is_in(text) for text in texts)

    def find(self, text: str) -> Found | None:
        """Return `text` around the first place where the text stands, or None."""
        if self.folded not in fold(text):
            return None
        start = text.find(self.folded)
        if start >= 0:
            return Found(text[:start], self.folded, text[start + len(self.folded) :])
        end = _least(len(text), lambda length: self.folded in fold(text[:length]))
        length = _least(end, lambda length: self.folded in fold(text[end - length : end]))
        return Found(text[: end - length], text[end - length : end], text[end:])


@lru_cache(maxsize=64)
def make_needle(q: str) -> Needle:
    """Return the needle of `q`, made once for all rows of a search."""
    return Needle(q)


@cache
def _list_variants() -> list[tuple[str, str]]:
    """Return the characters that folding changes, each with what becomes of it; "" for those that join others."""
    joins = (chr(code) for code in _JOINING)
    chars = (chr(code) for code in chain(*_FIRST_PLANE))
    changed = (
        (char, "" if combining(char) else folded) for char in chars if (folded := fold(char)) != char or combining(char)
    )
    return [*((char, "") for char in joins), *changed]


def _least(most: int, holds: Callable[[int], bool]) -> int:
    """Return the least number up to `most` for which `holds`, which holds for all above it as well."""
    return bisect_left(range(most + 1), True, key=holds)
