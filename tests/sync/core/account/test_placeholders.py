"""What answers name and nobody can see is a placeholder, made of what is known of it."""

from typing import Any

from sync.core.account.inbox_rows import make_row
from sync.core.account.placeholders import is_placeholder, make_placeholder
from sync.core.change.changes import Action, Operated
from sync.protocol.items import Collection, Comment, Message
from tests.sync.builders import NOW, Account, a_comment, a_message, a_notice, an_account, event_names


def operate(account: Account, action: Action, item_id: str, collection: Collection = "comments", at: int = NOW) -> Any:
    return account.apply(Operated(action=action, collection=collection, ids=(item_id,), by="mei"), at)


def an_orphaned_thread() -> Account:
    """Two fans answer a comment that was never read."""
    return an_account(
        comments=[a_comment(name, parent_comment_id="ghost", content_title="旧作品") for name in ("r1", "r2")]
    )


def test_a_comment_that_was_never_read_is_known_from_its_replies() -> None:
    account = an_orphaned_thread()
    assert is_placeholder(account.view, "comments", "comm_acc_ghost")
    entry = make_placeholder(account.view, "comments", "comm_acc_ghost")
    assert entry is not None
    assert entry.item == Comment(
        id="comm_acc_ghost", platform_id="ghost", content_id="cont_acc_9", content_title="旧作品"
    )
    assert account.view.find("comments", "comm_acc_ghost") == "comm_acc_ghost"


def waiting(account: Account) -> tuple[int, int]:
    """The comments that wait under it, and the rows of which somebody waits."""
    return account.view.comment_thread("comm_acc_ghost").waiting, account.view.totals.needs_reply


def test_done_on_it_handles_who_waits_under_it_and_undone_takes_that_back() -> None:
    account = an_orphaned_thread()
    assert waiting(account) == (2, 1)
    told = event_names(operate(account, "done", "comm_acc_ghost"))
    assert "thread.updated comm_acc_ghost" in told
    row = make_row(account.view, "comment", "comm_acc_ghost")
    assert row is not None
    assert (waiting(account), row.needs_reply, row.done_at, row.done_by) == ((0, 0), False, NOW, "mei")
    operate(account, "undone", "comm_acc_ghost")
    assert waiting(account) == (2, 1)


def test_done_where_nobody_waits_is_told_too() -> None:
    account = an_account(comments=[a_comment("r1", parent_comment_id="ghost", is_author_reply=True)])
    assert event_names(operate(account, "done", "comm_acc_ghost")) == ["thread.updated comm_acc_ghost"]


def test_a_deleted_comment_keeps_its_place_and_none_of_its_words() -> None:
    account = an_account(
        comments=[a_comment("root", content="words", author_id="x"), a_comment("r1", parent_comment_id="root")]
    )
    operate(account, "delete", "comm_acc_root")
    entry = make_placeholder(account.view, "comments", "comm_acc_root")
    assert entry is not None
    assert entry.item == Comment(id="comm_acc_root", platform_id="root", content_id="cont_acc_9")
    operate(account, "delete", "comm_acc_r1")
    assert make_placeholder(account.view, "comments", "comm_acc_root") is None


def test_an_item_that_is_seen_is_no_placeholder() -> None:
    account = an_account(comments=[a_comment("root"), a_comment("r1", parent_comment_id="root")])
    assert make_placeholder(account.view, "comments", "comm_acc_root") is None
    assert make_placeholder(account.view, "comments", "comm_acc_unheard_of") is None


def test_a_message_that_was_answered_and_never_read_is_in_the_conversation_of_its_answer() -> None:
    account = an_account(messages=[a_message("2", reply_to_message_id="1")])
    entry = make_placeholder(account.view, "messages", "msg_acc_1")
    assert entry is not None
    assert entry.item == Message(id="msg_acc_1", platform_id="1", conversation_id="conv_acc_77", type="other")
    account.sync(messages=[a_message("1"), a_message("2", reply_to_message_id="1")])
    assert not is_placeholder(account.view, "messages", "msg_acc_1")


def test_of_a_deleted_conversation_nothing_is_named() -> None:
    account = an_account(messages=[a_message("2", reply_to_message_id="1")])
    operate(account, "delete", "conv_acc_77", "conversations")
    assert not is_placeholder(account.view, "messages", "msg_acc_1")


def test_what_a_notice_is_about_is_named_as_long_as_the_notice_is_there() -> None:
    account = an_account(notifications=[a_notice("1", related_content_id="old", related_comment_id="c")])
    assert is_placeholder(account.view, "contents", "cont_acc_old")
    entry = make_placeholder(account.view, "comments", "comm_acc_c")
    assert entry is not None
    assert entry.item == Comment(id="comm_acc_c", platform_id="c", content_id="cont_acc_old")
    account.sync(notifications=[a_notice("2")])
    assert not account.view.mentions
    assert not is_placeholder(account.view, "comments", "comm_acc_c")


def test_an_item_that_comes_under_another_id_takes_the_place_of_its_placeholder() -> None:
    account = an_account(notifications=[a_notice("1", related_comment_id="c")])
    account.sync(comments=[a_comment("c", id="free")])
    assert account.view.find("comments", "comm_acc_c") == "free"
