"""The order of conversations and threads moves while somebody walks through its pages: the first page fixes it.

A walk keeps the view of the version it began with: all walks of one person through one version keep the same one,
whatever their filter. Views share structure, so keeping one costs what changed since.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from sync.core.account.view import View
from sync.core.change.delta import Delta, LogRow
from sync.core.lists.pages import ListPage, ListWindow
from sync.protocol.items import COLLECTIONS

T = TypeVar("T")

PROMISED_S: Final = 600.0
KEEP_S: Final = PROMISED_S + 1
"""A walk that begins again and again needs to be renewed once a second only."""
MAX_PINNED_ORDERS: Final = 4_096
MAX_OF_ONE: Final = 256
MAX_BYTES: Final = 256 * 1024**2
MAX_BYTES_OF_ONE: Final = 64 * 1024**2
# What an entry takes that a change replaced: itself, and its place in the indexes.
ENTRY_BYTES: Final = 2_048


class ChangedBytes:
    """Counts by account how much its changes replaced: what a view that is kept holds alone. A follower of the hub."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def note(self, rows: Iterable[LogRow]) -> None:
        """Take in what a batch changed."""
        for row in rows:
            self.of[row.account_id] = self.of.get(row.account_id, 0) + _weigh(row.body)


def _weigh(delta: Delta) -> int:
    entries = [entry for name in COLLECTIONS for entry in delta.upserts(name)]
    removed = sum(map(len, delta.removed.values()))
    text = sum(len(getattr(entry.item, "content", None) or "") for entry in entries)
    return ENTRY_BYTES * (len(entries) + removed + len(delta.marks)) + text


class _Walk(NamedTuple):
    """The views of a walk, and until when they are kept (s). `changed`: id -> bytes that had changed before."""

    until: float
    views: tuple[View, ...]
    changed: Mapping[str, int]


_Key = tuple[Hashable, Hashable]


class PinnedOrders:
    """The views of the walks that go on, by who walks, the least recently used first. Safe in every thread.

    Bounded in number and bytes, for each walker and in all: the oldest go, and their walks go on in the current order.
    `clock`: s.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[_Key, _Walk] = OrderedDict()
        self._of: dict[Hashable, OrderedDict[_Key, None]] = {}
        self._lock = threading.Lock()
        self.changed = ChangedBytes()

    def keep(self, walker: Hashable, view: View) -> Hashable:
        """Keep the view of a walk through one account for KEEP_S seconds. Return the name under which it is found."""
        name = _name(view)
        self._keep((walker, name), (view,))
        return name

    def keep_all(self, walker: Hashable, views: Sequence[View]) -> int:
        """Keep the views of a walk through several accounts, and return the number under which they are found.

        It is the same number for these accounts at these versions in any process.
        """
        number = _number(views)
        self._keep((walker, number), tuple(views))
        return number

    def renew(self, walker: Hashable, name: Hashable, get_views: Callable[[], tuple[View, ...]]) -> None:
        """Keep the walk of this name for somebody who began it too."""
        known = self._kept.get((walker, name))
        if known is None or known.until < self._clock() + PROMISED_S:
            self._keep((walker, name), get_views())

    def _keep(self, key: _Key, views: tuple[View, ...]) -> None:
        now = self._clock()
        with self._lock:
            known = self._kept.get(key)
            changed = known.changed if known else {v.account_id: self.changed.of.get(v.account_id, 0) for v in views}
            self._kept[key] = _Walk(now + KEEP_S, known.views if known else views, changed)
            self._kept.move_to_end(key)
            own = self._of.setdefault(key[0], OrderedDict())
            own[key] = None
            own.move_to_end(key)
            if len(own) > MAX_OF_ONE:
                self._drop(next(iter(own)))
            if len(self._kept) > MAX_PINNED_ORDERS:
                self._drop(next(iter(self._kept)))
            self._drop_expired(now)

    def _drop_expired(self, now: float) -> None:
        while self._kept and next(iter(self._kept.values())).until <= now:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        del self._kept[key]
        own = self._of[key[0]]
        del own[key]
        if not own:
            del self._of[key[0]]

    def prune(self) -> None:
        """Drop what is too old, and the oldest of what holds too many bytes. Call it every few seconds."""
        with self._lock:
            self._drop_expired(self._clock())
            for own in list(self._of.values()):
                self._prune(list(own), MAX_BYTES_OF_ONE)
            self._prune(list(self._kept), MAX_BYTES)

    def _prune(self, keys: Sequence[_Key], most: int) -> None:
        """Keep the newest of `keys` that hold at most so many bytes together; what two of them share counts once."""
        oldest: dict[str, int] = {}
        held = 0
        for number, key in enumerate(reversed(keys), 1):
            for account_id, before in self._kept[key].changed.items():
                newer = oldest.get(account_id, self.changed.of.get(account_id, 0))
                oldest[account_id] = min(newer, before)
                held += newer - oldest[account_id]
            if held > most:
                for gone in keys[: len(keys) - number + 1]:
                    self._drop(gone)
                return

    def find(self, walker: Hashable, current: View, version: int | None) -> View:
        """Return the view that a walk began with; the current one if that is forgotten, or the walk is new."""
        if version is None or version == current.version:
            return current
        found = self._find((walker, (current.account_id, current.epoch, version)))
        return found[0] if found else current

    def find_all(self, walker: Hashable, current: Sequence[View], number: int | None) -> Sequence[View]:
        """Return what `find` does, of several accounts, without those that are gone."""
        known = {view.account_id: view.epoch for view in current}
        began = self._find((walker, number)) if number is not None else ()
        return [view for view in began if known.get(view.account_id) == view.epoch] or current

    def _find(self, key: _Key) -> tuple[View, ...]:
        walk = self._kept.get(key)
        return walk.views if walk is not None and walk.until > self._clock() else ()


def _name(view: View) -> tuple[str, str, int]:
    return view.account_id, view.epoch, view.version


def _number(views: Sequence[View]) -> int:
    text = repr([_name(view) for view in views]).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=7).digest())


def list_as_pinned(
    list_page: Callable[[ListWindow], ListPage[T]], update: Callable[[list[T]], Iterable[T]], window: ListWindow
) -> ListPage[T]:
    """Return a page in the order that a walk began with, its rows as they are now, without those that are gone.

    `list_page` reads the views that the walk began with; `update` turns their rows into those of the current views, and
    leaves out what is gone or is listed elsewhere in the walk.
    """
    found = list_page(window)
    rows = list(update(found.rows))
    while len(rows) < window.limit and found.next is not None:
        found = list_page(window._replace(limit=window.limit - len(rows), after=found.next, skip=0))
        rows += update(found.rows)
    return ListPage(rows, found.next)
