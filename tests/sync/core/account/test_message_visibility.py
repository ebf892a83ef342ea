"""Unread: one counter, the hub's. History is read; the platform's own count tells of what nobody has crawled."""

from typing import Any

import pytest

from tests.sync.builders import (
    DAY,
    HOUR,
    NOW,
    START,
    a_comment,
    a_conversation,
    a_message,
    a_new_account,
    a_notice,
    an_account,
)

OLD = START - 10 * DAY


def counts(account: Any) -> tuple[int, ...]:
    totals = account.view.totals
    return (
        totals.unread_direct_messages,
        totals.unread_comments,
        totals.unread_discussions,
        totals.unread_notifications,
        totals.total_unread,
    )


def test_the_first_snapshot_sets_the_start_by_the_clock_of_the_hub() -> None:
    account = a_new_account()
    before = account.view
    assert before.started_at is None
    account.sync(at=START, messages=[a_message("1", created_at=START - DAY)])
    assert (account.view.started_at, account.view.started_version) == (START, 1)
    account.sync(at=NOW, messages=[a_message("2")])
    assert account.view.started_at == START


def test_a_first_snapshot_of_an_empty_account_begins_its_history_too() -> None:
    account = a_new_account()
    applied = account.sync(at=START, messages=[])
    assert applied.row is not None
    assert account.view.started_at == START


def test_messages_up_to_the_start_are_history_and_read() -> None:
    account = an_account(messages=[a_message("1", created_at=START), a_message("2", created_at=None)])
    assert account.unread() == set()


def test_history_is_history_whenever_it_arrives() -> None:
    account = an_account()
    account.sync(messages=[a_message("1", created_at=START), a_message("2", created_at=START + 1)])
    assert account.unread() == {"2"}


def test_a_message_of_unknown_time_is_new_unless_the_first_snapshot_brought_it() -> None:
    account = an_account(messages=[a_message("1", created_at=None)])
    account.sync(messages=[a_message("1", created_at=None), a_message("2", created_at=None)])
    assert account.unread() == {"2"}


def test_the_newest_messages_of_the_history_are_unread_as_many_as_the_platform_counted() -> None:
    messages = [a_message(str(day), created_at=START - day * DAY) for day in range(1, 5)]
    own = a_message("own", created_at=START - HOUR, direction="outbound")
    account = an_account(conversations=[a_conversation(unread_count=2)], messages=[*messages, own])
    assert account.unread() == {"1", "2"}
    assert account.thread().unread_count == 2


def test_the_platforms_count_counts_when_the_conversation_was_first_stored_not_later() -> None:
    messages = [a_message(str(day), created_at=START - day * DAY) for day in range(1, 5)]
    account = an_account(conversations=[a_conversation(unread_count=1)], messages=messages)
    account.sync(conversations=[a_conversation(unread_count=3)])
    assert account.unread() == {"1"}


def test_a_newer_message_of_the_history_that_arrives_later_takes_the_place_of_an_older_one() -> None:
    older, newer = (a_message(name, created_at=START - age) for name, age in (("old", DAY), ("new", HOUR)))
    account = an_account(conversations=[a_conversation(unread_count=1)], messages=[older])
    applied = account.sync(messages=[older, newer])
    assert account.unread() == {"new"}
    assert applied.row is not None
    assert [f"{e.kind} {e.id}" for e in applied.row.body.events if e.kind.startswith("message")] == [
        "message.created msg_acc_new",
        "message.updated msg_acc_old",
    ]


def test_messages_that_the_platform_counts_and_nobody_crawled_are_the_rest() -> None:
    account = an_account(conversations=[a_conversation(unread_count=5)], messages=[a_message("1", created_at=OLD)])
    assert (len(account.thread().unread), account.thread().rest, account.thread().unread_count) == (1, 4, 5)
    account.sync(messages=[a_message(str(n), created_at=START + n) for n in range(1, 8)])
    assert (len(account.thread().unread), account.thread().rest) == (7, 0)


def test_a_conversation_without_messages_counts_what_the_platform_counts() -> None:
    account = an_account(conversations=[a_conversation(unread_count=3)])
    assert counts(account) == (3, 0, 0, 0, 3)


