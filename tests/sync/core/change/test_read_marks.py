"""Reading, and marking unread: nothing that somebody saw comes back, nothing that nobody saw is lost."""

from __future__ import annotations

from typing import Any

from sync.core.account.inbox_rows import FeedKind
from sync.core.account.marks import ALL_ITEMS
from sync.core.change.apply import Applied
from sync.core.change.changes import Action, ConversationCreated, Operated, ReadBefore
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
    event_names,
)

ALL: frozenset[FeedKind] = frozenset({"comment", "discussion", "direct_message", "notification"})
CHAT = "conv_acc_77"


def operate(account: Account, action: Action, collection: Collection, *ids: str, **fields: Any) -> Applied:
    return account.apply(Operated(action=action, collection=collection, ids=ids, **fields))


def read(account: Account, conversation: str = CHAT) -> Applied:
    return operate(account, "read", "conversations", conversation)


def a_chat(*messages: Any, **fields: Any) -> Account:
    """Since a day, with one conversation."""
    account = an_account()
    account.upsert(conversations=[a_conversation(**fields)], messages=list(messages))
    return account


def count(account: Account) -> int:
    unread: int = account.thread().unread_count
    return unread


# -- a conversation


def test_reading_clears_the_conversation_and_no_snapshot_brings_it_back() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW), unread_count=2)
    assert (count(account), account.view.totals.total_unread) == (2, 2)
    assert event_names(read(account)) == [
        "conversation.updated conv_acc_77",
        "message.updated msg_acc_1",
        "message.updated msg_acc_2",
        "thread.updated conv_acc_77",
        "unread.changed",
    ]
    assert (count(account), account.view.totals.total_unread, account.unread()) == (0, 0, set())
    same = [a_message("1", content="edited"), a_message("2", created_at=NOW)]
    account.sync(conversations=[a_conversation(unread_count=2, user_name="New name")], messages=same)
    assert (count(account), account.unread()) == (0, set())


def test_a_message_after_reading_is_unread() -> None:
    account = a_chat(a_message("1"))
    read(account)
    account.upsert(messages=[a_message("2", created_at=START + 2 * MINUTE)])
    assert (count(account), account.unread()) == (1, {"2"})


def test_reading_twice_changes_nothing() -> None:
    account = a_chat(a_message("1"))
    read(account)
    version = account.view.version
    assert read(account).row is None
    assert account.view.version == version


def test_at_one_moment_the_greater_id_is_later() -> None:
    account = a_chat(a_message("5"))
    read(account)
    account.upsert(at=NOW + 2 * DAY, messages=[a_message("6"), a_message("4")])
    assert account.unread() == {"6"}


def test_a_message_that_nobody_can_have_seen_is_unread_though_it_is_older() -> None:
    account = a_chat(a_message("2", created_at=NOW - MINUTE))
    read(account)
    account.upsert(messages=[a_message("1", created_at=NOW - HOUR)])
    assert account.unread() == {"1"}


def test_an_old_message_found_a_day_later_is_not_unread() -> None:
    account = a_chat(a_message("2", created_at=NOW - MINUTE))
    read(account)
    account.upsert(at=NOW + DAY, messages=[a_message("1", created_at=NOW - HOUR)])
    assert account.unread() == set()


def test_messages_that_were_counted_when_somebody_read_may_still_come_and_are_read() -> None:
    account = a_chat(a_message("9", created_at=NOW), unread_count=3)
    assert count(account) == 3
    read(account)
    older = [a_message(str(n), created_at=NOW - n * MINUTE) for n in (1, 2, 3)]
    account.upsert(messages=older[1:])
    assert (count(account), account.unread()) == (0, set())
    account.upsert(messages=older[:1])
    assert (count(account), account.unread()) == (1, {"1"})


def test_reading_again_does_not_forget_what_may_still_come() -> None:
    account = a_chat(a_message("9", created_at=NOW), unread_count=3)
    read(account)
    account.upsert(messages=[a_message("10", created_at=NOW + MINUTE)])
    read(account)
    account.upsert(messages=[a_message(str(n), created_at=NOW - n * MINUTE) for n in (1, 2, 3)])
    assert account.unread() == {"1"}


