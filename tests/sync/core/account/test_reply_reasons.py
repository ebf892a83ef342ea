"""Who waits for us, since when, and why those do not who do not."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.change.changes import Operated
from sync.protocol.items import Message
from tests.sync.builders import DAY, HOUR, MINUTE, START, Account, a_comment, a_conversation, a_message, an_account


def a_talk(*messages: Message, **conversation: Any) -> Account:
    account = an_account(conversations=[a_conversation(**conversation)])
    account.sync(messages=list(messages))
    return account


def own(number: str, minute: int) -> Message:
    return a_message(number, direction="outbound", created_at=START + minute * MINUTE)


def theirs(number: str, minute: int, content: str | None = "请问有货吗", **fields: Any) -> Message:
    return a_message(number, created_at=START + minute * MINUTE, content=content, **fields)


def why(account: Account) -> tuple[bool, str | None, int | None]:
    thread = account.thread()
    return thread.needs_reply, thread.reply_reason, thread.waiting_since


def test_a_returning_customer_waits_since_the_first_question_that_is_not_history() -> None:
    history = a_message("1", created_at=START - 42 * DAY)
    account = an_account(conversations=[a_conversation()], messages=[history])
    assert why(account) == (False, None, None)
    account.sync(messages=[history, theirs("2", 5), theirs("3", 9)])
    assert why(account) == (True, "question", START + 5 * MINUTE)


def test_the_clock_starts_after_our_last_words_and_after_what_was_handled() -> None:
    account = a_talk(theirs("1", 1), own("2", 2), theirs("3", 3), theirs("4", 4))
    assert why(account)[2] == START + 3 * MINUTE
    done = Operated(action="done", collection="conversations", ids=(account.thread().id,), by="mei")
    account.apply(done, START + 5 * MINUTE)
    assert why(account) == (False, None, None)
    account.upsert(messages=[theirs("6", 6, "谢谢")])
    assert why(account) == (False, "closing", None)
    account.upsert(messages=[theirs("7", 7), theirs("8", 8)])
    assert why(account) == (True, "question", START + 7 * MINUTE)
    account.apply(done, START + 9 * MINUTE)
    assert why(account) == (False, None, None)


def test_a_question_that_was_taken_back_asks_nothing_and_the_next_one_starts_the_clock() -> None:
    account = a_talk(own("1", 1), theirs("2", 2), theirs("3", 3))
    assert why(account)[2] == START + 2 * MINUTE
    account.upsert(messages=[theirs("2", 2, is_recalled=True)])
    assert why(account) == (True, "question", START + 3 * MINUTE)
    account.upsert(messages=[theirs("3", 3, is_recalled=True)])
    assert why(account) == (False, None, None)


def test_an_old_question_that_nobody_answered_is_no_part_of_what_a_returning_customer_waits_for() -> None:
    """Also not where the customer is back with thanks, asks later, and history comes in after it."""
    account = an_account(conversations=[a_conversation()])
    account.sync(messages=[theirs("5", 5, "谢谢"), theirs("6", 60)])
    old = [a_message(f"h{days}", created_at=START - days * DAY, content="还在吗") for days in (3, 42, 400)]
    account.upsert(messages=old)
    assert why(account) == (True, "question", START + 5 * MINUTE)  # we never spoke: "thanks" asks
    account.upsert(messages=[a_message("h41", direction="outbound", created_at=START - 41 * DAY)])
    assert why(account) == (True, "question", START + 60 * MINUTE)


@pytest.mark.parametrize("text", ["谢谢", "好的！", "收到～", "👍🏻", "[玫瑰]"])
def test_closing_words_after_our_own_message_do_not_wait_and_stay_unread(text: str) -> None:
    account = a_talk(theirs("1", 1), own("2", 2), theirs("3", 3, text))
    assert why(account) == (False, "closing", None)
    assert "3" in account.unread()


def test_a_sticker_closes_a_talk() -> None:
    assert why(a_talk(own("1", 1), theirs("2", 2, None, type="sticker"))) == (False, "closing", None)


def test_a_question_before_or_after_the_thanks_waits_since_the_question() -> None:
    account = a_talk(own("1", 1), theirs("2", 2, "谢谢"), theirs("3", 3), theirs("4", 4, "谢谢"))
    assert why(account) == (True, "question", START + 3 * MINUTE)


def test_words_that_would_close_a_talk_ask_where_we_never_spoke() -> None:
    assert why(a_talk(theirs("1", 1, "好的"))) == (True, "question", START + MINUTE)


def test_what_the_platform_alone_knows_closes_a_talk_too() -> None:
    facts: dict[str, Any] = {
        "last_message_sender_id": "fan",
        "last_message_time": START + HOUR,
        "last_message_content": "谢谢",
    }
    account = a_talk(own("1", 1))
    account.sync(conversations=[a_conversation(**facts)])
    assert why(account) == (False, "closing", None)


# -- comments


def reasons(*comments: Any) -> dict[str, str]:
    account = an_account()
    account.sync(comments=list(comments))
    found = {i: why for thread in account.view.comment_threads.values() for i, why in thread.reasons.items()}
    return {i.removeprefix("comm_acc_"): why for i, why in found.items()}


def reply(number: str, minute: int, author: str | None, to: str | None = None, **fields: Any) -> Any:
    said = {"author_id": author, "reply_to_user_id": to, "created_at": START + minute * MINUTE, "content": "多大的"}
    return a_comment(number, parent_comment_id="1", **{**said, **fields})


ROOT = a_comment("1", author_id="ann", content="好看")
ANSWER = reply("2", 2, author="me", is_author_reply=True)


def test_a_comment_on_our_work_and_a_reply_to_us_wait() -> None:
    assert reasons(ROOT) == {"1": "question"}
    assert reasons(ROOT, ANSWER, reply("3", 3, "bob", "me")) == {"3": "question"}
    assert reasons(ROOT, ANSWER, reply("3", 3, "ann")) == {"3": "question"}


@pytest.mark.parametrize("to", ["ann", "carl", None])
def test_fans_who_answer_fans_do_not_wait(to: str | None) -> None:
    assert reasons(ROOT, ANSWER, reply("3", 3, "bob", to)) == {"3": "fan_to_fan"}


def test_in_doubt_a_reply_is_for_us() -> None:
    assert reasons(reply("3", 3, "bob", "x")) == {"3": "question"}
    assert reasons(ROOT, ANSWER, reply("3", 3, None)) == {"3": "question"}


def test_thanks_for_our_answer_do_not_wait_and_the_thread_says_why() -> None:
    account = an_account()
    account.sync(comments=[ROOT, ANSWER, reply("3", 3, "ann", "me", content="谢谢")])
    thread = account.view.comment_thread("comm_acc_1")
    assert (thread.reply_reason, thread.waiting, account.view.totals.needs_reply) == ("closing", 0, 0)
    assert "3" in account.unread()


def test_a_comment_that_comes_later_tells_whom_a_reply_is_for() -> None:
    account = an_account()
    account.sync(comments=[reply("3", 3, "bob", "ann")])
    assert account.view.comment_thread("comm_acc_1").reply_reason == "question"
    applied = account.upsert(comments=[ROOT, ANSWER, reply("3", 3, "bob", "ann")])
    assert account.view.comment_thread("comm_acc_1").reply_reason == "fan_to_fan"
    assert "discussion.updated comm_acc_3" in [f"{e.kind} {e.id}" for e in applied.row.body.events]  # type: ignore[union-attr]  # it changed something
