"""A conversation as its messages make it: its last message, its place, and whether somebody waits."""

from typing import Any

import pytest

from sync.core.change.changes import Operated
from tests.sync.builders import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    an_account,
)

LATER = START + HOUR


def own(name: str, **fields: Any) -> Any:
    return a_message(name, direction="outbound", **fields)


def platform_says(**fields: Any) -> Any:
    return a_conversation(last_message_time=LATER, last_message_content="unseen", **fields)


def waiting(account: Account) -> tuple[bool, int | None]:
    return account.thread().needs_reply, account.thread().waiting_since


# -- the last message


def test_the_last_message_is_the_newest_visible_one() -> None:
    account = an_account()
    account.sync(messages=[a_message("1", created_at=START + 1), own("2", created_at=START + 2)])
    assert (account.thread().last_id, account.thread().sort_time) == ("msg_acc_2", START + 2)
    account.sync(messages=[a_message("1", created_at=START + 1), own("2", created_at=START + 2, is_recalled=True)])
    assert (account.thread().last_id, account.thread().sort_time) == ("msg_acc_1", START + 1)


def test_the_platforms_own_last_message_counts_only_if_it_is_newer_than_every_known_one() -> None:
    account = an_account(conversations=[platform_says()])
    assert (account.thread().platform_last, account.thread().sort_time) == (True, LATER)
    account.sync(messages=[a_message("1", created_at=LATER - 1)])
    assert (account.thread().platform_last, account.thread().sort_time) == (True, LATER)
    account.sync(messages=[a_message("1", created_at=LATER, is_recalled=True)])
    assert account.thread().platform_last is False


def test_the_platforms_own_last_message_changes_nothing_once_it_was_crawled() -> None:
    account = an_account(conversations=[platform_says(last_message_id="1")])
    account.sync(messages=[a_message("1", created_at=LATER - 5)])
    assert (account.thread().platform_last, account.thread().last_id) == (False, "msg_acc_1")


@pytest.mark.parametrize("shown", ["my secret address", " my secret address ", "my secret ad…", "my sec..."])
def test_a_recalled_message_is_no_last_message_though_the_platforms_list_has_a_later_time(shown: str) -> None:
    account = an_account(conversations=[a_conversation(last_message_time=LATER, last_message_content=shown)])
    account.sync(messages=[a_message("1", created_at=START + 1), a_message("2", content="my secret address")])
    assert account.thread().platform_last is True
    account.sync(
        messages=[a_message("1", created_at=START + 1), a_message("2", content="my secret address", is_recalled=True)]
    )
    assert (account.thread().platform_last, account.thread().last_id) == (False, "msg_acc_1")


def test_a_deleted_message_is_no_last_message_though_the_platforms_list_has_a_later_time() -> None:
    account = an_account(conversations=[platform_says()], messages=[a_message("1", content="unseen")])
    account.apply(Operated(action="delete", collection="messages", ids=("msg_acc_1",)))
    assert (account.thread().platform_last, account.thread().last_id) == (False, None)


def test_a_deleted_message_that_the_worker_no_longer_has_is_no_last_message() -> None:
    account = an_account(conversations=[platform_says(last_message_id="1")], messages=[a_message("1")])
    account.apply(Operated(action="delete", collection="messages", ids=("msg_acc_1",)))
    account.sync(messages=[a_message("0", created_at=START + 1)])
    assert (account.thread().platform_last, account.thread().last_id) == (False, "msg_acc_0")


def test_a_message_of_another_conversation_does_not_stand_for_the_last_one() -> None:
    account = an_account()
    account.sync(conversations=[platform_says(last_message_id="1")], messages=[a_message("1", "88", created_at=LATER)])
    assert account.thread("77").platform_last is True


def test_a_conversation_without_any_last_message_is_sorted_by_its_update() -> None:
    account = an_account(conversations=[a_conversation(updated_at=START - DAY)])
    assert (account.thread().sort_time, account.thread().last_id) == (START - DAY, None)


def test_pinned_conversations_stand_first_then_the_newest_and_those_of_unknown_time_last() -> None:
    account = an_account(
        conversations=[
            a_conversation("1", last_message_time=START - 3),
            a_conversation("2", last_message_time=START - 1),
            a_conversation("3"),
            a_conversation("4", is_pinned=True, last_message_time=START - 9),
            a_conversation("5", is_pinned=True),
        ]
    )
    assert [key[-1] for key in account.view.conversation_order] == [f"conv_acc_{n}" for n in "45213"]


# -- placeholders


def test_a_message_of_an_unlisted_conversation_is_served_under_a_placeholder_and_counted() -> None:
    account = an_account()
    account.sync(messages=[a_message("1", "77"), a_message("2", "77")])
    assert (account.thread("77").known, len(account.thread("77").order)) == (False, 2)
    assert account.view.totals.orphan_messages == 2
    account.upsert(conversations=[a_conversation("77")])
    assert (account.thread("77").known, account.view.totals.orphan_messages) == (True, 0)


def test_a_conversation_that_goes_leaves_its_messages_under_a_placeholder() -> None:
    account = an_account(conversations=[a_conversation("77")], messages=[a_message("1", "77")])
    applied = account.sync(removed={"conversations": ["77"]})
    assert (account.thread("77").known, account.view.totals.orphan_messages) == (False, 1)
    assert applied.row is not None
    account.sync(removed={"messages": ["1"]})
    assert dict(account.view.conversation_states) == {}