@pytest.mark.parametrize("change", [{"direction": "outbound"}, {"is_recalled": True}])
def test_own_and_recalled_messages_are_never_unread(change: dict[str, Any]) -> None:
    account = an_account()
    account.sync(messages=[a_message("1")])
    assert (account.unread(), counts(account)) == ({"1"}, (1, 0, 0, 0, 1))
    account.sync(messages=[a_message("1", **change)])
    assert (account.unread(), counts(account)) == (set(), (0, 0, 0, 0, 0))
    account.sync(messages=[a_message("1")])
    assert counts(account) == (1, 0, 0, 0, 1)


def test_muted_conversations_keep_their_own_count_and_stand_in_no_total() -> None:
    account = an_account(conversations=[a_conversation(is_muted=True)])
    account.sync(messages=[a_message("1")])
    assert (account.thread().unread_count, counts(account)) == (1, (0, 0, 0, 0, 0))
    account.sync(conversations=[a_conversation(is_muted=False)])
    assert counts(account) == (1, 0, 0, 0, 1)


def test_likes_and_follows_are_unread_and_stand_in_no_total() -> None:
    account = an_account()
    account.sync(notifications=[a_notice("1"), a_notice("2", type="follow"), a_notice("3", type="mention")])
    assert (account.unread(), counts(account)) == ({"1", "2", "3"}, (0, 0, 0, 1, 1))


def test_a_message_that_moves_takes_its_unread_along() -> None:
    account = an_account(conversations=[a_conversation("77"), a_conversation("88")])
    account.sync(messages=[a_message("1", "77")])
    account.sync(messages=[a_message("1", "88")])
    assert (account.thread("77").unread_count, account.thread("88").unread_count) == (0, 1)
    assert counts(account) == (1, 0, 0, 0, 1)


def test_comments_and_replies_are_counted_apart() -> None:
    account = an_account()
    account.sync(comments=[a_comment("1"), a_comment("2", parent_comment_id="1"), a_comment("3")])
    assert counts(account) == (0, 2, 1, 0, 3)
    assert account.view.work("cont_acc_9").unread == 3


def test_own_comments_are_never_unread() -> None:
    account = an_account()
    account.sync(comments=[a_comment("1", is_author_reply=True)])
    assert counts(account) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("created_at", "unread"),
    [(START + 1, True), (START, True), (START - 3 * DAY + 1, True), (START - 3 * DAY, False), (OLD, False)],
)
def test_comments_and_notices_are_history_from_three_days_before_the_start(created_at: int, unread: bool) -> None:
    account = an_account(
        comments=[a_comment("c", created_at=created_at)], notifications=[a_notice("n", created_at=created_at)]
    )
    assert account.unread() == ({"c", "n"} if unread else set())


def test_a_comment_of_unknown_time_in_the_first_snapshot_is_history() -> None:
    account = an_account(comments=[a_comment("1", created_at=None)])
    account.sync(comments=[a_comment("1", created_at=None), a_comment("2", created_at=None)])
    assert account.unread() == {"2"}


def test_a_notice_that_was_read_on_the_platform_before_the_start_is_history() -> None:
    early = {"created_at": START - HOUR, "type": "system"}
    notices = [a_notice("before", is_read=True, **early), a_notice("unread", **early)]
    account = an_account(notifications=notices)
    account.sync(notifications=[*notices, a_notice("after", type="system", is_read=True)])
    assert account.unread() == {"unread", "after"}
    assert counts(account) == (0, 0, 0, 2, 2)


def test_messages_of_a_gap_are_new() -> None:
    account = an_account()
    account.sync(at=START + 20 * DAY, messages=[a_message(str(day), created_at=START + day * DAY) for day in range(15)])
    assert counts(account) == (14, 0, 0, 0, 14)


def test_a_message_and_a_comment_may_share_an_id() -> None:
    account = an_account()
    account.sync(messages=[a_message("1", id="1")], comments=[a_comment("1", id="1")])
    assert counts(account) == (1, 1, 0, 0, 2)
    account.sync(cleared=["messages"])
    assert counts(account) == (0, 1, 0, 0, 1)
    assert account.view.is_unread("comments", "1")
    assert not account.view.is_unread("messages", "1")
