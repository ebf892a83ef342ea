"""The store in process: medians of pages read from memory, and what one more message costs."""

import statistics
from collections.abc import Callable
from time import perf_counter_ns

from bench.data import NOW, SEED, a_large_account
from sync.core.change.changes import Operated, Sync
from sync.core.lists.filters import MessageFilter
from sync.core.lists.pages import ListWindow
from sync.protocol.items import Message
from sync.store import DataStore

ROUNDS = 2_000


def run() -> None:
    store = DataStore()
    store.update_account_data("acc-seed", {"platform": "douyin", "data": SEED}, now=NOW)
    store.apply_change("big", a_large_account(), now=NOW)
    page = MessageFilter(conversation_id="conv_big_7")
    report("store: 20 conversations of the sample", median_us(lambda: store.get_conversations("acc-seed")), "under 50")
    report(
        "store: 50 messages of one conversation of 100,000",
        median_us(lambda: store.get_messages("big", page, ListWindow(limit=50))),
        "under 100",
    )
    report("store: one more message in 100,000", median_us(one_more(store), 200), "")
    report("store: the conversation of it read, in 100,000", median_us(one_read(store), 200), "")


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
    write = one_more(store, first=1_000)
    read = Operated(action="read", collection="conversations", ids=("conv_big_7",))

    def work() -> object:
        write()
        return store.apply_change("big", read, now=NOW)

    return work


def median_us(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    for _ in range(rounds // 10):
        work()
    taken = []
    for _ in range(rounds):
        start = perf_counter_ns()
        work()
        taken.append(perf_counter_ns() - start)
    return statistics.median(taken) / 1000


def report(what: str, us: float, aim: str) -> None:
    print(f"{what:<52} {us:10.1f} µs median   {f'aim: {aim} µs' if aim else ''}", flush=True)
