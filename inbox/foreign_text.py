"""Other people's words among ours: the letter of a picture, where a text is cut, and names that turn nothing."""

from __future__ import annotations

from typing import Final

import regex

from sync.protocol import text as text_rules
from sync.protocol.text import is_blank

_GRAPHEME: Final = regex.compile(r"\X")
_TURNS: Final = regex.compile(r"[\p{bc=R}\p{bc=AL}\p{bc=AN}\u202a-\u202e\u2066-\u2069]")


def first_grapheme(text: str) -> str:
    """Return the first character of `text` that people see, with its accents and modifiers; empty if there is none."""
    return next((found[0] for found in _GRAPHEME.finditer(text) if not is_blank(found[0])), "")


def shorten(text: str, most: int) -> str:
    """Return `text` if it has at most `most` characters, else its beginning and "…". No character is cut in half."""
    if len(text) <= most:
        return text
    end = 0
    for found in _GRAPHEME.finditer(text):
        if found.end() >= most:
            break
        end = found.end()
    return f"{text[:end]}…"


def isolate(text: str) -> str:
    """Return `text` so that it turns nothing around it, where no markup can say so: between U+2068 and U+2069.

    A text that is read from left to right, without any character that changes that, stays as it is.
    """
    if text.isascii() or _TURNS.search(text) is None:
        return text
    return text_rules.isolate(text)
