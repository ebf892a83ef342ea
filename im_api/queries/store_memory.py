"""The memory of the queries beside a store: the pinned orders of walks, and the indexes of works; and its upkeep.

The store itself does not know its readers. The memory ends with the store.
"""

from __future__ import annotations

from contextlib import suppress
from weakref import WeakKeyDictionary

from im_api.queries.pinned_order import PinnedOrders
from im_api.queries.scope import Walk
from sync.core.lists.works import WorkIndex
from sync.hub import get_hub
from sync.hub_errors import HubNotReady
from sync.store import DataStore
from sync.writing.jobs import Published


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


def renew_walk(walker: int, walk: Walk) -> None:
    """Keep an order for somebody who got the first page of a walk as it was made before. Raises HubNotReady."""
    store = get_hub().store
    get_memory().pinned_orders.renew(walker, walk.name, lambda: tuple(map(store.get_view, walk.account_ids)))


class MemoryUpkeep:
    """A follower of the hub, which learns how much changes. Its chore keeps the pinned orders within their bounds."""

    def published(self, published: Published) -> None:
        """Count what a batch of the writer changed."""
        with suppress(HubNotReady):
            get_memory().pinned_orders.changed.note(published.rows)

    def directory_changed(self) -> None:
        """Nothing is kept of accounts that are gone but their walks, which end by themselves."""

    def __len__(self) -> int:
        return 0

    def prune(self) -> None:
        """Drop the oldest walks where too much is kept, and hold no body that the store put out of memory."""
        with suppress(HubNotReady):
            memory, store = get_memory(), get_hub().store
            memory.pinned_orders.prune()
            for account_id, index in list(memory.work_indexes.items()):
                view = store.get_view(account_id)
                if (index.view.version, index.view.epoch) == (view.version, view.epoch):
                    index.view = view
                else:
                    memory.work_indexes.pop(account_id, None)
