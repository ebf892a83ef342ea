"""A text is found in the lists of items exactly where a look at each item would find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.account.entries import Entry
from sync.core.account.view import View, work_title
from sync.core.change.changes import Operated
from sync.core.lists import found_items
from sync.core.lists.filters import CommentFilter, FeedFilter, MessageFilter, words_of
from sync.core.lists.found_items import FoundItems
from sync.core.lists.pages import ListPage, ListWindow, list_comments, list_feed, list_messages
from sync.core.pace import Pace, go_on
from sync.protocol.text import fold
from tests.sync.builders import MINUTE, START, a_comment, a_conversation, a_message, a_work, an_account

TEXTS = st.text(st.sampled_from("尺码，Ab Ａéeß\u0301😀\n"), max_size=6)
NAMES = st.sampled_from(["尺码", "Ann", "ＡＮＮ", "e\u0301", None])
TITLES = st.sampled_from(["尺码 Ann", "Ａ", None])
SAID = st.tuples(st.integers(0, 2), TEXTS | st.none(), NAMES, st.booleans())


@settings(deadline=None)
@given(q=TEXTS, rounds=st.lists(st.lists(SAID, max_size=12), min_size=1, max_size=2), data=st.data())
def test_lists_of_items_find_exactly_what_a_look_at_each_would_find(
    q: str, rounds: list[list[tuple[int, str | None, str | None, bool]]], data: st.DataObject
) -> None:
    """Whatever the batches, the pages and the filters are, and once more when words, names and titles have changed."""
    account = an_account()
    for said in rounds:
        account.sync(
            conversations=[a_conversation(str(number)) for number in range(3)],
            messages=[
                a_message(
                    f"m{n}", str(talk), content=text, sender_name=name, is_recalled=gone, created_at=START + n * MINUTE
                )
                for n, (talk, text, name, gone) in enumerate(said)
            ],
            contents=[a_work("0", title=data.draw(TITLES)), a_work("1", title=None)],
            comments=[
                a_comment(f"k{n}", str(talk), content_title="ann", content=text, author_name=name)
                for n, (talk, text, name, _) in enumerate(said)
            ],
        )
        deletes: bool = data.draw(st.booleans())
        if said and deletes:
            account.apply(Operated(action="delete", collection="messages", ids=("msg_acc_m0",), by="mei"))
            account.apply(Operated(action="delete", collection="comments", ids=("comm_acc_k0",), by="mei"))
        assert_found(account.view, q, data)


def assert_found(view: View, q: str, data: st.DataObject) -> None:
    limit, batch = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 5))
    talk = data.draw(st.sampled_from([None, *view.conversation_states]))
    since = data.draw(st.none() | st.integers(0, 12))
    messages = MessageFilter(q=q, conversation_id=talk, since=since and START + since * MINUTE)
    work = data.draw(st.sampled_from([None, *view.contents]))
    is_read: bool = data.draw(st.booleans())
    comments = CommentFilter(q=q, is_read=is_read, content_id=work)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found_items, "BATCH", batch)
        patch.setattr(found_items, "NEAR", data.draw(st.integers(0, 12)))
        patch.setattr(found_items, "MANY", data.draw(st.integers(0, 3)))
        found = walk(lambda window: list_messages(view, messages, window), limit)
        commented = walk(lambda window: list_comments(view, comments, window), limit)
        fed = [row.entry.item.id for row in list_feed([view], FeedFilter(q=q), ListWindow(99)).rows]
        every_comment = sorted(FoundItems(view, q, Pace(go_on)).all_of("comments"))
    every = list_messages(view, replace(messages, q=None), ListWindow(99)).rows
    assert found == [one.item.id for one in every if is_in_message(view, q, one)]
    shown = list_comments(view, replace(comments, q=None), ListWindow(99)).rows
    assert commented == [one.item.id for one in shown if is_in_comment(view, q, one)]
    rows = list_feed([view], FeedFilter(), ListWindow(99)).rows
    tell = {"messages": is_in_message, "comments": is_in_comment}
    assert fed == [row.entry.item.id for row in rows if tell[row.collection](view, q, row.entry)]
    listed = list_comments(view, CommentFilter(), ListWindow(99)).rows
    assert every_comment == sorted(one.item.id for one in listed if is_in_comment(view, q, one))


def is_in_message(view: View, q: str, entry: Entry[Any]) -> bool:
    return holds(q, words_of(view, entry), entry.item.sender_name)


def is_in_comment(view: View, q: str, entry: Entry[Any]) -> bool:
    return holds(q, entry.item.content, entry.item.author_name, work_title(view, entry.item))


def holds(q: str, *texts: str | None) -> bool:
    return any(text is not None and fold(q) in fold(text) for text in texts)


def walk(list_page: Callable[[ListWindow], ListPage[Any]], limit: int) -> list[str]:
    ids, page = list[str](), list_page(ListWindow(limit))
    while True:
        ids += [entry.item.id for entry in page.rows]
        if page.next is None:
            return ids
        page = list_page(ListWindow(limit, after=page.next))
