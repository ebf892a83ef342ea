"""Rare cases in which operators' marks meet other changes."""

from __future__ import annotations

from typing import Any

from sync.core.change.changes import ConversationCreated, Operated, ReadBefore
from tests.sync.builders import (
    HOUR,
    MINUTE,
    NOW,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    an_account,
    event_names,
)


def say(account: Account, action: Any, collection: Any, item_id: str) -> None:
    account.apply(Operated(action=action, collection=collection, ids=(item_id,)))


def test_the_text_of_a_deleted_conversation_stays_hidden_when_an_earlier_message_comes_late() -> None:
    account = an_account(conversations=[a_conversation(last_message_time=NOW, last_message_content="secret")])
    say(account, "delete", "conversations", "conv_acc_77")
    account.sync(at=NOW + HOUR, messages=[a_message("1", direction="outbound", created_at=NOW - MINUTE)])
    thread = account.thread()
    assert (thread.hidden, thread.platform_last, thread.last_id) == (False, False, "msg_acc_1")
    assert not thread.needs_reply


def test_a_platform_message_after_the_deletion_is_the_last_one_again() -> None:
    account = an_account(conversations=[a_conversation(last_message_time=NOW)])
    say(account, "delete", "conversations", "conv_acc_77")
    account.sync(at=NOW + HOUR, conversations=[a_conversation(last_message_time=NOW + MINUTE)])
    assert (account.thread().hidden, account.thread().platform_last) == (False, True)


def test_a_message_that_was_marked_unread_and_deleted_is_read_with_its_conversation() -> None:
    account = an_account(conversations=[a_conversation()], messages=[a_message("1", created_at=START - MINUTE)])
    for action in ("unread", "delete"):
        say(account, action, "messages", "msg_acc_1")
    say(account, "read", "conversations", "conv_acc_77")
    say(account, "restore", "messages", "msg_acc_1")
    assert account.thread().unread_count == 0


def test_a_comment_that_was_marked_unread_and_deleted_is_read_with_all_others() -> None:
    account = an_account(comments=[a_comment("1"), a_comment("2")])
    for action in ("read", "unread", "delete"):
        say(account, action, "comments", "comm_acc_1")
    account.apply(ReadBefore(before=NOW, kinds=frozenset({"comment", "discussion"})))
    say(account, "restore", "comments", "comm_acc_1")
    assert account.unread() == set()


def test_a_conversation_that_is_created_again_is_adopted_again() -> None:
    account = an_account()
    account.apply(ConversationCreated(user_id="fan"))
    account.sync(conversations=[a_conversation("77")], partial=["conversations"])
    account.sync(removed={"conversations": ["77"]})
    account.apply(ConversationCreated(user_id="fan"))
    assert account.ids("conversations") == {"fan"}
    account.sync(conversations=[a_conversation("88")], partial=["conversations"])
    assert account.ids("conversations") == {"88"}
    assert account.view.find("conversations", "conv_acc_fan") == "conv_acc_88"


def test_a_conversation_whose_own_id_comes_is_not_taken_away_by_another_of_the_same_person() -> None:
    account = an_account()
    account.apply(ConversationCreated(user_id="fan"))
    applied = account.sync(conversations=[a_conversation("fan", user_id=None), a_conversation("77", user_id="fan")])
    assert account.ids("conversations") == {"fan", "77"}
    events = event_names(applied)
    assert len(events) == len(set(events))
    assert "conversation.removed conv_acc_fan" not in events


def test_a_conversation_that_is_created_in_the_place_of_a_deleted_placeholder_is_visible() -> None:
    account = an_account(messages=[a_message("1", "fan", sender_id="fan")])
    say(account, "delete", "conversations", "conv_acc_fan")
    account.apply(ConversationCreated(user_id="fan"))
    assert not account.thread("fan").hidden
    assert account.thread("fan").known


def test_marks_of_two_ids_of_one_conversation_are_merged() -> None:
    account = an_account(conversations=[a_conversation("A"), a_conversation("A", id="vA")])
    say(account, "pin", "conversations", "conv_acc_A")
    say(account, "mute", "conversations", "vA")
    account.sync(conversations=[a_conversation("A", id="wA")])
    assert (account.thread("wA").pinned, account.thread("wA").muted) == (True, True)


def test_an_operator_change_of_more_than_200_items_is_one_reset() -> None:
    account = an_account(messages=[a_message(str(number)) for number in range(200)])
    word = Operated(action="delete", collection="conversations", ids=("conv_acc_77",))
    assert event_names(account.apply(word)) == ["reset"]
    assert account.view.totals.messages == 200
    assert len(account.view.message_order) == 0
