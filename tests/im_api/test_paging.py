"""Paging, for every list under every filter: the walk of all pages is the set of the matching items, each once, in
the order of the list, while items are inserted meanwhile."""

import base64
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from im_api.access import Principal
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
from im_api.queries.threads import InboxRow, RowFilter, list_threads
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.history import LAST
from sync.core.change.changes import Operated
from sync.core.change.delta import Delta, LogRow
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.core.lists.pages import FeedRow
from sync.hub import Hub, set_hub
from sync.protocol.items import COLLECTIONS, Content, Message
from sync.writing.jobs import Published
from tests.im_api.builders import (
    MINUTE,
    T0,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_snapshot,
    a_work,
)
from tests.im_api.conftest import NOW, a_directory, an_account

OWNER = Principal(user_id=1, username="owner", is_staff=True, is_active=True)
FANS = ["ann", "bea", "cid", "dan"]
minutes = st.one_of(st.none(), st.integers(-5, 30))
orders = st.sampled_from([None, None, "7", "12"])
flags = st.one_of(st.none(), st.booleans())
texts = st.one_of(st.none(), st.sampled_from(["1", "多", "FAN", "zzz"]))


@st.composite
def items(draw: Any, first: int, size: int, account: str = "acc-a") -> dict[str, list[dict[str, Any]]]:
    """A snapshot's collections whose ids begin at `first`."""
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in a_snapshot_names()}
    for number in range(first, first + draw(st.integers(0, size))):
        fan, minute, flag = draw(st.sampled_from(FANS)), draw(minutes), draw(st.booleans())
        side = draw(st.sampled_from(["inbound", "outbound"]))
        content = draw(st.sampled_from(["多少钱", "hello", None]))
        fields = {"direction": side, "content": content, "isRecalled": flag, "order": draw(orders)}
        made["messages"].append(a_message(str(number), fan, minute, account, **fields))
        # What comes later must not make an older work a new one: it would no longer match its filter.
        work = f"w{number % 3}" if first == 0 else f"later{number}"
        parent = draw(st.one_of(st.none(), st.just(str(first))))
        made["comments"].append(
            a_comment(str(number), work, minute, account, parentCommentId=parent, isAuthorReply=flag)
        )
        made["contents"].append(a_work(f"w{number}", account, minute, type=draw(st.sampled_from(["video", "article"]))))
        kind = draw(st.sampled_from(["like", "follow"]))
        made["notifications"].append(a_notice(str(number), minute, account, type=kind))
        made["conversations"].append(
            a_conversation(
                f"c{number}",
                account,
                isPinned=flag,
                unreadCount=number % 2,
                isMuted=not flag,
                lastMessageTime=minute_ms(minute),
            )
        )
    return made


def a_snapshot_names() -> list[str]:
    return ["conversations", "messages", "contents", "comments", "notifications"]


def minute_ms(minute: int | None) -> int | None:
    return None if minute is None else T0 + minute * MINUTE


class List(NamedTuple):
    """A list, the filters it takes, and how its rows are told apart."""

    name: str
    fetch: Callable[[Any, PageRequest], lists.Listed[Any]]
    filters: st.SearchStrategy[Any]
    id_of: Callable[[Any], Any]


def entry_id(entry: Any) -> str:
    return str(entry.item.id)


