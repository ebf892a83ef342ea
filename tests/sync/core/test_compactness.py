"""An account takes little more memory than its facts: what is equal is one object, and nothing empty takes any."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

from bench.data import NOW, a_seed, count_bytes
from sync.core.account.order import EMPTY, SHORT, Order
from sync.core.account.view import View
from sync.core.change.interning import share_values
from sync.core.stored.image import decode_image, encode_image
from sync.store import DataStore
from tests.sync.builders import a_comment, a_conversation, a_message, an_account

ACCOUNTS = 10
MOST_TIMES_THEIR_JSON = 1.9


def take(store: DataStore, account_id: str) -> int:
    data = a_seed(account_id)
    store.update_account_data(account_id, {"platform": "douyin", "data": data}, now=NOW)
    return count_bytes(data)


def measure(work: Callable[[], Any]) -> int:
    """The bytes that are held after `work`, and were not before."""
    gc.collect()
    tracemalloc.start()
    made = work()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made
    return held


def test_accounts_of_the_samples_size_take_less_than_twice_their_json() -> None:
    store, written = DataStore(), 0
    take(store, "warm-up")

    def take_all() -> int:
        nonlocal written
        written = sum(take(store, f"acc-{number}") for number in range(ACCOUNTS))
        return written

    assert measure(take_all) / written < MOST_TIMES_THEIR_JSON


def test_accounts_that_a_start_reads_take_no_more() -> None:
    store = DataStore()
    written = sum(take(store, f"acc-{number}") for number in range(ACCOUNTS))
    views = [store.get_view(f"acc-{number}") for number in range(ACCOUNTS)]
    images = [encode_image(view, b"code") for view in views]

    def read_all() -> list[View]:
        return [
            decode_image(image).view(view.account_id, version=view.version, seq=view.seq, at=view.changed_at or 0)
            for image, view in zip(images, views, strict=True)
        ]

    assert read_all() == views
    assert measure(read_all) / written < MOST_TIMES_THEIR_JSON


def test_a_message_or_comment_has_one_key_in_all_orders() -> None:
    view = an_account(
        conversations=[a_conversation()],
        messages=[a_message(str(number)) for number in range(2)],
        comments=[a_comment("1"), a_comment("2")],
    ).view
    state = view.conversation_states["conv_acc_77"]
    assert {id(key) for order in (state.order, state.inbound) for key in order} == {id(key) for key in state.held}
    works = [key for work in view.works.values() for key in work.order]
    roots = [thread.root for thread in view.comment_threads.values()]
    assert {id(key) for key in works} == {id(key) for key in view.comment_order} == {id(key) for key in roots}


def test_what_is_empty_is_shared() -> None:
    view = an_account(conversations=[a_conversation("1"), a_conversation("2")], comments=[a_comment("1")]).view
    one, other = (view.conversation_states[f"conv_acc_{number}"] for number in "12")
    assert one.early_unread is other.early_unread
    thread = view.comment_threads["comm_acc_1"]
    assert thread.speakers.own is type(thread.speakers)().own
    assert (one.held, one.unread) == (EMPTY, EMPTY)
    assert one.held is one.unread is EMPTY


def test_equal_texts_and_times_of_a_change_are_one_object() -> None:
    times = [int("1790000000000") for _ in range(2)]
    words = ["".join(["还有", "货吗"]) for _ in range(2)]
    item = a_message("1", content=words[0], created_at=times[0], updated_at=times[0])
    talk = a_conversation(last_message_content=words[1], last_message_time=times[1])
    before = (item, talk)
    share_values({"messages": [item], "conversations": [talk]})
    assert (item, talk) == before
    assert talk.last_message_content is item.content
    assert talk.last_message_time is item.created_at


def test_a_short_order_gives_way_to_an_equal_one_and_a_long_one_is_not_compared() -> None:
    keys = [(number, str(number)) for number in range(SHORT + 1)]
    short, equal, longer = Order.of(keys[:3]), Order.of(keys[:3]), Order.of(keys[:4])
    assert short.or_equal(longer, equal) is equal
    assert short.or_equal(longer) is short
    long = Order.of(keys)
    assert long.or_equal(Order.of(keys)) is long
