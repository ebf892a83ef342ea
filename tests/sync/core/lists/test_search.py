"""What a person searches for is found in the row that says it, newest first, and the row shows where."""

from __future__ import annotations

import gc
from unicodedata import normalize
from weakref import ref

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.core.account.inbox_rows import InboxRow
from sync.core.lists.inbox import RowFilter, list_rows
from sync.core.lists.needle import Needle
from sync.core.lists.pages import ListWindow
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


def test_a_remembered_search_keeps_no_old_version_alive() -> None:
    account = a_shop()
    assert len(search(account, "尺码")) == 4
    before = ref(account.view)
    account.upsert(messages=[a_message("m9", "1", created_at=START + 9 * MINUTE, content="尺码合适")])
    gc.collect()
    assert before() is None
    assert next(row.hit.text for row in search(account, "尺码") if row.hit is not None) == "尺码合适"
