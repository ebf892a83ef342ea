"""Walking the pages gives every item that was there at the start exactly once, whatever comes in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.view import View
from sync.core.change.changes import Sync
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.core.lists.pages import (
    ListPage,
    ListWindow,
    list_comments,
    list_contents,
    list_conversations,
    list_feed,
    list_messages,
    list_notifications,
)
from tests.sync.builders import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_view,
    a_work,
    an_account,
)

TIMES = [None, START - 9 * DAY, START - HOUR, START, START + MINUTE, START + MINUTE, START + HOUR]
Items = dict[str, list[Any]]


def a_full_account() -> Account:
    """Each combination of what filters look at, with many equal times."""
    account = an_account()
    numbers = range(56)
    account.sync(
        conversations=[a_conversation(str(n), is_pinned=n % 3 == 0, user_name="甲乙"[n % 2]) for n in range(8)],
        messages=[
            a_message(
                str(n),
                str(n % 9),
                created_at=TIMES[n % 7],
                direction=("inbound", "outbound")[n % 2],
                is_recalled=n % 11 == 0,
                content="你好，在吗" if n % 3 else "Hello",
                sender_id=f"u{n % 4}",
            )
            for n in numbers
        ],
        contents=[a_work(str(n), title=f"标题{n % 3}", type=("video", "image")[n % 2]) for n in range(30)],
        comments=[
            a_comment(
                str(n),
                str(n % 4),
                created_at=TIMES[n % 7],
                parent_comment_id=str(n // 5) if n % 5 else None,
                is_author_reply=n % 6 == 0,
                content="多少钱呀" if n % 2 else None,
            )
            for n in numbers
        ],
        notifications=[
            a_notice(str(n), created_at=TIMES[n % 7], type=("like", "follow")[n % 2], is_read=n % 5 == 0)
            for n in numbers
        ],
    )
    return account


Walk = tuple[Callable[..., ListPage[Any]], Any]


def in_feed(view: View, where: FeedFilter, window: ListWindow) -> ListPage[Any]:
    page = list_feed([view], where, window)
    return ListPage([row.entry for row in page.rows], page.next)


def of_all(walk: Callable[..., ListPage[Any]], kind: Callable[..., Any], wheres: list[dict[str, Any]]) -> list[Walk]:
    return [(walk, kind(**where)) for where in wheres]


WALKS: list[Walk] = [
    *of_all(list_messages, MessageFilter, [
        {}, {"conversation_id": "conv_acc_3"}, {"direction": "inbound"}, {"is_read": False}, {"is_read": True},
        {"is_recalled": True}, {"is_deleted": True}, {"sender_id": "u1"}, {"since": START}, {"until": START},
        {"since": START - HOUR, "until": START + HOUR}, {"q": "在吗"}, {"q": "HELLO"}, {"conversation_id": "no"},
        {"conversation_id": "conv_acc_3", "until": START + MINUTE}, {"type": "image"}, {"status": "sent"},
    ]),
    *of_all(list_contents, ContentFilter, [{}, {"type": "video"}, {"is_new": True}, {"q": "题1"}]),
    *of_all(list_comments, CommentFilter, [
        {}, {"content_id": "cont_acc_1"}, {"parent_comment_id": "comm_acc_1"}, {"is_read": False}, {"is_new": False},
        {"q": "多少"}, {"content_id": "cont_acc_1", "is_new": True}, {"q": "标题1"},
    ]),
    *of_all(list_notifications, NotificationFilter, [{}, {"type": "like"}, {"is_read": True}]),
    *of_all(in_feed, FeedFilter, [
        {}, {"kinds": frozenset({"comment"})}, {"kinds": frozenset({"discussion", "notification"})}, {"is_new": True},
        {"is_read": True}, {"is_pinned": True}, {"is_muted": True}, {"since": START}, {"q": "你好"},
    ]),
]  # fmt: skip
LARGE = ListWindow(limit=10_000)
NUMBERS = [f"{list_.__name__}-{number}" for number, (list_, _) in enumerate(WALKS)]


@pytest.mark.parametrize(("list_", "where"), WALKS, ids=NUMBERS)
def test_the_walk_of_pages_is_the_set_while_new_items_come(list_: Callable[..., ListPage[Any]], where: Any) -> None:
    account = a_full_account()
    start = [entry.item.id for entry in list_(account.view, where, LARGE).rows]
    walked: list[str] = []
    key, number = None, 0
    while True:
        page = list_(account.view, where, ListWindow(limit=3, after=key))
        walked += [entry.item.id for entry in page.rows]
        if page.next is None:
            break
        assert len(page.rows) == 3
        key, number = page.next, number + 1
        account.upsert(
            messages=[a_message(f"new{number}", "3", created_at=TIMES[number % 7])],
            comments=[a_comment(f"new{number}", "1", created_at=TIMES[number % 7])],
            notifications=[a_notice(f"new{number}", created_at=TIMES[number % 7])],
            contents=[a_work(f"new{number}", publish_time=TIMES[number % 7])],
        )
    assert len(walked) == len(set(walked))
    assert [item_id for item_id in walked if "new" not in item_id] == start


@pytest.mark.parametrize(("list_", "where"), WALKS, ids=NUMBERS)
def test_an_offset_passes_over_that_many_rows_of_the_same_list(list_: Callable[..., ListPage[Any]], where: Any) -> None:
    view = a_full_account().view
    rows = list_(view, where, LARGE).rows
    for skip in (0, 1, len(rows) - 1, len(rows), len(rows) + 5):
        page = list_(view, where, ListWindow(limit=4, skip=max(skip, 0)))
        assert page.rows == rows[max(skip, 0) :][:4]
        assert (page.next is not None) == (max(skip, 0) + 4 < len(rows))


def test_filters_are_not_empty_here() -> None:
    view = a_full_account().view
    empty = [where for list_, where in WALKS if not list_(view, where, LARGE).rows]
    assert empty == [
        MessageFilter(is_deleted=True),
        MessageFilter(conversation_id="no"),
        MessageFilter(type="image"),
        MessageFilter(status="sent"),
        FeedFilter(is_muted=True),
    ]


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        (MessageFilter(since=START), lambda m: m.created_at is not None and m.created_at >= START),
        (MessageFilter(until=START), lambda m: m.created_at is not None and m.created_at < START),
        (MessageFilter(q="hello"), lambda m: m.content == "Hello" and not m.is_recalled),
        (MessageFilter(direction="outbound"), lambda m: m.direction == "outbound"),
        (MessageFilter(conversation_id="conv_acc_8"), lambda m: m.conversation_id == "conv_acc_8"),
    ],
)
def test_a_filter_chooses_what_it_says(where: MessageFilter, chosen: Callable[[Any], bool]) -> None:
    view = a_full_account().view
    rows = [entry.item for entry in list_messages(view, where, LARGE).rows]
    expected = [entry.item for entry in view.messages.values() if chosen(entry.item)]
    assert sorted(row.id for row in rows) == sorted(item.id for item in expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.sampled_from([{}, {"is_pinned": True}, {"unread": True}, {"q": "甲"}]))
def test_conversations_are_walked_in_their_order(limit: int, where: dict[str, Any]) -> None:
    view = a_full_account().view
    chosen = ConversationFilter(**where)
    whole = list_conversations(view, chosen, LARGE).rows
    assert [thread.sort_key for thread in whole] == sorted(thread.sort_key for thread in whole)
    walked: list[Any] = []
    key = None
    while True:
        page = list_conversations(view, chosen, ListWindow(limit=limit, after=key))
        walked += page.rows
        key = page.next
        if key is None:
            break
    assert walked == whole != []


def test_the_feed_of_several_accounts_is_one_order_also_of_equal_ids() -> None:
    views = []
    for name in ("b", "a", "c"):
        same = [a_message("1", id="same"), a_message("2", id=f"own{name}", created_at=START + HOUR)]
        account = Account(a_view(name))
        account.apply(Sync(items={"messages": list(same), "notifications": [a_notice("1", id="same")]}))
        views.append(account.view)
    whole = [
        (row.view.account_id, row.entry.item.id, row.collection) for row in list_feed(views, FeedFilter(), LARGE).rows
    ]
    assert whole[:3] == [("c", "ownc", "messages"), ("b", "ownb", "messages"), ("a", "owna", "messages")]
    assert [row[0] for row in whole[3:]] == ["a", "b", "c", "a", "b", "c"]
    for limit in (1, 2, 4):
        walked, key = [], None
        while True:
            page = list_feed(views, FeedFilter(), ListWindow(limit=limit, after=key))
            walked += [(row.view.account_id, row.entry.item.id, row.collection) for row in page.rows]
            key = page.next
            if key is None:
                break
        assert walked == whole


def test_a_list_by_time_stops_at_the_first_row_that_is_too_old() -> None:
    account = an_account()
    account.apply(Sync(items={"messages": [a_message(str(n), created_at=START + n) for n in range(5_000)]}))
    looked: list[str] = []

    class Counting(MessageFilter, frozen=True, kw_only=True):
        def matches(self, view: View, entry: Any) -> bool:
            looked.append(entry.item.id)
            return super().matches(view, entry)

    assert len(list_messages(account.view, Counting(since=START + 4_990), LARGE).rows) == 10
    assert len(list_messages(account.view, Counting(until=START + 10), ListWindow(limit=5)).rows) == 5
    assert len(looked) < 20
