"""The order of conversations and threads moves while somebody walks through its pages: the first page fixes it.

A walk keeps the view of the version it began with: all walks through one version keep the same one, whatever their
filter. Views share structure, so keeping one costs what changed since.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, TypeVar

from sync.core.account.view import View
from sync.core.lists.pages import ListPage, ListWindow

T = TypeVar("T")

KEEP_S: Final = 600.0
MAX_PINNED_ORDERS: Final = 4_096


class PinnedOrders:
    """The views of the walks that go on, the least recently used first. Safe in every thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, tuple[View, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, view: View) -> None:
        """Keep the view of a walk through one account for KEEP_S seconds."""
        self._keep(_name(view), (view,))

    def keep_all(self, views: Sequence[View]) -> int:
        """Keep the views of a walk through several accounts, and return the number under which they are found.

        It is the same number for these accounts at these versions in any process.
        """
        number = _number(views)
        self._keep(number, tuple(views))
        return number

    def _keep(self, key: Hashable, views: tuple[View, ...]) -> None:
        now = self._clock()
        with self._lock:
            self._kept[key] = (now + KEEP_S, views)
            self._kept.move_to_end(key)
            while len(self._kept) > MAX_PINNED_ORDERS or next(iter(self._kept.values()))[0] <= now:
                self._kept.popitem(last=False)

    def find(self, current: View, version: int | None) -> View:
        """Return the view that a walk began with; the current one if that is forgotten, or the walk is new."""
        if version is None or version == current.version:
            return current
        found = self._find((current.account_id, current.epoch, version))
        return found[0] if found else current

    def find_all(self, current: Sequence[View], number: int | None) -> Sequence[View]:
        """Return what `find` does, of several accounts, without those that are gone."""
        known = {view.account_id: view.epoch for view in current}
        began = self._find(number) if number is not None else ()
        return [view for view in began if known.get(view.account_id) == view.epoch] or current

    def _find(self, key: Hashable) -> tuple[View, ...]:
        until, views = self._kept.get(key, (0.0, ()))
        return views if until > self._clock() else ()


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
        found = list_page(ListWindow(window.limit - len(rows), found.next))
        rows += update(found.rows)
    return ListPage(rows, found.next)
