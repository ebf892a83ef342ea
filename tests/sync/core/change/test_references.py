"""A reference is an id or a platform id, and finds its item whenever and under whatever id that comes."""

from typing import Any

import pytest

from sync.core.change.advance import advance
from sync.core.change.delta import decode_delta, encode_delta
from tests.sync.builders import (
    ACCOUNT,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_view,
    a_work,
    an_account,
    event_names,
)

WEIRD = a_conversation("77", id="weird1")


def replayed(account: Account) -> Any:
    view = a_view()
    for row in account.rows:
        body = decode_delta(encode_delta(row.body))
        view = advance(view, body, version=row.version, seq=row.seq_to, at=row.at)
    return view


def place_of(account: Account, message: str = "1") -> str:
    return account.view.messages[f"msg_{ACCOUNT}_{message}"].item.conversation_id


@pytest.mark.parametrize("reference", ["77", "conv_acc_77"])
def test_a_reference_to_nothing_known_becomes_the_id_that_its_item_will_have(reference: str) -> None:
    account = an_account(messages=[a_message("1", reference)])
    assert place_of(account) == "conv_acc_77"
    account.upsert(conversations=[a_conversation("77")])
    assert (place_of(account), account.thread("77").known) == ("conv_acc_77", True)


@pytest.mark.parametrize("reference", ["77", "weird1", "conv_acc_77"])
def test_a_reference_finds_an_item_of_the_same_snapshot_and_of_an_earlier_one(reference: str) -> None:
    together = an_account(conversations=[WEIRD], messages=[a_message("1", reference)])
    assert place_of(together) == "weird1"
    later = an_account(conversations=[WEIRD])
    later.sync(messages=[a_message("1", reference)])
    assert place_of(later) == "weird1"


@pytest.mark.parametrize("reference", ["77", "weird1", "conv_acc_77"])
def test_messages_move_to_a_conversation_that_comes_late_under_an_id_of_another_form(reference: str) -> None:
    account = an_account(messages=[a_message("1", reference), a_message("2", "88")])
    former = place_of(account)
    applied = account.upsert(conversations=[WEIRD])
    assert (place_of(account), place_of(account, "2")) == ("weird1", "conv_acc_88")
    assert account.view.find("conversations", former) == "weird1"
    assert set(account.view.conversation_states) == {"weird1", "conv_acc_88"}
    assert account.view.totals.orphan_messages == 1
    assert event_names(applied) == [
        "conversation.created weird1",
        "message.updated msg_acc_1",
        f"conversation.removed {former}",
        *(f"thread.updated {thread_id}" for thread_id in sorted(["weird1", former])),
    ]
    assert replayed(account) == account.view


@pytest.mark.parametrize("reference", ["77", "weird1", "conv_acc_77"])
def test_a_redirected_item_stays_redirected_when_it_is_sent_again_with_the_old_reference(reference: str) -> None:
    account = an_account(messages=[a_message("1", "77")])
    account.upsert(conversations=[WEIRD])
    assert account.sync(messages=[a_message("1", reference)]).row is None
    assert place_of(account) == "weird1"


def test_comments_move_to_a_work_and_replies_to_a_comment_that_come_late() -> None:
    account = an_account(comments=[a_comment("2", "9", parent_comment_id="1"), a_comment("3", "9")])
    assert account.view.totals.orphan_comments == 2
    account.upsert(contents=[a_work("9", id="work")], comments=[a_comment("1", "9", id="root")])
    reply = account.view.comments["comm_acc_2"].item
    assert (reply.content_id, reply.parent_comment_id) == ("work", "root")
    assert len(account.view.work("work").order) == 3
    assert [key[-1] for key in account.view.comment_thread("root").replies] == ["comm_acc_2"]
    assert account.view.totals.orphan_comments == 0
    assert account.view.find("contents", "cont_acc_9") == "work"
    assert account.view.find("comments", "comm_acc_1") == "root"
    assert replayed(account) == account.view


