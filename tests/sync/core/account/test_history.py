"""The one order of items: the time, the platform's own order, the id."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.history import item_key, reversed_key
from sync.core.account.marks import HIGHEST_ID, NOTHING, ReadMarker
from sync.core.account.order import Order
from tests.sync.builders import START, a_comment, a_message, an_account

NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=4)
MESSAGES = st.builds(
    lambda name, item_id, time, order: a_message(name, id=item_id, created_at=time, order=order),
    st.one_of(NAMES, st.sampled_from(["9", "10", "a", "ab"])),
    st.one_of(NAMES, st.sampled_from(["v1", "v10", "v"])),
    st.sampled_from([None, START, START + 1]),
    st.sampled_from([None, None, "9", "10"]),
)


def place_of(item: Any) -> tuple[Any, ...]:
    """The rule as it is written down; greater is later."""
    order = item.order or item.platform_id
    return item.created_at is not None, item.created_at or 0, len(order), order, item.id


@settings(max_examples=300, deadline=None)
@given(st.lists(MESSAGES, min_size=2, max_size=8))
def test_keys_stand_as_the_rule_says_from_the_latest_and_from_the_earliest(items: list[Any]) -> None:
    latest_first = sorted(items, key=place_of, reverse=True)
    assert [key[-1] for key in sorted(map(item_key, items))] == [item.id for item in latest_first]
    assert [key[-1] for key in sorted(map(reversed_key, items))] == [item.id for item in latest_first[::-1]]


@settings(max_examples=200, deadline=None)
@given(MESSAGES, MESSAGES)
def test_a_marker_covers_its_item_and_what_is_earlier(last: Any, other: Any) -> None:
    marker = ReadMarker(1, last.created_at, last.id, order=last.order or last.platform_id)
    assert (item_key(other) < marker.key) == (place_of(other) > place_of(last))


@pytest.mark.parametrize("item_id", ["msg_acc_5", HIGHEST_ID])
def test_a_marker_without_an_order_covers_all_of_its_time(item_id: str) -> None:
    """Stored before items had an order, or where the platform names a last message that nobody crawled."""
    marker = ReadMarker(1, START, item_id)
    assert not item_key(a_message("9" * 20, created_at=START)) < marker.key
    assert item_key(a_message("1", created_at=START + 1)) < marker.key
    assert item_key(a_message("1", created_at=None)) < NOTHING.key


def test_a_count_of_what_is_later_costs_no_look_at_each() -> None:
    items = [a_message(str(n), created_at=START + n // 3) for n in range(3_000)]
    order = Order.of(map(item_key, items))
    for item in items[::97]:
        assert order.rank(item_key(item)) == sum(place_of(other) > place_of(item) for other in items)


# -- what people see of it


def test_a_question_and_our_answer_of_one_moment_are_answered_and_the_other_way_round_wait() -> None:
    question, answer = a_message("9"), a_message("10", direction="outbound")
    account = an_account()
    account.upsert(messages=[question, answer])
    assert (account.thread().needs_reply, account.thread().last_id) == (False, "msg_acc_10")
    account.upsert(messages=[a_message("11")])
    assert (account.thread().needs_reply, account.thread().last_id) == (True, "msg_acc_11")


def test_the_platforms_own_order_goes_before_the_id() -> None:
    account = an_account()
    account.upsert(messages=[a_message("2", order="7"), a_message("1", order="12", direction="outbound")])
    assert [key[-1] for key in account.thread().order] == ["msg_acc_1", "msg_acc_2"]
    assert (account.thread().needs_reply, account.thread().last_id) == (False, "msg_acc_1")


def test_a_comment_that_we_answered_in_the_same_second_does_not_wait() -> None:
    account = an_account()
    account.upsert(comments=[a_comment("9"), a_comment("10", parent_comment_id="9", is_author_reply=True)])
    assert account.view.comment_thread("comm_acc_9").waiting == 0
    assert account.view.totals.needs_reply == 0
