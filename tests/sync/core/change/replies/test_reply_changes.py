"""Replies are part of the account: written, moved on, confirmed by what a snapshot shows, kept by every start."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.change.changes import Cleared, ConversationCreated, EpochRenewed, ReplyMoved, ReplyWritten
from sync.core.change.delta import as_delta
from sync.core.change.replies.reply_changes import answered_since
from sync.core.replies.reply import KEEP_MS, Reason, Reply
from sync.core.replies.steps import Cancelled, DeadlinePassed, HandedOver, HoldEnded, PressingAsked, ReplyStep, Resulted
from sync.core.stored.image import decode_image, encode_image
from tests.sync.builders import (
    HOUR,
    MINUTE,
    NOW,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_work,
    an_account,
    event_names,
)
from tests.sync.core.replies.builders import WORKER, a_reply, sent_by

TEXT = "今天能送到"


def a_talk(**lists: Any) -> Account:
    """A fan asked something."""
    known: dict[str, Any] = {"conversations": [a_conversation()], "messages": [a_message("500")]}
    return an_account(**(known | lists))


def own(platform_id: str, text: str = TEXT, **fields: Any) -> Any:
    values: dict[str, Any] = {"direction": "outbound", "content": text, "created_at": NOW}
    return a_message(platform_id, **(values | fields))


def write(account: Account, reply: Reply, based_on: str | None = None) -> Any:
    return account.apply(ReplyWritten(reply=reply, based_on=based_on))


def move(account: Account, reply: Reply, *steps: ReplyStep, at: int = NOW) -> Reply:
    for step in steps:
        account.apply(ReplyMoved(reply_id=reply.id, step=step), at)
    return account.view.replies[reply.id]


def press(account: Account, reply: Reply, *known: str) -> Reply:
    write(account, reply)
    return move(account, reply, HoldEnded(), HandedOver(WORKER, 1, "send"), PressingAsked(1, WORKER, known))


def state(account: Account, reply: Reply) -> tuple[str, str | None]:
    held = account.view.replies[reply.id]
    return held.state, held.confirmed_id


def same_from_disk(account: Account) -> bool:
    """The log, a checkpoint and an image of the account all lead to the same view."""
    view, new = account.view, View(account_id="acc", fresh_ms=account.view.fresh_ms)
    numbers: Any = {"version": view.version, "seq": view.seq, "at": view.changed_at or 0}
    by_log = new
    for row in account.rows:
        by_log = advance(by_log, row.body, version=row.version, seq=row.seq_to, at=row.at)
    by_checkpoint = advance(new, as_delta(view), **numbers)
    by_image = decode_image(encode_image(view, b"me")).view("acc", **numbers)
    return by_log == view == by_checkpoint == by_image


# -- writing, and what everybody is told


def test_a_written_reply_is_told_of_with_its_conversation_and_its_row() -> None:
    account = a_talk()
    applied = write(account, a_reply())
    assert event_names(applied) == [
        "conversation.updated conv_acc_77",
        f"reply.updated {a_reply().id}",
        "thread.updated conv_acc_77",
    ]
    assert applied.row is not None
    assert applied.row.body.action == "reply"
    assert account.view.pending_reply("conversations", "conv_acc_77") == "held"
    assert account.thread().needs_reply, "a reply on its way does not end it"


def test_the_same_reply_is_written_once() -> None:
    account = a_talk()
    write(account, a_reply())
    assert write(account, a_reply(text="another one")).row is None
    assert account.view.replies[a_reply().id].text == TEXT


def test_a_reply_that_ended_is_pending_no_more() -> None:
    account = a_talk()
    write(account, a_reply(1))
    write(account, a_reply(2))
    move(account, a_reply(2), Cancelled())
    assert account.view.pending_reply("conversations", "conv_acc_77") == "held"
    move(account, a_reply(1), Cancelled())
    assert account.view.pending_reply("conversations", "conv_acc_77") is None
    assert [row.body.action for row in account.rows[-2:]] == ["cancel_reply", "cancel_reply"]


def test_a_reply_to_a_comment_is_shown_at_the_comment_and_at_its_row() -> None:
    lists = {"contents": [a_work()], "comments": [a_comment("1"), a_comment("2", parent_comment_id="1")]}
    account = a_talk(**lists)
    reply = a_reply(kind="comment", target="comm_acc_2", thread="comm_acc_1")
    assert event_names(write(account, reply)) == [
        "discussion.updated comm_acc_2",
        f"reply.updated {reply.id}",
        "thread.updated comm_acc_1",
    ]


def test_every_start_leads_to_the_same_replies() -> None:
    account = a_talk()
    press(account, a_reply(1))
    write(account, a_reply(2))
    account.sync(conversations=[a_conversation()], messages=[a_message("500"), own("501")])
    assert state(account, a_reply(1)) == ("sent", "msg_acc_501")
    assert same_from_disk(account)


def test_replies_that_ended_long_ago_are_forgotten_and_their_message_keeps_its_mark() -> None:
    account = a_talk()
    press(account, a_reply(1))
    move(account, a_reply(1), sent_by())
    account.apply(ReplyWritten(reply=a_reply(2)), NOW + KEEP_MS + 1)
    assert list(account.view.replies) == [a_reply(2).id]
    assert account.view.mark("messages", "msg_acc_501").answered_by == "ann"
    assert same_from_disk(account)


def test_a_clear_takes_the_replies_along() -> None:
    account = a_talk()
    write(account, a_reply())
    account.apply(Cleared(epoch="e2"))
    assert dict(account.view.replies) == {}
    assert account.view.pending_reply("conversations", "conv_acc_77") is None


def test_after_the_data_were_put_back_what_was_on_its_way_is_unknown() -> None:
    account = a_talk()
    write(account, a_reply(1))
    press(account, a_reply(2))
    account.apply(EpochRenewed(epoch="e2"))
    assert {reply.state for reply in account.view.replies.values()} == {"unknown"}


# -- evidence


def test_a_message_of_a_snapshot_settles_what_nobody_knew_the_end_of() -> None:
    account = a_talk()
    press(account, a_reply())
    assert move(account, a_reply(), DeadlinePassed(), at=NOW + MINUTE).state == "unknown"
    applied = account.upsert(messages=[own("501", TEXT + "\u200b")])
    assert state(account, a_reply()) == ("sent", "msg_acc_501")
    assert f"reply.updated {a_reply().id}" in event_names(applied)
    assert account.view.mark("messages", "msg_acc_501").reply_id == a_reply().id


def test_a_message_that_was_there_before_settles_nothing() -> None:
    account = a_talk(messages=[a_message("500"), own("499")])
    press(account, a_reply())
    account.upsert(messages=[own("499", status="read")])
    assert state(account, a_reply()) == ("pressing", None)


def test_a_message_that_the_worker_saw_before_it_pressed_settles_nothing() -> None:
    account = a_talk()
    press(account, a_reply(), "499")
    account.upsert(messages=[own("499")])
    assert state(account, a_reply()) == ("pressing", None)


def test_a_message_of_another_conversation_settles_nothing() -> None:
    account = a_talk(conversations=[a_conversation(), a_conversation("78", user_id="namesake", user_name="橘子")])
    press(account, a_reply())
    account.upsert(messages=[own("501", conversation="78")])
    account.upsert(messages=[a_message("502", content=TEXT)])
    assert state(account, a_reply()) == ("pressing", None)


def test_one_message_confirms_one_reply() -> None:
    account = a_talk()
    press(account, a_reply(1))
    move(account, a_reply(1), DeadlinePassed(), at=NOW + MINUTE)
    press(account, a_reply(2))
    account.upsert(messages=[own("502")])
    assert state(account, a_reply(1))[0] == "unknown", "nobody can tell which of them it is"
    move(account, a_reply(2), sent_by("msg_acc_502"))
    assert state(account, a_reply(2)) == ("sent", "msg_acc_502")
    assert state(account, a_reply(1)) == ("unknown", None)
    account.upsert(messages=[own("503")])
    assert state(account, a_reply(1)) == ("sent", "msg_acc_503")


def test_evidence_that_another_reply_has_already_proves_nothing() -> None:
    account = a_talk()
    press(account, a_reply(1))
    move(account, a_reply(1), sent_by("msg_acc_501"))
    press(account, a_reply(2))
    assert move(account, a_reply(2), sent_by("msg_acc_501", evidence="list")).state == "unknown"


def test_what_the_platform_itself_answered_weighs_more_than_what_a_list_seemed_to_show() -> None:
    account = a_talk()
    press(account, a_reply(1))
    move(account, a_reply(1), DeadlinePassed(), at=NOW + MINUTE)
    write(account, a_reply(2))
    account.upsert(messages=[own("501")])
    assert state(account, a_reply(1)) == ("sent", "msg_acc_501")
    move(account, a_reply(2), HoldEnded(), HandedOver(WORKER, 1, "send"), sent_by("msg_acc_501"))
    assert state(account, a_reply(2)) == ("sent", "msg_acc_501")
    assert state(account, a_reply(1)) == ("unknown", None)
    assert account.view.mark("messages", "msg_acc_501").reply_id == a_reply(2).id


def test_what_the_platform_refused_is_not_taken_for_another_reply() -> None:
    account = a_talk()
    press(account, a_reply(1))
    move(account, a_reply(1), DeadlinePassed(), at=NOW + MINUTE)
    press(account, a_reply(2))
    move(account, a_reply(2), Resulted(1, WORKER, "refused", Reason("self_visible")))
    account.upsert(messages=[own("502")])
    assert state(account, a_reply(1))[0] == "unknown"


def test_a_comment_of_ours_under_the_right_comment_settles_a_reply() -> None:
    lists = {"contents": [a_work()], "comments": [a_comment("1"), a_comment("2")]}
    account = a_talk(**lists)
    reply = a_reply(kind="comment", target="comm_acc_1", thread="comm_acc_1")
    press(account, reply)
    account.upsert(comments=[a_comment("3", parent_comment_id="2", is_author_reply=True, content=TEXT)])
    assert state(account, reply)[0] == "pressing"
    account.upsert(comments=[a_comment("4", parent_comment_id="1", is_author_reply=True, content=TEXT)])
    assert state(account, reply) == ("sent", "comm_acc_4")
    work = a_reply(2, kind="work", target="cont_acc_9", thread="")
    press(account, work)
    account.upsert(comments=[a_comment("5", is_author_reply=True, content=TEXT)])
    assert state(account, work) == ("sent", "comm_acc_5")


def test_a_reply_follows_its_conversation_to_the_id_that_the_platform_gives_it() -> None:
    account = an_account()
    account.apply(ConversationCreated(user_id="fan", user_name="Fan"))
    press(account, a_reply(target="conv_acc_fan", thread="conv_acc_fan"))
    account.upsert(conversations=[a_conversation("77", user_id="fan")], messages=[own("501")])
    assert account.view.replies[a_reply().id].target == "conv_acc_77"
    assert state(account, a_reply()) == ("sent", "msg_acc_501")
    assert same_from_disk(account)


# -- two people answer


@pytest.mark.parametrize(
    ("by", "based_on", "found"),
    [("bob", "msg_acc_500", True), ("ann", "msg_acc_500", False), ("bob", a_reply(1).id, False)],
)
def test_a_colleague_who_answers_meanwhile_is_noticed(by: str, based_on: str, found: bool) -> None:
    account = a_talk()
    write(account, a_reply(1))
    assert (answered_since(account.view, a_reply(2, by=by), based_on) is not None) == found
    applied = write(account, a_reply(2, by=by), based_on)
    assert (applied.row is None) == found


def test_an_answer_on_the_phone_is_noticed_and_an_older_one_is_not() -> None:
    account = a_talk(messages=[a_message("500"), own("499", created_at=NOW - HOUR * 30)])
    assert answered_since(account.view, a_reply(), "msg_acc_500") is None
    account.upsert(messages=[own("501")])
    assert answered_since(account.view, a_reply(), "msg_acc_500") == "msg_acc_501"
    assert answered_since(account.view, a_reply(), "msg_acc_501") is None


def test_a_message_that_only_we_can_see_settles_nothing_until_it_is_there() -> None:
    account = a_talk()
    press(account, a_reply())
    account.upsert(messages=[own("501", status="failed")])
    assert state(account, a_reply())[0] == "pressing"
    account.upsert(messages=[own("501", status="sent")])
    assert state(account, a_reply()) == ("sent", "msg_acc_501")


def test_what_a_list_shows_may_be_an_older_reply_that_comes_late() -> None:
    account = a_talk()
    press(account, a_reply(1))
    move(account, a_reply(1), DeadlinePassed(), at=NOW + MINUTE)
    press(account, a_reply(2))
    assert move(account, a_reply(2), sent_by("msg_acc_501", evidence="list")).state == "unknown"
    account.upsert(messages=[own("501"), own("502")])
    assert state(account, a_reply(1)) == ("sent", "msg_acc_501")
    assert state(account, a_reply(2)) == ("sent", "msg_acc_502")
