"""The order of conversations moves while somebody walks through its pages: the first page fixes it.

A walk keeps the view of the version it began with: all walks through one version keep the same one, whatever their
filter. Views share structure, so keeping one costs what changed since.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from sync.core.view import View
from sync.store import DataStore

KEEP_S: Final = 600.0
MAX_WALKS: Final = 4_096

_Key = tuple[str, str, int]


class Walks:
    """The views of the walks that go on, the least recently used first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[_Key, tuple[float, View]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, view: View) -> None:
        now = self._clock()
        key = (view.account_id, view.epoch, view.version)
        with self._lock:
            self._kept[key] = (now + KEEP_S, view)
            self._kept.move_to_end(key)
            while len(self._kept) > MAX_WALKS or next(iter(self._kept.values()))[0] <= now:
                self._kept.popitem(last=False)

    def find(self, current: View, version: int | None) -> View:
        """The view that a walk began with; the current one if that is forgotten, or the walk is new."""
        if version is None or version == current.version:
            return current
        until, view = self._kept.get((current.account_id, current.epoch, version), (0.0, current))
        return view if until > self._clock() else current


_walks: WeakKeyDictionary[DataStore, Walks] = WeakKeyDictionary()


def walks_of(store: DataStore) -> Walks:
    """The walks through this store. They end with it."""
    return _walks.setdefault(store, Walks())
