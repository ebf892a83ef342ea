"""The place where a page begins.

A cursor is opaque and belongs to its route and filters; a plain number is an offset.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from im_api.errors import BadRequest
from im_api.event_loop import check_client
from sync.core.account.order import Key
from sync.core.lists.pages import ListWindow, page_of_unsorted

T = TypeVar("T")
KeyTypes = tuple[type, ...]

TIME_KEY: Final[KeyTypes] = (int, bytes, str)
CONVERSATION_KEY: Final[KeyTypes] = (bool, int, bytes, str)
FEED_KEY: Final[KeyTypes] = (int, bytes, str, str, str)
PLAIN_KEY: Final[KeyTypes] = (int, str)
"""Of what no platform orders: negated time, id."""
SAVED_KEY: Final[KeyTypes] = (int, int)
"""Of saved replies: both numbers of their place, negated."""

MAX_OFFSET_DIGITS: Final = 12
_SCOPE_BYTES: Final = 9
_NOT_OURS: Final = "cursor does not belong to this route and these filters"


class PageRequest(Struct, frozen=True):
    """The page that a client asks for. `route` names the list; `cursor` is as it came."""

    route: str
    count: int
    cursor: str | None = None


class Start(NamedTuple):
    """The place where a page begins: behind the key `after`, and after `skip` more rows.

    `version`: the number of the views that the walk began with; None at its first page. `seen`: as in `ListWindow`.
    """

    after: Key | None = None
    skip: int = 0
    version: int | None = None
    seen: Key | None = None

    def window(self, limit: int) -> ListWindow:
        """Return the same place as a window of `limit` rows. Whoever reads it ends when the client has left."""
        return ListWindow(limit=limit, after=self.after, skip=self.skip, seen=self.seen, check=check_client)


class _Cursor(Struct, frozen=True, array_like=True):
    scope: bytes
    version: int | None
    key: list[Any]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Cursor)


class CursorScope:
    """The route and the filters that a cursor belongs to."""

    def __init__(self, route: str, accounts: Iterable[str], where: object, key_types: KeyTypes) -> None:
        text = repr((route, sorted(accounts), where))
        self._digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SCOPE_BYTES).digest()
        self._key_types = key_types

    def read(self, cursor: str | None) -> Start:
        """Return the place that `cursor` means; the beginning for none. Raises BadRequest for one of another list."""
        if not cursor:
            return Start()
        if cursor.isascii() and cursor.isdigit():
            if len(cursor) > MAX_OFFSET_DIGITS:
                raise BadRequest("cursor is too large for an offset")
            return Start(skip=int(cursor))
        decoded = _decode(cursor)
        key, types = tuple(decoded.key), tuple(map(type, decoded.key))
        if decoded.scope == self._digest and types == self._key_types:
            return Start(after=key, version=decoded.version)
        if decoded.scope == self._digest and types == tuple(kind for kind in self._key_types if kind is not bytes):
            # Of a version whose lists knew no rank: the walk goes on with the rows of that time that it did not see.
            return Start(after=key[: self._key_types.index(bytes)], version=decoded.version, seen=key)
        raise BadRequest(_NOT_OURS)

    def cut(self, rows: Iterable[tuple[Key, T]], page: PageRequest) -> tuple[list[T], str | None]:
        """Return the page of `rows`, which come with their keys in any order, and the cursor of the next one.

        Raises BadRequest for a cursor of another list.
        """
        found = page_of_unsorted(rows, self.read(page.cursor).window(page.count))
        return found.rows, self.write(found.next)

    def write(self, key: Key | None, version: int | None = None) -> str | None:
        """The cursor of the page that begins behind `key`; None when nothing follows."""
        if key is None:
            return None
        packed = _encoder.encode(_Cursor(self._digest, version, list(key)))
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def _decode(cursor: str) -> _Cursor:
    try:
        raw = cursor.encode("ascii")
        return _decoder.decode(base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True))
    except (ValueError, msgspec.MsgspecError):
        raise BadRequest(_NOT_OURS) from None
