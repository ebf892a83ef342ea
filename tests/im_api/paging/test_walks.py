"""A walk of all pages shows every item once and in order, whatever the list, and whoever writes meanwhile."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from im_api.queries.cursors import PageRequest
from im_api.queries.threads import InboxRow, RowFilter
from sync.core.account.conversations import ConversationState
from sync.core.change.changes import Operated
from sync.core.lists.filters import ConversationFilter, FeedFilter, MessageFilter
from sync.core.lists.pages import FeedRow
from sync.hub import Hub
from sync.protocol.items import COLLECTIONS
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.im_api.conftest import NOW
from tests.im_api.paging.lists import (
    CONVERSATIONS,
    FANS,
    FEED,
    LISTS,
    MESSAGES,
    THREADS,
    List,
    a_hub,
    a_snapshot_names,
    found_time,
    items,
    place_of,
    walk,
)


@pytest.mark.parametrize("a_list", LISTS, ids=lambda a_list: a_list.name)
@given(data=st.data(), count=st.integers(1, 5))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_walk_of_all_pages_is_the_set_of_all_items_each_once_in_order(
    a_list: List, data: st.DataObject, count: int
) -> None:
    hub = a_hub(data.draw(items(0, 12)), data.draw(items(0, 6, "acc-b")))
    where = data.draw(a_list.filters)
    everything = walk(a_list, where, 1000)
    assert walk(a_list, where, count) == everything
    assert len(set(everything)) == len(everything)
    rows = [row for _, row in a_list.fetch(where, PageRequest(a_list.name, 1000)).rows]
    if a_list.name == "threads" and where[1] == "latest" and where[0].q is not None:
        times = [found_time(row) for row in rows]
        assert times == sorted(times, reverse=True)
    elif not (a_list.name == "threads" and where[1] == "waiting"):
        assert rows == sorted(rows, key=place_of, reverse=True)

    later = iter([data.draw(items(100 + 100 * step, 4)) for step in range(3)])

    def insert() -> None:
        new = next(later, None)
        if new is not None:
            partial = {"partial": a_snapshot_names()}
            hub.store.update_account_data("acc-a", a_snapshot(**new) | partial, now=NOW)

    seen = walk(a_list, where, count, insert)
    assert len(set(seen)) == len(seen), "nothing comes twice"
    assert [item for item in seen if item in set(everything)] == everything, "each that was there, in its order"


@st.composite
def words(draw: Any) -> Operated:
    """What an operator may say of one of the first items."""
    collection = draw(st.sampled_from(["conversations", "messages", "comments", "notifications"]))
    actions = ["read", "unread", "delete", "restore", "done", "undone"]
    if collection == "conversations":
        actions += ["pin", "unpin", "mute"]
    action = draw(st.sampled_from(actions))
    number = draw(st.integers(0, 8))
    names = {
        "conversations": draw(st.sampled_from([f"conv_acc-a_{FANS[number % 4]}", f"conv_acc-a_c{number}"])),
        "messages": f"msg_acc-a_{number}",
        "comments": f"comm_acc-a_{number}",
        "notifications": f"notif_acc-a_{number}",
    }
    return Operated(action=action, collection=collection, ids=(names[collection],))


@pytest.mark.parametrize("a_list", LISTS, ids=lambda a_list: a_list.name)
@given(data=st.data(), count=st.integers(1, 4))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_while_operators_write_what_they_do_not_touch_is_shown_once_in_its_order(
    a_list: List, data: st.DataObject, count: int
) -> None:
    hub = a_hub(data.draw(items(0, 12)), data.draw(items(0, 6, "acc-b")))
    for word in data.draw(st.lists(words(), max_size=6)):
        hub.store.apply_change("acc-a", word, now=NOW)
    where = data.draw(a_list.filters)
    steady = pictures(hub, a_list, where)
    steps = range(1, data.draw(st.integers(1, 7)))
    coming = iter([data.draw(st.one_of(words(), items(100 * step, 3))) for step in steps])

    def write() -> None:
        change = next(coming, None)
        if isinstance(change, Operated):
            hub.store.apply_change("acc-a", change, now=NOW)
        elif change is not None:
            hub.store.update_account_data("acc-a", a_snapshot(**change) | {"partial": a_snapshot_names()}, now=NOW)
        now = pictures(hub, a_list, where)
        for item in [item for item, picture in steady.items() if now.get(item) != picture]:
            del steady[item]

    seen = walk(a_list, where, count, write)
    assert len(set(seen)) == len(seen), "nothing comes twice"
    assert [item for item in seen if item in steady] == list(steady)


def pictures(hub: Hub, a_list: List, where: Any) -> dict[Any, Any]:
    """What the list shows now, by item."""
    rows = [row for _, row in a_list.fetch(where, PageRequest(a_list.name, 1000)).rows]
    return {a_list.id_of(row): row_picture(hub, row) for row in rows}


def row_picture(hub: Hub, row: Any) -> Any:
    """What a filter and the order look at, of conversations; of the rest the marks."""
    if isinstance(row, ConversationState):
        return row.sort_key, row.unread_count, row.muted
    if isinstance(row, InboxRow):
        return row
    view = row.view if isinstance(row, FeedRow) else hub.store.get_view("acc-a")
    item_id = row.entry.item.id if isinstance(row, FeedRow) else row.item.id
    return [view.marks.get((name, item_id)) for name in COLLECTIONS], view.unread.get(item_id)


@pytest.mark.parametrize("a_list", LISTS, ids=lambda a_list: a_list.name)
@given(data=st.data(), count=st.integers(1, 5))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_offsets_walk_the_same_rows(a_list: List, data: st.DataObject, count: int) -> None:
    a_hub(data.draw(items(0, 10)), data.draw(items(0, 4, "acc-b")))
    where = data.draw(a_list.filters)
    everything = walk(a_list, where, 1000)
    pages = [
        a_list.fetch(where, PageRequest(a_list.name, count, str(offset)))
        for offset in range(0, len(everything) + count, count)
    ]
    assert [a_list.id_of(row) for page in pages for _, row in page.rows] == everything


@pytest.mark.parametrize(
    ("a_list", "where"),
    [
        (CONVERSATIONS, ConversationFilter()),
        (MESSAGES, MessageFilter()),
        (FEED, FeedFilter()),
        (THREADS, (RowFilter(), "latest")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_cursor_of_an_earlier_version_goes_on_where_its_walk_was(a_list: List, where: Any) -> None:
    """There equal times stood by ascending id, and a cursor told the time and the id only."""
    a_hub(
        {
            "messages": [*(a_message(str(n), f"c{n}", n // 4) for n in range(16)), a_message("99", "last", -9)],
            "conversations": [a_conversation(f"c{n}", isPinned=n % 5 == 0) for n in range(16)],
        },
        {},
    )
    everything = walk(a_list, where, 1000)
    new_keys = [key_of(a_list.fetch(where, PageRequest(a_list.name, n)).cursor) for n in range(1, len(everything))]
    was_listed = sorted(zip(map(before_ranks, new_keys), everything, strict=False), key=lambda row: row[0])
    for number, (old_key, _) in enumerate(was_listed):
        seen = {item for _, item in was_listed[: number + 1]}
        cursor = with_key(a_list.fetch(where, PageRequest(a_list.name, 1)).cursor, old_key)
        page = a_list.fetch(where, PageRequest(a_list.name, 1000, cursor))
        assert [a_list.id_of(row) for _, row in page.rows] == [item for item in everything if item not in seen]


def key_of(cursor: str | None) -> list[Any]:
    assert cursor is not None
    key: list[Any] = msgspec.msgpack.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2]
    return key


def before_ranks(key: list[Any]) -> list[Any]:
    return [part for part in key if not isinstance(part, bytes)]


def with_key(cursor: str | None, key: list[Any]) -> str:
    assert cursor is not None
    scope, version, _ = msgspec.msgpack.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(msgspec.msgpack.encode([scope, version, key])).rstrip(b"=").decode()
