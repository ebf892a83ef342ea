"""What searches found, remembered by version of an account: a list, its counts and its next pages ask for the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from weakref import ref

from sync.core.account.inbox_rows import RowKind, SearchHit
from sync.core.account.view import View
from sync.core.lists.row_filter import KeptRow


class FoundRow(NamedTuple):
    """A row in which a text stands. A hit without a text: the row's name or title holds it.

    `row`: what lists ask of it, where its account is out of memory.
    """

    hit: SearchHit
    row: KeptRow | None = None


Rows = Mapping[str, FoundRow]
"""By id of the row."""
RowsByKind = Mapping[RowKind, Rows]


class _Same:
    """A view as a key: compared by what it is, which is cheap, and not held for the memory's sake."""

    def __init__(self, view: View) -> None:
        self._view = ref(view)
        self._hash = id(view)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and (view := self._view()) is not None and view is other._view()

    def __hash__(self) -> int:
        return self._hash


class KeptSearches:
    """Rows by view and text. Bounded by `most`, rows and views that were searched: when it is full it begins anew. Safe
    in every thread; two that ask for the same at once may both find it.

    One search asks every account for its list and for its counts: the bound is to be well above the number of accounts.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[tuple[_Same, str], RowsByKind] = {}
        self._weight = 0

    def find(self, view: View, q: str, kind: RowKind, make: Callable[[], RowsByKind]) -> Rows:
        """Return the rows of `kind`. `make` finds those of this kind, perhaps of others too; it may raise."""
        key = (_Same(view), q)
        known = self._kept.get(key, {})
        if kind in known:
            return known[kind]
        made = make()
        weight = 1 + sum(map(len, made.values()))
        if self._weight + weight > self._most:
            self._kept, self._weight = {}, 0
        self._kept[key] = {**known, **made}
        self._weight += weight
        return made[kind]
