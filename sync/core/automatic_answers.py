"""Recognises answers that nobody wrote: welcome words and the like, which a platform sends in the account's name.

They are recognised by what they do: they follow a message of somebody else at once, in words that did so before.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, Protocol

from sync.protocol.items import Message

Key = tuple[Any, ...]

QUICK_MS: Final = 5_000
"""Nobody reads, thinks and types within this time after a message came in."""
TIMES: Final = 3
"""So often words go out so quickly before they count as automatic,"""
WITHIN_MS: Final = 30 * 24 * 3_600_000
"""within this time."""


class Keys(Protocol):
    """A sorted sequence of keys, which begin with the negated time: `Order` is one."""

    def after(self, key: Key) -> Iterator[Key]:
        """Yield the keys greater than `key`, the least first."""
        ...

    def backwards(self, key: Key) -> Iterator[Key]:
        """Yield the keys less than `key`, the greatest first."""
        ...


def repeated_words(message: Message) -> str | None:
    """Return the words by which an automatic answer is recognised, or None for a message that cannot be one."""
    if message.direction != "outbound" or message.type == "system" or message.created_at is None:
        return None
    return (message.content or "").strip() or None


def is_quick(key: Key, asked: Iterator[Key]) -> bool:
    """Return whether an own message follows at once. `asked`: the messages of others up to its time, newest first."""
    newest = next(asked, None)
    return newest is not None and newest[0] - key[0] <= QUICK_MS


def is_automatic(key: Key, sent: Keys) -> bool:
    """Return whether a quick answer is an automatic one. `sent`: all quick answers of the account in its words."""
    line = [*reversed(list(_near(sent.backwards(key)))), key, *_near(sent.after(key))]
    triples = zip(line, line[TIMES - 1 :], strict=False)
    return any(last[0] - first[0] <= WITHIN_MS for first, last in triples)


def neighbours(key: Key, sent: Keys) -> Iterator[Key]:
    """Yield those of `sent` whose standing may depend on whether `key` is among them."""
    yield from _near(sent.backwards(key))
    yield from _near(sent.after(key))


def _near(keys: Iterator[Key]) -> Iterator[Key]:
    return islice(keys, TIMES - 1)
