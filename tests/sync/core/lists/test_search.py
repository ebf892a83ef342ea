"""What a person searches for is found in the row that says it, newest first, and the row shows where."""

from __future__ import annotations

import gc
from typing import Any, get_args
from unicodedata import normalize
from weakref import ref

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.core import pace
from sync.core.account.inbox_rows import InboxRow, RowKind, SearchHit, make_row, words_of_notice
from sync.core.account.view import View
from sync.core.change.changes import Operated
from sync.core.folded_texts import BLOCK
from sync.core.lists import search as search_module
from sync.core.lists.filters import CommentFilter, FeedFilter, MessageFilter
from sync.core.lists.inbox import count_rows, list_rows
from sync.core.lists.needle import Needle
from sync.core.lists.pages import ListWindow, list_comments, list_feed, list_messages
from sync.core.lists.row_filter import RowFilter
from sync.core.lists.search import find_rows
from sync.core.lists.works import WorkFilter, WorkIndex, list_works
from sync.protocol.text import fold
from tests.sync.builders import (
    MINUTE,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_work,
    an_account,
)

TEXTS = st.text(st.sampled_from("尺码，,ABabＡａ①1éeßﬁ㎏각\u1100\u1161\u200b\u0301😀 "), max_size=12)


@settings(deadline=None)  # whoever asks first makes the table of characters that fold
@given(q=TEXTS, text=TEXTS)
@example(q="e", text="e\u0301")
@example(q="kg", text="5㎏")
@example(q="", text="")
def test_a_text_is_found_exactly_where_both_folded_contain_each_other(q: str, text: str) -> None:
    needle = Needle(q)
    assert needle.is_in(text) == (fold(q) in fold(text))
    found = needle.find(text)
    assert (found is not None) == needle.is_in(text)
    if found is not None:
        assert "".join(found) == text
        assert fold(q) in fold(found.hit)


@pytest.mark.parametrize(
    ("q", "text", "hit"),
    [
        ("尺码", "有大的尺码吗", "尺码"),
        ("xl", "要ＸＬ的", "ＸＬ"),
        ("kg", "重5㎏吗", "㎏"),
        ("É", normalize("NFD", "café"), "e\u0301"),
    ],
)
def test_the_hit_is_marked_as_it_was_written(q: str, text: str, hit: str) -> None:
    found = Needle(q).find(text)
    assert found is not None
    assert found.hit == hit


def search(account: Account, q: str) -> list[InboxRow]:
    return [row for _, row in list_rows([account.view], RowFilter(q=q), "latest", ListWindow(50)).rows]


def a_shop() -> Account:
    account = an_account()
    account.sync(
        at=START + 10 * MINUTE,
        conversations=[
            a_conversation("1", user_id="u1", user_name="小鱼儿"),
            a_conversation("2", user_id="u2", user_name="林间"),
        ],
        messages=[
            a_message("m1", "1", created_at=START + MINUTE, content="还有尺码 XL 吗"),
            a_message("m2", "1", created_at=START + 2 * MINUTE, content="尺码表在哪"),
            a_message("m3", "1", created_at=START + 9 * MINUTE, content="谢谢"),
            a_message("m4", "2", created_at=START + 5 * MINUTE, content="尺码偏大", direction="outbound"),
        ],
        contents=[a_work("9", title="秋天的尺码指南")],
        comments=[a_comment("k1", "9", created_at=START + 3 * MINUTE, content="好看", author_name="阿花")],
        notifications=[a_notice("n1", created_at=START + 4 * MINUTE, content="赞了你的尺码指南")],
    )
    return account


def test_rows_come_by_their_newest_hit_and_show_it() -> None:
    found = search(a_shop(), "尺码")
    assert [(row.kind, row.hit.text if row.hit else None) for row in found] == [
        ("direct_message", "尺码偏大"),
        ("notification", None),
        ("comment", None),
        ("direct_message", "尺码表在哪"),
    ]
    assert [row.hit.is_own for row in found if row.hit is not None] == [True, False, False, False]


def test_a_name_is_found_with_its_last_words() -> None:
    (row,) = search(a_shop(), "小鱼")
    assert row.hit is not None
    assert row.hit.text is None
    assert row.preview is not None
    assert row.preview.text == "谢谢"


def test_what_was_taken_back_is_found_by_an_older_hit_or_not_at_all() -> None:
    account = a_shop()
    account.upsert(
        messages=[a_message("m2", "1", created_at=START + 2 * MINUTE, content="尺码表在哪", is_recalled=True)]
    )
    assert [row.hit.text for row in search(account, "尺码") if row.hit is not None and row.hit.text] == [
        "尺码偏大",
        "还有尺码 XL 吗",
    ]
    assert search(account, "表在哪") == []


def test_other_filters_hold_in_a_search_too() -> None:
    view = a_shop().view
    where = RowFilter(q="尺码", kinds=frozenset({"comment"}))
    assert [row.kind for _, row in list_rows([view], where, "waiting", ListWindow(50)).rows] == ["comment"]


