"""The order that the first page of a walk fixed: how long it holds, and what it may take."""

import time
from typing import Any

import pytest
from msgspec.structs import replace

from im_api.errors import BadRequest
from im_api.queries import lists
from im_api.queries.cursors import PageRequest
from im_api.queries.pinned_order import (
    ENTRY_BYTES,
    KEEP_S,
    MAX_BYTES,
    MAX_BYTES_OF_ONE,
    MAX_OF_ONE,
    MAX_PINNED_ORDERS,
    PinnedOrders,
    _name,
)
from im_api.queries.store_memory import MemoryUpkeep, get_memory
from sync.core.account.entries import Entry
from sync.core.change.delta import Delta, LogRow
from sync.core.lists.filters import ConversationFilter
from sync.hub import Hub
from sync.protocol.items import Message
from sync.writing.jobs import Published
from tests.im_api.builders import MINUTE, T0, a_conversation, a_message, a_snapshot
from tests.im_api.conftest import NOW
from tests.im_api.paging.lists import CONVERSATIONS, OWNER, a_hub

ALL = ConversationFilter()


def some_conversations(count: int) -> dict[str, list[dict[str, Any]]]:
    return {"conversations": [a_conversation(f"c{n}", lastMessageTime=T0 - n * MINUTE) for n in range(count)]}


def fetch(cursor: str | None, count: int = 2) -> lists.Listed[Any]:
    return CONVERSATIONS.fetch(ALL, PageRequest("conversations", count, cursor))


def change(hub: Hub, **collections: Any) -> None:
    partial = {"partial": list(collections)}
    hub.store.update_account_data("acc-a", a_snapshot(**collections) | partial, now=NOW)


def ids(page: lists.Listed[Any]) -> list[str]:
    return [thread.id.removeprefix("conv_acc-a_") for _, thread in page.rows]


def test_a_conversation_that_moves_to_the_top_meanwhile_is_not_missed_and_shown_as_it_is_now() -> None:
    hub = a_hub(some_conversations(5), {})
    first = fetch(None)
    assert ids(first) == ["c0", "c1"]
    change(hub, messages=[a_message("new", "c4", 50)])
    second = fetch(first.cursor)
    third = fetch(second.cursor)
    assert ids(second) + ids(third) == ["c2", "c3", "c4"]
    assert third.rows[0][1].last_id == "msg_acc-a_new"


def test_a_conversation_that_goes_meanwhile_is_passed_over_and_the_page_still_full() -> None:
    hub = a_hub(some_conversations(6), {})
    first = fetch(None)
    snapshot = a_snapshot() | {"removed": {"conversations": ["conv_acc-a_c2"]}}
    hub.store.update_account_data("acc-a", snapshot, now=NOW)
    assert ids(fetch(first.cursor)) == ["c3", "c4"]


def test_after_ten_minutes_or_a_restart_the_walk_goes_on_by_key() -> None:
    hub = a_hub(some_conversations(6), {})
    first = fetch(None)
    change(hub, messages=[a_message("new", "c5", 50)])
    get_memory().pinned_orders._clock = lambda: KEEP_S + time.monotonic()
    assert ids(fetch(first.cursor, 10)) == ["c2", "c3", "c4"], "c5 moved before the place where the walk was"


