"""Pages of accounts that are out of memory are those of the same accounts in memory, and few of them are read."""

from __future__ import annotations

from itertools import islice
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.order import Key
from sync.core.account.view import View
from sync.core.change.changes import Action, Operated
from sync.core.heads.evicted_view import EvictedView, Read, evict
from sync.core.heads.stored_head import decode_head, encode_head
from sync.core.lists.filters import FeedFilter
from sync.core.lists.inbox import Sort, count_rows, list_rows
from sync.core.lists.pages import ListWindow, list_feed
from sync.core.lists.row_filter import RowFilter
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
        self.all: list[str] = []

    def evict(self, view: View) -> EvictedView:
        return evict(view, self.reader(view))

    def reader(self, view: View) -> Read:
        def read(head: EvictedView, *, keep: bool) -> View:
            self.of.add(view.account_id)
            self.all.append(view.account_id)
            head.body.view = view if keep else None
            return view

        return read


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


def accounts_out_of_memory(count: int) -> tuple[list[View], Reads]:
    _, out, reads = draw_accounts([([1, 2, 3, 4, 5, 6, 7], [(4, 3), (1, 4)], True) for _ in range(count)])
    return out, reads


@pytest.mark.parametrize(("q", "most_shown"), [("word 3", 2), ("nobody wrote that", 0)])
@pytest.mark.parametrize("sort", ["latest", "waiting"])
def test_a_search_reads_each_body_once_for_the_list_its_counts_and_its_next_page(
    q: str, most_shown: int, sort: Sort
) -> None:
    out, reads = accounts_out_of_memory(6)
    where = RowFilter(q=q)
    first = list_rows(out, where, sort, ListWindow(2))
    for view in out:
        count_rows(view, where)
    shown = {view.account_id for view, _ in first.rows}
    assert len(shown) <= most_shown
    assert sorted(reads.all) == sorted([*(view.account_id for view in out), *shown])
    kept = {view.account_id for view in out if view.is_resident}
    assert kept == shown, "a search puts out nobody's account but for those that it shows"
    reads.all.clear()
    list_rows(out, where, sort, ListWindow(1, first.next))
    assert len(reads.all) <= 1


@pytest.mark.parametrize("q", ["word 3", "nobody wrote that"])
def test_a_search_of_the_feed_reads_each_body_once_and_holds_none(q: str) -> None:
    out, reads = accounts_out_of_memory(6)
    found = list_feed(out, FeedFilter(q=q), ListWindow(50))
    assert sorted(reads.all) == sorted(view.account_id for view in out)
    assert not any(view.is_resident for view in out)
    assert bool(found.rows) == (q == "word 3")


def test_a_frequent_text_is_found_in_the_feed_before_all_accounts_are_read() -> None:
    out, reads = accounts_out_of_memory(6)
    assert len(list_feed(out, FeedFilter(q="word"), ListWindow(1)).rows) == 1
    assert 0 < len(reads.all) < 6


def test_a_further_page_of_a_searched_feed_reads_no_account_that_has_nothing_up_to_the_row_behind_it() -> None:
    views, out, reads = draw_accounts([([number], [], True) for number in range(1, 7)])
    where, keys = FeedFilter(q="word"), list[Key]()
    while (key := list_feed(views, where, ListWindow(1, keys[-1] if keys else None)).next) is not None:
        keys.append(key)
    assert len(keys) > 3
    for after, behind in zip(keys, keys[2:], strict=False):
        reads.of.clear()
        list_feed(out, where, ListWindow(1, after))
        assert reads.of <= {
            view.account_id for view in views if any(after < (*key, view.account_id) <= behind for key in view.feed)
        }


class Leaving(Exception):
    """Raised by the check of a client that leaves after so many bodies."""


@pytest.mark.parametrize(
    "look",
    [
        lambda out, window: list_rows(out, RowFilter(q="left by its client"), "latest", window),
        lambda out, window: list_feed(out, FeedFilter(q="left by its client"), window),
    ],
    ids=["rows", "feed"],
)
def test_a_search_of_accounts_out_of_memory_ends_with_its_client(look: Any) -> None:
    out, reads = accounts_out_of_memory(6)

    def check() -> None:
        if len(reads.all) == 2:
            raise Leaving

    with pytest.raises(Leaving):
        look(out, ListWindow(5, check=check))
    assert len(reads.all) == 2


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
        if name.endswith("order"):
            keys = list(view_order := getattr(view, name))
            assert list(fresh) == keys
            assert [list(fresh.after(key)) for key in keys] == [list(view_order.after(key)) for key in keys]
            assert [fresh.rank(key) for key in keys] == list(range(len(keys)))
            assert (fresh.first(), fresh.last(), len(fresh)) == (view_order.first(), view_order.last(), len(keys))
            assert all(key in fresh for key in keys)
            assert list(fresh.skip(5)) == keys[5:]


@settings(max_examples=15, deadline=None)
@given(NUMBERS, ACTIONS)
def test_the_feed_of_a_head_goes_on_behind_any_key(numbers: list[int], deeds: list[tuple[int, int]]) -> None:
    view, reads = an_account_called("a", numbers, deeds), Reads()
    stored = decode_head(encode_head(view, b"code"), a_view("a"), b"code", reads.reader(view), version=1, seq=1)
    every = list(view.feed)
    beginnings = [key[:length] for key in every for length in range(1, 5)]
    for head in (reads.evict(view), stored):
        assert head is not None
        assert list(islice(head.feed, 4)) == every[:4]
        places = [head.feed.first_place(key) for key in (None, *beginnings)]
        assert not reads.of, "the first keys are at hand"
        firsts = [view.feed.first(), *(next(view.feed.after(key), None) for key in beginnings)]
        for place, first, key in zip(places, firsts, (None, *beginnings), strict=True):
            assert place in (first, key)
            assert first is None or (place is not None and place <= first)
        assert [list(head.feed.after(key)) for key in beginnings] == [list(view.feed.after(key)) for key in beginnings]
        assert (list(head.feed), len(head.feed), head.feed.first()) == (every, len(every), view.feed.first())
        assert all(key in head.feed for key in every)
        assert not any((*key[:3], "contents") in head.feed for key in every)
        reads.of.clear()


def test_a_change_of_a_head_alone_is_refused() -> None:
    head = Reads().evict(an_account_called("a", [1], []))
    with pytest.raises(AttributeError):  # a view without its body is never taken for a whole one
        msgspec.structs.replace(head, version=7)