def test_the_walk_of_pages_is_the_whole_search() -> None:
    view = a_shop().view
    walked, after = [], None
    for _ in range(5):
        page = list_rows([view], RowFilter(q="尺码"), "latest", ListWindow(1, after))
        walked += [row.id for _, row in page.rows]
        after = page.next
        if after is None:
            break
    assert walked == [row.id for _, row in list_rows([view], RowFilter(q="尺码"), "latest", ListWindow(50)).rows]
    assert len(walked) == 4


class Left(Exception):
    """Nobody waits for the answer any more."""


class Client:
    """Leaves when it was asked about for the `leaves`-th time. `asked`: how often it was."""

    def __init__(self, leaves: int) -> None:
        self.asked = 0
        self._leaves = leaves

    def check(self) -> None:
        self.asked += 1
        if self.asked >= self._leaves:
            raise Left


def a_crowd(count: int) -> Account:
    account = an_account()
    account.sync(
        conversations=[a_conversation("1", user_id="u1", user_name="小鱼儿")],
        messages=[a_message(f"m{n}", "1", created_at=START + n, content=f"第{n}句") for n in range(count)],
        contents=[a_work("9", title="秋天")],
        comments=[a_comment(f"k{n}", "9", created_at=START + n, content="好看") for n in range(count)],
        notifications=[a_notice(f"n{n}", created_at=START + n, content="赞了") for n in range(count)],
    )
    return account


FEW = 2 * BLOCK
CROWD = 3 * FEW + 10


@pytest.fixture(scope="module")
def crowd() -> View:
    return a_crowd(CROWD).view


@pytest.fixture
def few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were asked after fewer items, so that the crowd may be small."""
    monkeypatch.setattr(pace, "LOOKS", FEW)


def test_it_is_asked_after_some_thousand_items_at_most() -> None:
    patient = Client(leaves=1_000)
    assert len(list(pace.Pace(patient.check).over(range(20_000)))) == 20_000
    assert patient.asked >= 5


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("kind", get_args(RowKind))
def test_a_search_asks_every_so_many_items_whether_to_go_on(crowd: View, kind: RowKind) -> None:
    patient = Client(leaves=1_000)
    assert find_rows(crowd, kind, f"没有 {kind}", patient.check) == {}
    assert patient.asked == CROWD // FEW


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("kind", get_args(RowKind))
def test_a_search_ends_where_its_client_leaves_and_is_made_anew_for_the_next_one(crowd: View, kind: RowKind) -> None:
    leaving = Client(leaves=2)
    with pytest.raises(Left):
        find_rows(crowd, kind, "好看", leaving.check)
    assert leaving.asked == 2  # of the third part none was looked at
    assert len(find_rows(crowd, kind, "好看")) == (CROWD if kind == "comment" else 0)


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize(
    "read",
    [
        lambda view, window: list_messages(view, MessageFilter(q="没有"), window),
        lambda view, window: list_comments(view, CommentFilter(q="没有"), window),
        lambda view, window: list_feed([view], FeedFilter(q="没有"), window),
        lambda view, window: list_works([WorkIndex(view)], WorkFilter(q="没有"), "recent", window),
        lambda view, window: list_rows([view], RowFilter(q="没有 "), "latest", window),
        lambda view, _window: count_rows(view, RowFilter(q="没有  "), _window.check),
    ],
)
def test_every_list_that_is_searched_ends_with_its_client(crowd: View, read: Any) -> None:
    leaving = Client(leaves=2)
    with pytest.raises(Left):
        read(crowd, ListWindow(10, check=leaving.check))
    assert leaving.asked == 2


def test_only_the_newest_hit_of_a_conversation_is_looked_at_closer(
    crowd: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[SearchHit] = []

    def make(*args: Any, **more: Any) -> SearchHit:
        made.append(SearchHit(*args, **more))
        return made[-1]

    monkeypatch.setattr(search_module, "SearchHit", make)
    ((hit, _),) = find_rows(crowd, "direct_message", "句").values()
    assert hit.text == f"第{CROWD - 1}句"
    assert made == [hit]


def test_a_remembered_search_keeps_no_old_version_alive() -> None:
    account = a_shop()
    assert len(search(account, "尺码")) == 4
    before = ref(account.view)
    account.upsert(messages=[a_message("m9", "1", created_at=START + 9 * MINUTE, content="尺码合适")])
    gc.collect()
    assert before() is None
    assert next(row.hit.text for row in search(account, "尺码") if row.hit is not None) == "尺码合适"


def test_a_notice_says_no_word_of_a_comment_that_was_deleted_here() -> None:
    account = an_account()
    comment = a_comment("1", "9", content="多少钱")
    notice = a_notice("n1", type="comment", title="评论了你", content="多少钱", related_comment_id=comment.id)
    account.sync(comments=[comment], notifications=[notice])
    (group,) = account.view.notice_groups
    assert words_of_notice(account.view, notice) == ("评论了你", "多少钱")
    assert set(find_rows(account.view, "notification", "多少")) == {group}
    account.apply(Operated(action="delete", collection="comments", ids=(comment.id,), by="mei"))
    assert words_of_notice(account.view, notice) == (None, None)
    assert not find_rows(account.view, "notification", "多少")
    assert list_feed([account.view], FeedFilter(q="多少"), ListWindow(limit=9)).rows == []
    row = make_row(account.view, "notification", group)
    assert row is not None
    assert row.preview is not None
    assert row.preview.text is None