# -- who waits


def test_somebody_waits_while_the_newest_message_is_not_ours() -> None:
    account = an_account()
    account.sync(messages=[a_message("1", created_at=START + 1), a_message("2", created_at=START + 2)])
    assert waiting(account) == (True, START + 1)
    assert account.view.totals.needs_reply == 1


def test_an_own_message_ends_the_waiting_and_the_next_one_begins_it_again() -> None:
    account = an_account()
    first, answer = a_message("1", created_at=START + 1), own("2", created_at=START + 2)
    account.sync(messages=[first, answer])
    assert waiting(account) == (False, None)
    account.sync(messages=[first, answer, a_message("3", created_at=START + 3), a_message("4", created_at=START + 4)])
    assert waiting(account) == (True, START + 3)


def test_a_recalled_answer_is_no_answer_and_a_recalled_question_no_question() -> None:
    account = an_account()
    account.sync(messages=[a_message("1"), own("2", created_at=LATER, is_recalled=True)])
    assert waiting(account) == (True, START + MINUTE)
    account.sync(messages=[a_message("1", is_recalled=True)])
    assert waiting(account) == (False, None)


def test_a_message_of_unknown_time_waits_but_does_not_say_since_when() -> None:
    account = an_account()
    account.sync(messages=[a_message("1", created_at=None)])
    assert waiting(account) == (True, None)
    account.sync(messages=[a_message("1", created_at=None), a_message("2", created_at=START + 2)])
    assert waiting(account) == (True, START + 2)


@pytest.mark.parametrize(("age", "waits"), [(DAY, True), (3 * DAY - 1, True), (3 * DAY, False)])
def test_a_conversation_that_was_silent_for_three_days_at_the_start_is_not_waiting(age: int, waits: bool) -> None:
    account = an_account(messages=[a_message("1", created_at=START - age)])
    assert account.thread().needs_reply is waits
    assert account.unread() == set()


def test_the_platforms_last_message_of_the_partner_is_somebody_waiting() -> None:
    account = an_account(conversations=[platform_says(last_message_sender_id="fan")])
    assert waiting(account) == (True, LATER)


def test_the_platforms_last_message_of_our_own_ends_the_waiting() -> None:
    account = an_account(conversations=[platform_says(last_message_sender_id="me")])
    account.sync(messages=[a_message("1")])
    assert waiting(account) == (False, None)


@pytest.mark.parametrize(
    "conversation",
    [
        platform_says(last_message_sender_id=None),
        platform_says(last_message_sender_id="somebody", user_id=None),
        platform_says(last_message_sender_id="somebody", type="group"),
    ],
)
def test_a_last_message_of_an_unknown_sender_is_no_evidence(conversation: Any) -> None:
    account = an_account(conversations=[conversation])
    account.sync(messages=[a_message("1")])
    assert waiting(account) == (True, START + MINUTE)


def test_the_platforms_last_message_of_long_before_the_start_waits_for_nothing() -> None:
    silent = a_conversation(last_message_time=START - 4 * DAY, last_message_sender_id="fan")
    assert waiting(an_account(conversations=[silent])) == (False, None)


def test_a_comment_waits_until_the_account_answered_under_it() -> None:
    account = an_account()
    question, other = a_comment("1"), a_comment("2")
    account.sync(comments=[question, other])
    assert account.view.totals.needs_reply == 2
    answer = a_comment("3", parent_comment_id="1", created_at=LATER, is_author_reply=True)
    account.sync(comments=[question, other, answer])
    assert account.view.comment_thread("comm_acc_1").waiting_ids() == set()
    assert account.view.totals.needs_reply == 1
    again = a_comment("4", parent_comment_id="1", created_at=LATER + 1)
    account.sync(comments=[question, other, answer, again])
    assert account.view.comment_thread("comm_acc_1").waiting_ids() == {"comm_acc_4"}


def test_an_own_comment_that_answers_nobody_ends_no_waiting() -> None:
    account = an_account()
    account.sync(comments=[a_comment("1"), a_comment("2", created_at=LATER, is_author_reply=True)])
    assert account.view.totals.needs_reply == 1


# -- direction


@pytest.mark.parametrize(
    ("conversation", "sender", "direction"),
    [
        (a_conversation(), "fan", "inbound"),
        (a_conversation(), "me", "outbound"),
        (a_conversation(), None, "inbound"),
        (None, "77", "inbound"),
        (None, "me", "outbound"),
        (a_conversation(user_id=None, type="group"), "anybody", "inbound"),
    ],
)
def test_a_missing_direction_follows_from_the_sender(conversation: Any, sender: str | None, direction: str) -> None:
    account = an_account(conversations=[conversation] if conversation else [])
    account.sync(messages=[a_message("1", direction=None, sender_id=sender)])
    assert account.view.messages["msg_acc_1"].item.direction == direction


@pytest.mark.parametrize(("wire", "direction"), [("incoming", "inbound"), ("outgoing", "outbound")])
def test_both_spellings_of_a_direction_are_read(wire: str, direction: str) -> None:
    account = an_account()
    account.sync(messages=[{"id": "m", "messageId": "1", "conversationId": "77", "direction": wire}])
    assert account.view.messages["m"].item.direction == direction
