"""The owner's rules of who waits for a reply."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sync.core.closing_words import DEFAULT_CLOSING_WORDS


class Rules(Struct, frozen=True, kw_only=True):
    """The rules that count for an account.

    `closing_words`: they end a talk and ask for nothing. `fans_count`: what fans say to fans waits for us too.
    `count_automatic`: an answer that nobody wrote is one all the same.
    """

    closing_words: tuple[str, ...] = DEFAULT_CLOSING_WORDS
    fans_count: bool = False
    count_automatic: bool = False


DEFAULT_RULES: Final = Rules()
