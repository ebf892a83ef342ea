"""A time is not an identity: what a mark covered when it was set stays covered, whatever a later snapshot says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.account.entries import KEEP_MS, RemovedItem, RemovedItems
from sync.core.account.inbox_rows import FeedKind
from sync.core.change.apply import Applied
from sync.core.change.changes import Action, Operated, ReadBefore
from sync.protocol.items import Collection
from tests.sync.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    an_account,
)

CHAT = "conv_acc_77"
ALL: frozenset[FeedKind] = frozenset({"comment", "discussion", "direct_message", "notification"})
TIMES = st.sampled_from([None, START - DAY, START + MINUTE, NOW - HOUR, NOW, NOW + HOUR, NOW + 5 * HOUR])
ITEMS: dict[str, Any] = {"messages": a_message, "comments": a_comment, "notifications": a_notice}
NAMES = list("1234")


def operate(account: Account, action: Action, collection: Collection, *ids: str) -> Applied:
    return account.apply(Operated(action=action, collection=collection, ids=ids))


def an_account_with(times: list[int | None]) -> Account:
    account = an_account()
    account.upsert(conversations=[a_conversation()], **given_times(times))
    return account


def given_times(times: list[int | None]) -> dict[str, Any]:
    return {
        name: [build(number, created_at=time) for number, time in zip(NAMES, times, strict=True)]
        for name, build in ITEMS.items()
    }


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(TIMES, min_size=4, max_size=4), st.lists(st.lists(TIMES, min_size=4, max_size=4), max_size=3), st.data()
)
def test_whatever_times_later_snapshots_give_what_was_read_and_deleted_stays_so(
    times: list[int | None], later: list[list[int | None]], data: st.DataObject
) -> None:
    account = an_account_with(times)
    account.apply(ReadBefore(before=NOW + DAY, kinds=ALL))
    action: Action = data.draw(st.sampled_from(["read", "delete", "done"]))
    operate(account, action, "conversations", CHAT)
    assert account.unread() == set()
    for number, again in enumerate(later):
        if data.draw(st.booleans()):  # they go, and come back
            ids = [f"{short}_acc_{n}" for short in ("msg", "comm", "notif") for n in NAMES]
            gone: dict[Any, list[str]] = {
                name: [i for i in ids if i.startswith(short)] for name, short in SHORT.items()
            }
            account.upsert(at=NOW + number * MINUTE, removed=gone)
        account.upsert(at=NOW + number * MINUTE, **given_times(again))
        assert account.unread() == set()
        if action == "delete":
            assert account.thread().hidden
        elif action == "done":
            assert not account.thread().needs_reply
            assert account.thread().done_at is not None


SHORT = {"messages": "msg", "comments": "comm", "notifications": "notif"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TIMES, min_size=4, max_size=4), st.lists(TIMES, min_size=4, max_size=4))
def test_what_a_mark_up_to_a_time_left_unread_is_unread_whatever_time_it_gets(
    times: list[int | None], again: list[int | None]
) -> None:
    account = an_account_with(times)
    account.apply(ReadBefore(before=NOW - MINUTE, kinds=frozenset({"comment", "discussion", "notification"})))
    collections: tuple[Collection, ...] = ("comments", "notifications")
    before = {name: {i for i in account.view.unread if account.view.is_unread(name, i)} for name in collections}
    account.upsert(**given_times(again))
    for name in collections:
        # A time of before the start makes history of an item, which nobody is asked to read.
        history = {i for i, entry in account.view.entries(name).items() if account.view.history.covers(entry)}
        now = {i for i in account.view.unread if account.view.is_unread(name, i)}
        assert before[name] - history <= now
        assert now <= before[name]


def test_a_new_message_is_unread_though_a_known_one_got_a_later_time() -> None:
    account = an_account_with([START + MINUTE] * 4)
    operate(account, "read", "conversations", CHAT)
    account.upsert(messages=[a_message("4", created_at=NOW + HOUR), a_message("5", created_at=NOW)])
    assert [key[-1] for key in account.thread().unread] == ["msg_acc_5"]
    assert account.thread().unread_count == 1
    assert account.thread().needs_reply


def test_a_deleted_conversation_stays_away_when_its_last_message_gets_a_later_time() -> None:
    account = an_account()
    named = a_conversation(last_message_id="9", last_message_time=NOW, last_message_sender_id="fan")
    account.upsert(conversations=[named], messages=[a_message("1")])
    operate(account, "delete", "conversations", CHAT)
    operate(account, "done", "conversations", CHAT)
    account.upsert(conversations=[replace(named, last_message_time=NOW + 5_000)])
    assert account.thread().hidden
    account.upsert(messages=[a_message("9", created_at=NOW + 5_000, direction="outbound")], at=NOW + 2 * DAY)
    assert account.thread().hidden
    account.upsert(conversations=[replace(named, last_message_id="10", last_message_time=NOW + 6_000)])
    assert not account.thread().hidden


def test_a_handled_last_message_that_nobody_crawled_stays_handled_with_another_time() -> None:
    account = an_account()
    named = a_conversation(last_message_id="9", last_message_time=NOW, last_message_sender_id="fan")
    account.upsert(conversations=[named])
    assert account.thread().needs_reply
    operate(account, "done", "conversations", CHAT)
    account.upsert(conversations=[replace(named, last_message_time=NOW + 5_000)])
    assert (account.thread().needs_reply, account.thread().done_at) == (False, NOW)
    account.upsert(conversations=[replace(named, last_message_id="10", last_message_time=NOW + 9_000)])
    assert account.thread().needs_reply


def test_a_message_that_was_removed_and_comes_back_is_as_old_as_it_was() -> None:
    account = an_account_with([START + MINUTE] * 4)
    seen = account.view.messages["msg_acc_1"]
    account.upsert(removed={"messages": ["1"]})
    operate(account, "read", "conversations", CHAT)
    account.upsert(messages=[a_message("1", created_at=NOW)], at=NOW + HOUR)
    back = account.view.messages["msg_acc_1"]
    assert (back.first_seen, back.first_version) == (seen.first_seen, seen.first_version)
    assert "1" not in {key[-1] for key in account.thread().unread}
    assert account.view.removed_items == RemovedItems()


@pytest.mark.parametrize(("age", "kept"), [(KEEP_MS, True), (KEEP_MS + 1, False)])
def test_what_went_long_ago_is_forgotten(age: int, kept: bool) -> None:
    item = RemovedItem("messages", "msg_acc_1", NOW, None, NOW, 3)
    left = RemovedItems().moved([item], []).without_old(NOW + age)
    assert (left.get("messages", "msg_acc_1"), len(left.order)) == ((item, 1) if kept else (None, 0))


def test_counting_what_is_after_a_mark_looks_at_no_message_that_was_there() -> None:
    account = an_account()
    account.upsert(messages=[a_message(str(n), created_at=START + n) for n in range(2_000)])
    operate(account, "read", "conversations", CHAT)
    account.upsert(messages=[a_message("x", created_at=NOW), a_message("y", created_at=START + 5)])
    position = account.thread().read_position
    assert (position.later, len(position.arrived), position.count_after()) == (1, 1, 2)
