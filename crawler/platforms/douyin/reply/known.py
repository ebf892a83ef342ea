"""Keeps what was there before a key was pressed: nothing of it can prove that a reply was sent. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from crawler.platforms.douyin.reply.words import is_same

_SECONDS: Final = 32
"""The bits of a platform's id below the second in which it was made."""


class Known(Struct, frozen=True, kw_only=True):
    """The texts of our own messages or comments at one place, by id, and the `newest` id of anybody's there.

    What is older than that one was there too, even if the page loads it only afterwards.
    """

    own: Mapping[str, str | None]
    newest: int = 0

    def ids_of(self, text: str) -> list[str]:
        """Return the ids of those that have this text."""
        return [id for id, words in self.own.items() if is_same(words, text)]

    def is_new(self, id: str) -> bool:
        """Return whether `id` was made since."""
        return id not in self.own and int(id) >> _SECONDS >= self.newest >> _SECONDS

    def joined(self, other: "Known") -> "Known":
        """Return what was known at either moment."""
        return Known(own={**self.own, **other.own}, newest=max(self.newest, other.newest))


def make_known(own: Mapping[str, str | None], ids: Iterable[str]) -> Known:
    """Return what is known by the texts of our own items, and the ids of all."""
    return Known(own=own, newest=max((int(id) for id in (*own, *ids) if id.isdecimal()), default=0))
