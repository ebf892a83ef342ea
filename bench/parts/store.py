"""The store in process: pages read from memory, and what one more message costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns

from bench.data import NOW, SEED, a_large_account
from bench.results import Found, Table, median, percentile
from bench.sizes import Sizes
from sync.core.change.changes import Operated, Sync
from sync.core.lists.filters import MessageFilter
from sync.core.lists.pages import ListWindow
from sync.protocol.items import Message
from sync.store import DataStore

PAGE = MessageFilter(conversation_id="conv_big_7")


def run(place: Path, sizes: Sizes) -> Found:
    most = max(sizes.messages)
    store = DataStore()
    store.update_account_data("acc-seed", {"platform": "douyin", "data": SEED}, now=NOW)
    store.apply_change("big", a_large_account(most), now=NOW)
    few = max(2, sizes.store_reads // 10)
    table = Table("Store: µs in process", ["what", "p50", "p99", "aim"])
    for what, work, rounds, aim in (
        ("20 conversations of the sample", lambda: store.get_conversations("acc-seed"), sizes.store_reads, "under 50"),
        (f"50 messages of one conversation of {most:,}", lambda: read_page(store), sizes.store_reads, "under 100"),
        (f"one more message in {most:,}", one_more(store), few, "under 1,000"),
        (f"its conversation read, in {most:,}", one_read(store), few, None),
    ):
        times = time_us(work, rounds)
        table.add(what, median(times), percentile(times, 99), aim)
    return Found([table])


def read_page(store: DataStore) -> object:
    return store.get_messages("big", PAGE, ListWindow(limit=50))


def one_more(store: DataStore, first: int = 0) -> Callable[[], object]:
    numbers = iter(range(first, 10**6))

    def write() -> object:
        n = next(numbers)
        message = Message(
            id=f"msg_big_new{n}",
            platform_id=f"new{n}",
            conversation_id="conv_big_7",
            direction="inbound",
            created_at=NOW + n,
        )
        return store.apply_change("big", Sync(items={"messages": [message]}, merge=frozenset({"messages"})), now=NOW)

    return write


def one_read(store: DataStore) -> Callable[[], object]:
    """One more message, then the operator reads the conversation."""
    write = one_more(store, first=500_000)
    read = Operated(action="read", collection="conversations", ids=("conv_big_7",))

    def work() -> object:
        write()
        return store.apply_change("big", read, now=NOW)

    return work


def time_us(work: Callable[[], object], rounds: int) -> list[float]:
    """Return the µs of each round, after some that warm up."""
    for _ in range(rounds // 10):
        work()
    taken = []
    for _ in range(rounds):
        start = perf_counter_ns()
        work()
        taken.append((perf_counter_ns() - start) / 1000)
    return taken
