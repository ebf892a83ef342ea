"""Rows as bytes, rendered once for as long as what they are made of is the very same: views share structure, and so do
their rows."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, is_
from typing import Any, Final, Literal

from msgspec import Raw

from im_api.renderers import encode

LIMIT: Final = 16 * 1024**2
ROW_BYTES: Final = 512
"""What a row takes beside its bytes."""

Kind = Literal["conversation", "message", "discussion", "feed", "thread"]
MadeOf = tuple[object, ...]
"""Everything that a row is made of, as immutable values. They are compared by identity, unless each read makes them."""


class RenderedRows:
    """Rows by their kind, account and id. Bounded in bytes: when it is full it begins anew. Safe in every thread."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rows: dict[tuple[Kind, str, str], tuple[MadeOf, Raw]] = {}
        self.bytes = 0

    def get(
        self,
        kind: Kind,
        account_id: str,
        row_id: str,
        made_of: MadeOf,
        make: Callable[[], Any],
        *,
        by_value: bool = False,
    ) -> Raw:
        """Return the row as JSON. `make` gives its shape if it is not kept. `by_value`: compare `made_of` by value."""
        key = kind, account_id, row_id
        known = self._rows.get(key)
        if known is not None and all(map(eq if by_value else is_, known[0], made_of)):
            return known[1]
        body = encode(make())
        if self.bytes + len(body) + ROW_BYTES > self._limit:
            self.forget()
        row = Raw(body)
        self._rows[key] = made_of, row
        # One that takes the place of another counts twice: this begins anew a little sooner.
        self.bytes += len(body) + ROW_BYTES
        return row

    def forget(self) -> None:
        """Drop all rows."""
        self._rows = {}
        self.bytes = 0


kept_rows: Final = RenderedRows()