def test_messages_follow_a_conversation_that_changes_its_id() -> None:
    account = an_account(conversations=[WEIRD], messages=[a_message("1", "77")])
    account.sync(conversations=[a_conversation("77")])
    assert (place_of(account), set(account.view.conversation_states)) == ("conv_acc_77", {"conv_acc_77"})
    account.sync(conversations=[a_conversation("77", id="weird2")])
    assert (place_of(account), set(account.view.conversation_states)) == ("weird2", {"weird2"})
    assert replayed(account) == account.view


def test_moving_what_is_under_a_placeholder_touches_nothing_else() -> None:
    messages = [a_message(str(n), str(n % 100)) for n in range(1_000)]
    account = an_account(messages=messages)
    applied = account.upsert(conversations=[a_conversation("7", id="weird7")])
    assert applied.row is not None
    assert len(applied.row.body.messages) == 10


def test_references_beside_the_main_one_are_resolved_too() -> None:
    account = an_account(
        contents=[a_work("9", id="work")],
        messages=[a_message("1"), a_message("2", reply_to_message_id="1")],
        notifications=[a_notice("1", related_content_id="9", related_comment_id="5")],
        conversations=[a_conversation(last_message_id="2")],
    )
    notice = account.view.notifications["notif_acc_1"].item
    assert account.view.messages["msg_acc_2"].item.reply_to_message_id == "msg_acc_1"
    assert (notice.related_content_id, notice.related_comment_id) == ("work", "comm_acc_5")
    assert account.view.conversations["conv_acc_77"].item.last_message_id == "msg_acc_2"


def test_an_empty_reference_is_none() -> None:
    account = an_account(comments=[a_comment("1", "", parent_comment_id="")])
    item = account.view.comments["comm_acc_1"].item
    assert (item.content_id, item.parent_comment_id) == (None, None)


def test_a_reference_of_an_item_to_itself_is_none() -> None:
    account = an_account(
        comments=[a_comment("1", "9", parent_comment_id="1"), a_comment("2", "9", parent_comment_id="1")],
        messages=[a_message("1", reply_to_message_id="1")],
    )
    assert account.view.comments["comm_acc_1"].item.parent_comment_id is None
    assert account.view.comments["comm_acc_2"].item.parent_comment_id == "comm_acc_1"
    assert account.view.messages["msg_acc_1"].item.reply_to_message_id is None


def test_a_reply_is_not_moved_below_itself_when_it_takes_the_name_of_what_left() -> None:
    account = an_account(comments=[a_comment("1", "9"), a_comment("1", "9", id="other", parent_comment_id="1")])
    assert account.view.comments["other"].item.parent_comment_id == "comm_acc_1"
    account.sync(removed={"comments": ["comm_acc_1"]})
    assert account.view.comments["other"].item.parent_comment_id is None
    assert replayed(account) == account.view


def test_a_platform_id_of_two_items_means_the_usual_form_then_the_first_by_id() -> None:
    account = an_account(conversations=[a_conversation("77", id="b"), a_conversation("77", id="a")])
    assert account.view.resolve("conversations", "77") == "a"
    account.sync(removed={"conversations": ["a"]})
    assert account.view.resolve("conversations", "77") == "b"
    account.upsert(conversations=[a_conversation("77")])
    assert account.view.resolve("conversations", "77") == "conv_acc_77"


def test_an_item_that_is_called_otherwise_now_is_no_longer_found_by_its_former_name() -> None:
    account = an_account(conversations=[WEIRD])
    account.sync(conversations=[a_conversation("78", id="weird1")])
    assert account.view.resolve("conversations", "77") == "conv_acc_77"
    assert account.view.find("conversations", "conv_acc_78") == "weird1"


def test_an_unknown_reference_finds_nothing() -> None:
    account = an_account(messages=[a_message("1", "77")])
    assert account.view.find("conversations", "conv_acc_77") == "conv_acc_77"
    assert account.view.find("conversations", "77") is None
    assert account.view.find("conversations", "conv_acc_1") is None
    assert account.view.find("comments", "comm_acc_1") is None
