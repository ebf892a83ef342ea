"""An account takes little more memory than its facts: what is equal is one object, and nothing empty takes any."""

from __future__ import annotations

import gc
import tracemalloc

from bench.data import NOW, a_seed, count_bytes
from sync.core.account.order import EMPTY, SHORT, Order
from sync.core.change.interning import share_values
from sync.store import DataStore
from tests.sync.builders import a_comment, a_conversation, a_message, an_account

ACCOUNTS = 10
MOST_TIMES_THEIR_JSON = 2.55


def take(store: DataStore, account_id: str) -> int:
    data = a_seed(account_id)
    store.update_account_data(account_id, {"platform": "douyin", "data": data}, now=NOW)
    return count_bytes(data)


def test_accounts_of_the_samples_size_take_few_times_their_json() -> None:
    store = DataStore()
    take(store, "warm-up")
    gc.collect()
    tracemalloc.start()
    written = sum(take(store, f"acc-{number}") for number in range(ACCOUNTS))
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / written < MOST_TIMES_THEIR_JSON


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