def test_messages_that_the_platform_counts_after_the_read_marker_are_unread_before_they_are_crawled() -> None:
    account = a_chat(a_message("1", created_at=NOW), unread_count=1)
    read(account)
    account.upsert(conversations=[a_conversation(unread_count=3, last_message_time=NOW + MINUTE)])
    assert count(account) == 2
    account.upsert(messages=[a_message("2", created_at=NOW + MINUTE)])
    assert (count(account), account.unread()) == (2, {"2"})


def test_a_count_without_a_later_message_is_an_old_one() -> None:
    account = a_chat(a_message("1", created_at=NOW), unread_count=0)
    read(account)
    account.upsert(conversations=[a_conversation(unread_count=4, last_message_time=NOW)])
    assert count(account) == 0


def test_messages_read_on_the_phone_are_not_subtracted_twice() -> None:
    account = a_chat(a_message("1", created_at=NOW), unread_count=5, last_message_time=NOW)
    read(account)
    account.upsert(conversations=[a_conversation(unread_count=0, last_message_time=NOW)])
    account.upsert(conversations=[a_conversation(unread_count=2, last_message_time=NOW + MINUTE)])
    assert count(account) == 2


def test_an_answer_from_the_phone_moves_no_mark() -> None:
    account = a_chat(a_message("1", created_at=NOW))
    account.upsert(messages=[a_message("2", created_at=NOW + MINUTE, direction="outbound")])
    assert (count(account), account.thread().needs_reply) == (1, False)


def test_history_that_is_crawled_after_reading_is_not_unread() -> None:
    account = an_account(conversations=[a_conversation()], messages=[a_message("9", created_at=START)])
    read(account)
    account.upsert(at=START + HOUR, messages=[a_message("8", created_at=START - HOUR)])
    assert account.unread() == set()


def test_muted_conversations_stand_in_no_total_and_reading_never_answers() -> None:
    account = a_chat(a_message("1"))
    operate(account, "mute", "conversations", CHAT)
    assert (account.thread().unread_count, account.thread().needs_reply) == (1, True)
    assert (account.view.totals.unread_direct_messages, account.view.totals.needs_reply) == (0, 0)
    read(account)
    assert account.thread().needs_reply


# -- marking unread


def test_marking_a_conversation_unread_marks_its_newest_inbound_message() -> None:
    account = a_chat(
        a_message("1"), a_message("2", created_at=NOW), a_message("3", created_at=NOW, direction="outbound")
    )
    read(account)
    operate(account, "unread", "conversations", CHAT)
    assert (count(account), account.unread()) == (1, {"2"})
    assert operate(account, "unread", "conversations", CHAT).row is None
    account.sync(conversations=[a_conversation()], messages=[a_message("1"), a_message("2", created_at=NOW)])
    assert account.unread() == {"2"}
    read(account)
    assert (count(account), account.unread()) == (0, set())


def test_a_conversation_of_which_nothing_was_crawled_is_unread_until_it_is_read() -> None:
    account = a_chat()
    operate(account, "unread", "conversations", CHAT)
    assert (count(account), account.view.totals.unread_direct_messages) == (1, 1)
    read(account)
    assert (count(account), account.view.totals.unread_direct_messages) == (0, 0)


def test_single_messages_are_read_and_unread() -> None:
    account = a_chat(a_message("1"), a_message("2", created_at=NOW))
    operate(account, "read", "messages", "msg_acc_1")
    assert account.unread() == {"2"}
    operate(account, "unread", "messages", "msg_acc_1")
    assert account.unread() == {"1", "2"}


def test_own_recalled_and_deleted_messages_are_never_unread() -> None:
    account = a_chat(
        a_message("own", direction="outbound"), a_message("gone", is_recalled=True), a_message("bin"), a_message("1")
    )
    operate(account, "delete", "messages", "msg_acc_bin")
    for name in ("own", "gone", "bin"):
        assert operate(account, "unread", "messages", f"msg_acc_{name}").row is None
    assert account.unread() == {"1"}


# -- comments and notices


def test_comments_are_read_and_unread_one_by_one_and_own_ones_never() -> None:
    account = an_account()
    account.upsert(comments=[a_comment("1"), a_comment("2"), a_comment("own", is_author_reply=True)])
    operate(account, "read", "comments", "comm_acc_1")
    assert (account.unread(), account.view.totals.unread_comments) == ({"2"}, 1)
    operate(account, "unread", "comments", "comm_acc_1", "comm_acc_own")
    assert account.unread() == {"1", "2"}


