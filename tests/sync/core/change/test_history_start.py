"""The hub's clock may be wrong: history is not everything until the real time catches up."""

from __future__ import annotations

import pytest

from sync.core.change.changes import Operated, OwnerChanged
from tests.sync.builders import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_new_account,
    a_notice,
    a_work,
    event_names,
)

YEAR = 365 * DAY


def an_account_from(clock: int, newest: int = START) -> Account:
    """Its first snapshot came when the hub's clock showed `clock`."""
    account = a_new_account()
    account.sync(at=clock, conversations=[a_conversation()], messages=[a_message("1", created_at=newest)])
    return account


def test_the_start_is_the_clock_of_a_hub_whose_clock_is_right() -> None:
    assert an_account_from(START + MINUTE).view.started_at == START + MINUTE


@pytest.mark.parametrize("ahead", [2 * DAY, YEAR])
def test_a_clock_that_is_ahead_sets_the_start_at_most_a_day_after_the_newest_time(ahead: int) -> None:
    assert an_account_from(START + ahead).view.started_at == START + DAY


def test_times_of_conversations_comments_and_notices_tell_when_and_of_works_alone_not() -> None:
    for lists in (
        {"conversations": [a_conversation(last_message_time=START)]},
        {"comments": [a_comment("1", created_at=START)], "contents": [a_work(publish_time=START - YEAR)]},
        {"notifications": [a_notice("1", created_at=START)]},
    ):
        account = a_new_account()
        account.sync(at=START + YEAR, **lists)
        assert account.view.started_at == START + DAY
    account = a_new_account()
    account.sync(at=START + YEAR, contents=[a_work(publish_time=START)])
    assert account.view.started_at == START + YEAR


def test_a_later_change_that_finds_the_clock_behind_lowers_the_start() -> None:
    account = an_account_from(START + YEAR)
    applied = account.apply(OwnerChanged(at=1), START + 2 * HOUR)
    assert account.view.started_at == START + 2 * HOUR
    assert event_names(applied) == ["reset"]
    account.upsert(at=START + 3 * HOUR, messages=[a_message("2", created_at=START + 3 * HOUR - 1)])
    assert (account.unread(), account.thread().needs_reply) == ({"2"}, True)
    assert account.view.started_at == START + 2 * HOUR


def test_what_that_change_brings_itself_is_new() -> None:
    account = an_account_from(START + YEAR)
    account.upsert(
        at=START + 2 * HOUR,
        messages=[a_message("2", created_at=START + HOUR), a_message("0", created_at=START - HOUR)],
    )
    assert account.view.started_at == START + HOUR - 1
    assert account.unread() == {"2"}


def test_a_change_that_says_nothing_else_lowers_it_too() -> None:
    account = an_account_from(START + YEAR)
    nothing = Operated(action="read", collection="messages", ids=("nobody",))
    account.apply(nothing, START + 2 * HOUR)
    assert account.view.started_at == START + 2 * HOUR
    assert account.apply(nothing, START + 2 * HOUR).row is None


def test_who_wrote_long_before_a_dormant_account_was_added_does_not_wait() -> None:
    account = an_account_from(START + 10 * DAY)
    assert (account.view.started_at, account.thread().needs_reply) == (START + DAY, False)


def test_who_wrote_shortly_before_the_start_waits_once_the_clock_is_right() -> None:
    account = an_account_from(START + YEAR)
    assert not account.thread().needs_reply
    account.apply(OwnerChanged(at=1), START + 2 * HOUR)
    assert account.thread().needs_reply


def test_what_came_meanwhile_is_judged_anew() -> None:
    account = an_account_from(START + YEAR)
    account.upsert(at=START + YEAR, messages=[a_message("2", created_at=START + 5 * HOUR)])
    assert account.unread() == set()
    account.apply(OwnerChanged(at=1), START + 2 * HOUR)
    assert account.unread() == {"2"}
    assert account.view.totals.unread_direct_messages == 1