def test_walks_are_forgotten_in_time_and_in_number() -> None:
    now = [0.0]
    pinned_orders = PinnedOrders(clock=lambda: now[0])
    hub = a_hub({}, {})
    current = hub.store.get_view("acc-a")
    old = hub.store.new_view("acc-a")
    pinned_orders.keep(1, old)
    assert pinned_orders.find(1, current, old.version) is old
    assert pinned_orders.find(2, current, old.version) is current
    assert pinned_orders.find(1, current, 12345) is current
    assert pinned_orders.find(1, current, None) is current
    now[0] = KEEP_S
    assert pinned_orders.find(1, current, old.version) is current
    pinned_orders.prune()
    assert (pinned_orders._kept, pinned_orders._of) == ({}, {})
    for number in range(MAX_PINNED_ORDERS + 10):
        pinned_orders.keep(number // 100, hub.store.new_view(f"acc-{number}"))
    assert len(pinned_orders._kept) == MAX_PINNED_ORDERS
    assert sum(map(len, pinned_orders._of.values())) == MAX_PINNED_ORDERS


def test_one_who_walks_without_end_takes_no_other_s_place() -> None:
    pinned_orders = PinnedOrders()
    store = a_hub({}, {}).store
    pinned_orders.keep("calm", store.new_view("acc-calm"))
    for number in range(MAX_PINNED_ORDERS):
        pinned_orders.keep("flood", store.new_view(f"acc-{number}"))
    assert {walker: len(kept) for walker, kept in pinned_orders._of.items()} == {"calm": 1, "flood": MAX_OF_ONE}


def changed(pinned_orders: PinnedOrders, account_id: str, replaced: int) -> None:
    """So many bytes of the account were replaced."""
    pinned_orders.changed.of[account_id] = pinned_orders.changed.of.get(account_id, 0) + replaced


def test_walks_are_bounded_in_bytes_for_each_walker_and_the_oldest_go() -> None:
    pinned_orders = PinnedOrders()
    store = a_hub({}, {}).store
    views = [replace(store.new_view("acc-a"), version=version) for version in range(1, 6)]
    for view in views:
        for walker in ("ann", "bob"):
            pinned_orders.keep(walker, view)
        changed(pinned_orders, "acc-a", MAX_BYTES_OF_ONE // 4 + 1)
    pinned_orders.prune()
    kept = [
        [view.version for view in views if (walker, _name(view)) in pinned_orders._kept] for walker in ("ann", "bob")
    ]
    assert kept == [[3, 4, 5], [3, 4, 5]], "each holds what changed since the oldest, 3/4 and a little"


def test_walks_are_bounded_in_bytes_in_all_and_what_they_share_counts_once() -> None:
    pinned_orders = PinnedOrders()
    store = a_hub({}, {}).store
    for walker in range(100):
        pinned_orders.keep(walker, store.new_view("acc-a"))
    changed(pinned_orders, "acc-a", MAX_BYTES_OF_ONE // 2)
    pinned_orders.prune()
    assert len(pinned_orders._kept) == 100
    for walker in range(100):
        pinned_orders.keep(walker, store.new_view(f"acc-{walker}"))
        changed(pinned_orders, f"acc-{walker}", MAX_BYTES_OF_ONE // 2)
    pinned_orders.prune()
    most = 2 * MAX_BYTES // MAX_BYTES_OF_ONE
    assert [key[0] for key in pinned_orders._kept] == list(range(100 - most, 100))


def test_the_running_hub_counts_what_changes() -> None:
    a_hub(some_conversations(6), {})
    entry = Entry(Message(id="m", platform_id="1", conversation_id="c", content="x" * 100), 1, 1)
    body = Delta(messages=[entry], removed={"messages": ["m"]})
    row = LogRow(account_id="acc-a", version=1, seq_from=1, seq_to=0, at=1, body=body)
    upkeep = MemoryUpkeep()
    upkeep.published(Published(rows=[row]))
    assert get_memory().pinned_orders.changed.of == {"acc-a": 2 * ENTRY_BYTES + 100}
    upkeep.prune()


def test_walks_through_one_version_share_what_is_kept() -> None:
    a_hub(some_conversations(6), {})
    for where in (ConversationFilter(), ConversationFilter(is_pinned=False), ConversationFilter()):
        assert lists.list_conversations(OWNER, "acc-a", where, PageRequest("/c", 2, None)).cursor
    assert len(get_memory().pinned_orders._kept) == 1


def test_two_accounts_at_once_do_not_share_a_walk() -> None:
    a_hub(some_conversations(5), {"conversations": [a_conversation("b", "acc-b"), a_conversation("b2", "acc-b")]})
    cursor = fetch(None).cursor
    with pytest.raises(BadRequest):
        lists.list_conversations(OWNER, "acc-b", ALL, PageRequest("conversations", 2, cursor))