LISTS = [
    List(
        "conversations",
        lambda where, page: lists.list_conversations(OWNER, "acc-a", where, page),
        st.builds(ConversationFilter, is_pinned=flags, is_muted=flags, unread=flags, q=texts),
        lambda thread: thread.id,
    ),
    List(
        "messages",
        lambda where, page: lists.list_messages(OWNER, "acc-a", where, page),
        st.builds(
            MessageFilter,
            conversation_id=st.one_of(st.none(), st.sampled_from([f"conv_acc-a_{fan}" for fan in FANS])),
            direction=st.sampled_from([None, "inbound", "outbound"]),
            is_read=flags,
            is_recalled=flags,
            since=st.one_of(st.none(), st.integers(-5, 30).map(minute_ms)),
            until=st.one_of(st.none(), st.integers(-5, 30).map(minute_ms)),
            q=texts,
        ),
        entry_id,
    ),
    List(
        "contents",
        lambda where, page: lists.list_contents(OWNER, "acc-a", None, where, page),
        st.builds(ContentFilter, type=st.sampled_from([None, "video"]), is_new=flags, q=texts),
        entry_id,
    ),
    List(
        "comments",
        lambda where, page: lists.list_comments(OWNER, "acc-a", None, where, page),
        st.builds(
            CommentFilter,
            content_id=st.sampled_from([None, "cont_acc-a_w1"]),
            parent_comment_id=st.sampled_from([None, "comm_acc-a_0"]),
            is_read=flags,
            is_new=flags,
            q=texts,
        ),
        entry_id,
    ),
    List(
        "notifications",
        lambda where, page: lists.list_notifications(OWNER, "acc-a", where, page),
        st.builds(NotificationFilter, type=st.sampled_from([None, "like"]), is_read=flags),
        entry_id,
    ),
    List(
        "feed",
        lambda where, page: lists.list_feed(OWNER, "all", where, page),
        st.builds(
            FeedFilter,
            kinds=st.one_of(st.none(), st.frozensets(st.sampled_from(["comment", "direct_message", "notification"]))),
            is_new=flags,
            is_read=flags,
            is_pinned=flags,
            is_muted=flags,
            since=st.one_of(st.none(), st.integers(-5, 30).map(minute_ms)),
            q=texts,
        ),
        lambda row: (row.view.account_id, row.entry.item.id),
    ),
    List(
        "threads",
        lambda where, page: list_threads(OWNER, "all", None, where[0], where[1], page),
        st.tuples(
            st.builds(
                RowFilter,
                kinds=st.one_of(
                    st.none(), st.frozensets(st.sampled_from(["direct_message", "comment", "notification"]))
                ),
                unread=flags,
                needs_reply=flags,
                is_pinned=flags,
                is_muted=flags,
                q=texts,
            ),
            st.sampled_from(["latest", "waiting"]),
        ),
        lambda row: row.id,
    ),
]


def a_hub(first: dict[str, Any], other: dict[str, Any]) -> Hub:
    hub = Hub(clock=lambda: NOW)
    hub.directory = a_directory(an_account("acc-a"), an_account("acc-b"))
    hub.store.update_account_data("acc-a", a_snapshot(**{"conversations": [], **first}), now=T0)
    hub.store.update_account_data("acc-b", a_snapshot(**{"conversations": [], **other}), now=T0)
    set_hub(hub)
    return hub


@pytest.fixture(autouse=True)
def no_hub_left() -> Iterator[None]:
    yield
    set_hub(None)


def walk(a_list: List, where: Any, count: int, between: Callable[[], None] = lambda: None) -> list[Any]:
    seen, cursor = [], None
    for _ in range(500):
        page = a_list.fetch(where, PageRequest(a_list.name, count, cursor))
        assert len(page.rows) <= count
        seen += [a_list.id_of(row) for _, row in page.rows]
        cursor = page.cursor
        if cursor is None:
            return seen
        assert not cursor.isdigit()
        between()
    raise AssertionError("the walk does not end")


def place_of(row: Any) -> tuple[Any, ...]:
    """The place of a row in the order that the API promises; the greatest comes first."""
    if isinstance(row, ConversationState):
        return row.pinned, *place_at(row.sort_time, row.id.removeprefix("conv_acc-a_"), row.id)
    if isinstance(row, InboxRow):
        named = row.id if row.kind == "notification" else re.sub("^(conv|comm)_acc-[ab]_", "", row.id)
        return row.is_pinned, *place_at(row.update_time, named, row.id)
    item = row.entry.item if isinstance(row, FeedRow) else row.item
    time = item.publish_time if isinstance(item, Content) else item.created_at
    return place_at(time, getattr(item, "order", None) or item.platform_id, item.id)


def found_time(row: InboxRow) -> int:
    """The time by which a search lists a row: of the newest item that holds the text, else its own."""
    if row.hit is None or row.hit.place is None:
        return -1 if row.update_time is None else row.update_time
    return -1 if row.hit.place[0] == LAST else -row.hit.place[0]


def place_at(time: int | None, platform: str, item_id: str) -> tuple[Any, ...]:
    return time is not None, time, len(platform), platform, item_id


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


CONVERSATIONS, MESSAGES, FEED, THREADS = (LISTS[number] for number in (0, 1, 5, 6))


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
