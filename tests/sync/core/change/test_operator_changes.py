"""Operators pin, mute, delete, recall and create. No snapshot takes it back."""

from __future__ import annotations

from typing import Any

from sync.core.account.marks import NO_MARK
from sync.core.account.view import View
from sync.core.change.changes import ConversationCreated
from tests.sync.builders import (
    HOUR,
    MINUTE,
    NOW,
    START,
    a_comment,
    a_conversation,
    a_message,
    a_work,
    an_account,
    event_names,
)
from tests.sync.core.change.test_read_marks import CHAT, a_chat, operate, read


def listed(view: View, order: str = "message_order") -> list[str]:
    return [key[-1] for key in getattr(view, order)]


# -- pinned, muted, status, recalled


def test_pinned_and_muted_are_the_platforms_until_an_operator_says_otherwise() -> None:
    account = a_chat(is_pinned=True, is_muted=False)
    assert (account.thread().pinned, account.thread().muted) == (True, False)
    operate(account, "unpin", "conversations", CHAT)
    operate(account, "mute", "conversations", CHAT)
    account.sync(conversations=[a_conversation(is_pinned=True, is_muted=False, user_name="X")])
    assert (account.thread().pinned, account.thread().muted) == (False, True)


def test_pinned_conversations_stand_first() -> None:
    account = an_account()
    account.upsert(
        conversations=[a_conversation("a"), a_conversation("b")],
        messages=[a_message("1", "a"), a_message("2", "b", created_at=NOW)],
    )
    assert listed(account.view, "conversation_order") == ["conv_acc_b", "conv_acc_a"]
    assert event_names(operate(account, "pin", "conversations", "conv_acc_a")) == [
        "conversation.updated conv_acc_a",
        "thread.updated conv_acc_a",
    ]
    assert listed(account.view, "conversation_order") == ["conv_acc_a", "conv_acc_b"]


def test_a_status_of_a_client_stands_until_the_platform_says_another() -> None:
    account = a_chat(a_message("1", direction="outbound", status="sending"))
    operate(account, "status", "messages", "msg_acc_1", status="failed")

    def status() -> Any:
        return account.view.status_of(account.view.messages["msg_acc_1"])

    assert status() == "failed"
    account.upsert(messages=[a_message("1", direction="outbound", status="sending", content="new")])
    assert status() == "failed"
    account.upsert(messages=[a_message("1", direction="outbound", status="delivered", content="new")])
    assert status() == "delivered"
    assert account.view.mark("messages", "msg_acc_1") == NO_MARK


def test_a_recalled_message_is_no_last_message_and_waits_for_nobody() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW))
    operate(account, "recall", "messages", "msg_acc_2")
    assert account.view.mark("messages", "msg_acc_2").recalled_at == NOW
    assert (account.thread().last_id, account.unread()) == ("msg_acc_1", {"1"})
    assert operate(account, "recall", "messages", "msg_acc_2").row is None


# -- deleted messages and comments


def test_a_deleted_message_stays_in_its_conversation_but_is_not_shown_elsewhere() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW))
    operate(account, "delete", "messages", "msg_acc_2")
    view = account.view
    assert listed(view) == ["msg_acc_2", "msg_acc_1"]
    assert [key[-2] for key in view.feed] == ["msg_acc_1"]
    assert (account.thread().last_id, account.unread()) == ("msg_acc_1", {"1"})
    operate(account, "restore", "messages", "msg_acc_2")
    assert (account.thread().last_id, account.unread()) == ("msg_acc_2", {"1", "2"})


def test_an_own_answer_that_was_deleted_here_was_given_all_the_same() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW, direction="outbound"))
    operate(account, "delete", "messages", "msg_acc_2")
    assert (account.thread().needs_reply, account.thread().last_id) == (False, "msg_acc_1")
    operate(account, "delete", "messages", "msg_acc_1")
    assert (account.thread().needs_reply, account.thread().last_id) == (False, None)