def test_reading_a_work_reads_its_comments() -> None:
    account = an_account()
    account.upsert(comments=[a_comment("1"), a_comment("2", parent_comment_id="1"), a_comment("3", work="other")])
    operate(account, "read", "contents", "cont_acc_9")
    assert account.unread() == {"3"}
    assert account.view.work("cont_acc_9").unread == 0


def test_everything_up_to_a_time_is_read_and_what_comes_later_is_not() -> None:
    account = a_chat(a_message("m1"), a_message("m2", created_at=NOW))
    account.upsert(
        comments=[a_comment("c1"), a_comment("c2", parent_comment_id="c1", created_at=NOW)],
        notifications=[a_notice("n1"), a_notice("n2", created_at=None)],
    )
    account.apply(ReadBefore(before=START + MINUTE, kinds=ALL))
    assert account.unread() == {"m2", "c2"}
    account.apply(ReadBefore(before=NOW, kinds=ALL))
    assert (account.unread(), account.view.totals.total_unread) == (set(), 0)
    account.upsert(comments=[a_comment("late", created_at=NOW - HOUR)], notifications=[a_notice("n3", created_at=NOW)])
    assert account.unread() == {"late", "n3"}


def test_only_the_kinds_that_were_named_are_read() -> None:
    account = an_account()
    account.upsert(comments=[a_comment("1"), a_comment("2", parent_comment_id="1")], notifications=[a_notice("n")])
    account.apply(ReadBefore(before=NOW, kinds=frozenset({"discussion"})))
    assert account.unread() == {"1", "n"}


def test_a_time_before_everything_reads_nothing() -> None:
    account = a_chat(a_message("1"))
    account.upsert(comments=[a_comment("1")], notifications=[a_notice("1")])
    assert account.apply(ReadBefore(before=START - DAY, kinds=ALL)).row is None


def test_a_clock_that_goes_ahead_reads_nothing_that_is_not_there_yet() -> None:
    account = an_account()
    account.upsert(comments=[a_comment("1")])
    account.apply(ReadBefore(before=NOW + 365 * DAY, kinds=ALL))
    account.upsert(comments=[a_comment("2", created_at=NOW)])
    assert account.unread() == {"2"}


def test_an_earlier_time_does_not_take_a_later_mark_back() -> None:
    account = an_account()
    account.upsert(comments=[a_comment("1"), a_comment("2", created_at=NOW)])
    account.apply(ReadBefore(before=NOW, kinds=ALL))
    account.upsert(comments=[a_comment("late", created_at=START + 2 * MINUTE)], at=START + HOUR)
    account.apply(ReadBefore(before=START + 2 * MINUTE, kinds=ALL))
    assert account.unread() == set()
    assert account.view.mark("comments", ALL_ITEMS).read_marker is not None
    assert account.view.mark("comments", "comm_acc_late").read is True


def test_many_are_read_in_steps() -> None:
    account = a_chat()
    account.upsert(comments=[a_comment(str(n), created_at=START + n, parent_comment_id="0") for n in range(1, 8)])
    kinds: frozenset[FeedKind] = frozenset({"discussion"})
    left = []
    while account.apply(ReadBefore(before=NOW, kinds=kinds, limit=2)).row is not None:
        left.append(account.view.totals.total_unread)
    assert left == [5, 3, 1, 0]


def test_more_than_one_step_may_take_are_read_one_by_one_until_one_mark_can_say_the_rest() -> None:
    account = an_account()
    account.upsert(comments=[a_comment(str(n), created_at=START + n) for n in range(1, 6)])
    for left in (3, 1):
        account.apply(ReadBefore(before=NOW, kinds=ALL, limit=2))
        assert account.view.totals.total_unread == left
        assert account.view.mark("comments", ALL_ITEMS).read_marker is None
    account.apply(ReadBefore(before=NOW, kinds=ALL, limit=2))
    assert account.view.totals.total_unread == 0
    assert account.view.mark("comments", ALL_ITEMS).read_marker is not None


def test_an_operator_created_conversation_is_read_like_any_other() -> None:
    account = an_account()
    account.apply(ConversationCreated(user_id="zed"))
    operate(account, "unread", "conversations", "conv_acc_zed")
    assert account.thread("zed").unread_count == 1
