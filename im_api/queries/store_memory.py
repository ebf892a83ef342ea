"""The memory of the queries beside a store: the pinned orders of walks, and the indexes of works.

The store itself does not know its readers. The memory ends with the store.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from im_api.queries.pinned_order import PinnedOrders
from sync.core.lists.works import WorkIndex
from sync.hub import get_hub
from sync.store import DataStore


class StoreMemory:
    """`pinned_orders`: of the walks that go on. `work_indexes`: account id -> the index of its newest view."""

    def __init__(self) -> None:
        self.pinned_orders = PinnedOrders()
        self.work_indexes: dict[str, WorkIndex] = {}


_memories: WeakKeyDictionary[DataStore, StoreMemory] = WeakKeyDictionary()


def get_memory() -> StoreMemory:
    """Return what is kept beside the running hub's store. Raises HubNotReady."""
    store = get_hub().store
    return _memories.get(store) or _memories.setdefault(store, StoreMemory())