def test_a_deleted_comment_leaves_lists_feed_and_counts_and_comes_back_when_restored() -> None:
    account = an_account()
    account.upsert(contents=[a_work()], comments=[a_comment("1"), a_comment("2", parent_comment_id="1")])
    assert event_names(operate(account, "delete", "comments", "comm_acc_1")) == [
        "discussion.removed comm_acc_1",
        "content.updated cont_acc_9",
        "thread.updated comm_acc_1",
        "unread.changed",
    ]
    view = account.view
    assert (listed(view, "comment_order"), listed(view, "feed")) == (["comm_acc_2"], ["comments"])
    assert (view.totals.unread_comments, view.totals.needs_reply, view.work("cont_acc_9").unread) == (0, 1, 1)
    assert not view.is_visible("comments", "comm_acc_1")
    account.sync(comments=[a_comment("1", like_count=9), a_comment("2", parent_comment_id="1")])
    assert not account.view.is_visible("comments", "comm_acc_1")
    assert "discussion.created comm_acc_1" in event_names(operate(account, "restore", "comments", "comm_acc_1"))
    assert (account.view.totals.unread_comments, account.view.work("cont_acc_9").unread) == (1, 2)


# -- deleted conversations


def test_a_deleted_conversation_is_gone_with_its_messages_from_everywhere() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW), unread_count=5)
    assert event_names(operate(account, "delete", "conversations", CHAT)) == [
        "conversation.removed conv_acc_77",
        "message.removed msg_acc_1",
        "message.removed msg_acc_2",
        "thread.updated conv_acc_77",
        "unread.changed",
    ]
    view = account.view
    for order in ("conversation_order", "message_order", "feed"):
        assert listed(view, order) == []
    assert (view.totals.total_unread, view.totals.needs_reply) == (0, 0)
    assert not view.is_visible("messages", "msg_acc_1")
    account.sync(conversations=[a_conversation(unread_count=5, user_name="X")], messages=[a_message("1")])
    assert listed(account.view, "conversation_order") == []


def test_a_deleted_conversation_comes_back_with_a_new_message_of_either_side_and_shows_only_that() -> None:
    for direction, unread in (("inbound", 1), ("outbound", 0)):
        account = a_chat(a_message("1"), a_message("2", created_at=NOW), unread_count=2)
        operate(account, "delete", "conversations", CHAT)
        applied = account.upsert(messages=[a_message("3", created_at=NOW + MINUTE, direction=direction)])
        assert event_names(applied)[:2] == ["message.created msg_acc_3", "conversation.created conv_acc_77"]
        assert (listed(account.view), account.thread().unread_count) == (["msg_acc_3"], unread)
        assert [key[-1] for key in account.thread().order] == ["msg_acc_3"]


def test_a_deleted_conversation_comes_back_when_the_platform_names_a_later_message() -> None:
    account = a_chat(a_message("1"), unread_count=1, last_message_time=START + MINUTE)
    operate(account, "delete", "conversations", CHAT)
    account.upsert(conversations=[a_conversation(unread_count=2, last_message_time=NOW, last_message_content="hi")])
    thread = account.thread()
    assert (thread.hidden, thread.unread_count, thread.platform_last, listed(account.view)) == (False, 1, True, [])


def test_messages_that_were_counted_when_it_was_deleted_do_not_bring_it_back() -> None:
    account = a_chat(a_message("9", created_at=NOW), unread_count=2)
    operate(account, "delete", "conversations", CHAT)
    account.upsert(messages=[a_message("8", created_at=NOW - MINUTE)])
    assert (account.thread().hidden, listed(account.view)) == (True, [])
    account.upsert(messages=[a_message("7", created_at=NOW - HOUR)])
    assert (account.thread().hidden, listed(account.view)) == (False, ["msg_acc_7"])


def test_a_message_deleted_under_a_deleted_conversation_stays_deleted_when_that_is_restored() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW))
    operate(account, "delete", "conversations", CHAT)
    operate(account, "delete", "messages", "msg_acc_2")
    operate(account, "restore", "conversations", CHAT)
    assert account.view.mark("messages", "msg_acc_2").deleted
    assert account.thread().last_id == "msg_acc_1"


