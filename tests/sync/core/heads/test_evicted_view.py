"""Pages of accounts that are out of memory are those of the same accounts in memory, and few of them are read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.order import Key
from sync.core.account.view import View
from sync.core.change.changes import Action, Operated
from sync.core.heads.evicted_view import EvictedView, evict
from sync.core.lists.filters import FeedFilter
from sync.core.lists.inbox import RowFilter, Sort, count_rows, list_rows
from sync.core.lists.pages import ListWindow, list_feed
from sync.protocol.items import Collection
from tests.sync.builders import (
    MINUTE,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_view,
    a_work,
)

FLAGS = st.sampled_from([None, None, True, False])
ROW_FILTERS = st.builds(
    RowFilter,
    kinds=st.sampled_from([None, frozenset({"direct_message"}), frozenset({"comment", "notification"})]),
    unread=FLAGS,
    needs_reply=FLAGS,
    is_pinned=FLAGS,
    is_muted=FLAGS,
    q=st.sampled_from([None, None, None, "person 1", "word 3"]),
    by_name=st.booleans(),
    new_people=st.booleans(),
    strangers=st.sampled_from([False, False, True]),
)
FEED_FILTERS = st.builds(
    FeedFilter,
    kinds=st.sampled_from([None, None, frozenset({"comment", "direct_message"})]),
    is_new=FLAGS,
    is_read=FLAGS,
    is_muted=FLAGS,
    since=st.sampled_from([None, None, START + 20 * MINUTE]),
    q=st.sampled_from([None, None, "word 3"]),
)
DEEDS: list[tuple[Action, Collection, str]] = [
    ("pin", "conversations", "conv"),
    ("mute", "conversations", "conv"),
    ("read", "conversations", "conv"),
    ("done", "conversations", "conv"),
    ("delete", "conversations", "conv"),
    ("read", "comments", "comm"),
    ("read", "notifications", "notif"),
]


def an_account_called(name: str, numbers: list[int], deeds: list[tuple[int, int]]) -> View:
    account = Account(a_view(name))
    account.sync(messages=[], at=START)
    account.sync(
        at=START + 90 * MINUTE,
        conversations=[a_conversation(str(n), id=f"conv_{name}_{n}", user_name=f"person {n}") for n in numbers[::2]],
        messages=[
            a_message(
                f"{n}-{at}",
                str(n),
                id=f"msg_{name}_{n}_{at}",
                content=f"word {n}?",
                direction="outbound" if (n + at) % 3 == 0 else "inbound",
                created_at=START + (n % 7 + at) * 9 * MINUTE,
            )
            for n in numbers
            for at in range(n % 3)
        ],
        contents=[a_work("9", id=f"cont_{name}_9")],
        comments=[
            a_comment(str(n), id=f"comm_{name}_{n}", content=f"word {n}？", created_at=START + n % 6 * 10 * MINUTE)
            for n in numbers
        ],
        notifications=[
            a_notice(str(n), id=f"notif_{name}_{n}", type=("like", "system")[n % 2], created_at=START + n * MINUTE)
            for n in numbers
        ],
    )
    for deed, number in deeds:
        action, collection, prefix = DEEDS[deed]
        account.apply(Operated(action=action, collection=collection, ids=(f"{prefix}_{name}_{number}",), by="op"))
    return account.view


NUMBERS = st.lists(st.integers(0, 12), unique=True, max_size=12)
ACTIONS = st.lists(st.tuples(st.integers(0, len(DEEDS) - 1), st.integers(0, 12)), max_size=6)
ACCOUNTS = st.lists(st.tuples(NUMBERS, ACTIONS, st.booleans()), min_size=1, max_size=4)


class Reads:
    """Heads of views, and which of them were read."""

    def __init__(self) -> None:
        self.of: set[str] = set()

    def evict(self, view: View) -> EvictedView:
        def read(head: EvictedView, *, keep: bool) -> View:
            self.of.add(view.account_id)
            head.body.view = view if keep else None
            return view

        return evict(view, read)


def draw_accounts(accounts: list[Any]) -> tuple[list[View], list[View], Reads]:
    views = [an_account_called(f"a{at}", numbers, deeds) for at, (numbers, deeds, _) in enumerate(accounts)]
    reads = Reads()
    out = [reads.evict(view) if is_out else view for view, (*_, is_out) in zip(views, accounts, strict=True)]
    return views, out, reads


@settings(max_examples=25, deadline=None)
@given(ACCOUNTS, ROW_FILTERS, st.sampled_from(["latest", "waiting"]), st.integers(1, 5))
def test_every_page_of_inbox_rows_is_the_same(accounts: Any, where: RowFilter, sort: Sort, limit: int) -> None:
    views, _, _ = draw_accounts(accounts)
    after: Key | None = None
    for _page in range(4):
        _, out, _ = draw_accounts(accounts)
        window = ListWindow(limit, after)
        expected, found = list_rows(views, where, sort, window), list_rows(out, where, sort, window)
        assert [row for _, row in found.rows] == [row for _, row in expected.rows]
        assert found.next == expected.next
        if (after := expected.next) is None:
            break
    assert [count_rows(view, where) for view in out] == [count_rows(view, where) for view in views]


@settings(max_examples=15, deadline=None)
@given(ACCOUNTS, FEED_FILTERS, st.integers(1, 5))
def test_every_page_of_the_feed_is_the_same(accounts: Any, where: FeedFilter, limit: int) -> None:
    views, _, _ = draw_accounts(accounts)
    after: Key | None = None
    for _page in range(4):
        _, out, _ = draw_accounts(accounts)
        expected, found = (list_feed(of, where, ListWindow(limit, after)) for of in (views, out))
        assert [row.entry for row in found.rows] == [row.entry for row in expected.rows]
        assert found.next == expected.next
        if (after := expected.next) is None:
            break


@settings(max_examples=15, deadline=None)
@given(ACCOUNTS, st.sampled_from(["latest", "waiting"]), st.integers(1, 5))
def test_a_page_reads_the_accounts_of_its_rows_and_no_others(accounts: Any, sort: Sort, limit: int) -> None:
    _, out, reads = draw_accounts(accounts)
    found = list_rows(out, RowFilter(), sort, ListWindow(limit))
    shown = {view.account_id for view, _ in found.rows}
    assert reads.of <= shown
    _, out, reads = draw_accounts(accounts)
    list_rows(out, RowFilter(needs_reply=True), sort, ListWindow(limit))
    assert reads.of <= {view.account_id for view in out if view.waiting_order}


@settings(max_examples=15, deadline=None)
@given(NUMBERS, ACTIONS)
def test_a_head_answers_everything_that_the_view_does(numbers: list[int], deeds: list[tuple[int, int]]) -> None:
    view = an_account_called("a", numbers, deeds)
    head = Reads().evict(view)
    assert head == view
    assert all(head.may_know(item_id) for item_id in (*view.messages, *view.conversation_states, *view.comments))
    assert head.has_unread == view.has_unread
    for name in View.__struct_fields__:
        assert getattr(head, name) == getattr(view, name)
        fresh = getattr(Reads().evict(view), name)
        if name.endswith("order") or name == "feed":
            keys = list(view_order := getattr(view, name))
            assert list(fresh) == keys
            assert [list(fresh.after(key)) for key in keys] == [list(view_order.after(key)) for key in keys]
            assert [fresh.rank(key) for key in keys] == list(range(len(keys)))
            assert (fresh.first(), fresh.last(), len(fresh)) == (view_order.first(), view_order.last(), len(keys))
            assert all(key in fresh for key in keys)
            assert list(fresh.skip(5)) == keys[5:]


def test_a_change_of_a_head_alone_is_refused() -> None:
    head = Reads().evict(an_account_called("a", [1], []))
    with pytest.raises(AttributeError):  # a view without its body is never taken for a whole one
        msgspec.structs.replace(head, version=7)