def test_restoring_shows_it_as_it_was_before() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW))
    read(account)
    operate(account, "unread", "messages", "msg_acc_2")
    before = account.view
    operate(account, "delete", "conversations", CHAT)
    operate(account, "restore", "conversations", CHAT)
    after = account.view
    assert (listed(after), listed(after, "feed"), after.totals) == (
        listed(before),
        listed(before, "feed"),
        before.totals,
    )
    assert account.unread() == {"2"}
    assert operate(account, "restore", "conversations", CHAT).row is None


def test_reading_it_after_it_came_back_does_not_show_what_was_deleted() -> None:
    account = a_chat(a_message("1"))
    operate(account, "delete", "conversations", CHAT)
    account.upsert(messages=[a_message("2", created_at=NOW)])
    read(account)
    assert (listed(account.view), account.thread().unread_count) == (["msg_acc_2"], 0)
    operate(account, "delete", "conversations", CHAT)
    assert (listed(account.view), account.thread().hidden) == ([], True)


def test_marks_outlive_their_items() -> None:
    account = a_chat(a_message("1"))
    operate(account, "pin", "conversations", CHAT)
    account.sync(conversations=[a_conversation("other")], messages=[])
    account.sync(removed={"messages": ["1"]})
    assert "conv_acc_77" not in account.view.conversation_states
    account.upsert(conversations=[a_conversation()])
    assert account.thread().pinned


# -- conversations of operators


def test_an_operator_created_conversation_survives_every_replace() -> None:
    account = an_account()
    assert event_names(account.apply(ConversationCreated(user_id="zed", user_name="Zed"))) == [
        "conversation.created conv_acc_zed",
        "thread.updated conv_acc_zed",
    ]
    account.sync(conversations=[a_conversation()])
    account.sync(conversations=[], cleared=["conversations"])
    assert account.thread("zed").known
    assert account.apply(ConversationCreated(user_id="zed")).row is None


def test_the_platforms_conversation_adopts_it_with_its_marks() -> None:
    account = an_account()
    account.apply(ConversationCreated(user_id="fan"))
    operate(account, "pin", "conversations", "conv_acc_fan")
    account.upsert(messages=[a_message("1", "fan")])
    applied = account.sync(conversations=[a_conversation("77", user_id="fan", user_name="Fan")])
    assert event_names(applied)[:2] == ["conversation.created conv_acc_77", "conversation.removed conv_acc_fan"]
    view = account.view
    assert (set(view.conversations), view.conversation_states[CHAT].pinned) == ({CHAT}, True)
    assert [key[-1] for key in view.conversation_states[CHAT].order] == ["msg_acc_1"]
    assert view.find("conversations", "conv_acc_fan") == CHAT
    account.upsert(messages=[a_message("2", "fan"), a_message("3", "conv_acc_fan")])
    assert len(account.thread().order) == 3
    account.sync(conversations=[a_conversation("other", user_id="x")])
    assert account.thread().known


def test_an_operator_does_not_create_a_conversation_that_the_platform_has() -> None:
    account = a_chat(user_id="fan")
    assert account.apply(ConversationCreated(user_id="fan")).row is None
    operate(account, "delete", "conversations", CHAT)
    account.apply(ConversationCreated(user_id="fan"))
    assert not account.thread().hidden


def test_a_group_is_nobodys_conversation() -> None:
    account = an_account()
    account.apply(ConversationCreated(user_id="fan"))
    account.upsert(conversations=[a_conversation("77", user_id="fan", type="group")])
    assert set(account.view.conversations) == {"conv_acc_fan", CHAT}


# -- nothing to do


def test_operator_changes_of_unknown_items_change_nothing() -> None:
    account = a_chat(a_message("1"))
    actions: Any = ("read", "unread", "delete", "restore", "pin", "recall")
    collections: Any = ("conversations", "messages", "comments", "notifications", "contents")
    for collection in collections:
        for action in actions:
            assert operate(account, action, collection, "nowhere").row is None
