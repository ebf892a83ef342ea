"""The owner's rules of who waits: they count at once, for what is there already, and a replay ends with the same."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.change.changes import Cleared, RulesChanged
from sync.core.change.delta import Delta, as_delta, decode_delta, encode_delta
from sync.core.rules import DEFAULT_RULES, Rules
from tests.sync.builders import MINUTE, START, Account, a_comment, a_conversation, a_message, a_view, an_account
from tests.sync.builders import event_names as names

OWN_WORDS = Rules(closing_words=("在的",))
FANS = Rules(fans_count=True)


def an_account_that_was_thanked(text: str = "谢谢") -> Account:
    account = an_account(conversations=[a_conversation()])
    own = a_message("1", direction="outbound", created_at=START + MINUTE)
    account.sync(messages=[own, a_message("2", created_at=START + 2 * MINUTE, content=text)])
    return account


def fans_among_themselves() -> Account:
    account = an_account()
    answer: dict[str, Any] = {"author_id": "me", "is_author_reply": True, "created_at": START + 2 * MINUTE}
    reply: dict[str, Any] = {
        "author_id": "bob",
        "reply_to_user_id": "ann",
        "created_at": START + 3 * MINUTE,
        "content": "多大的",
    }
    account.sync(
        comments=[
            a_comment("1", author_id="ann"),
            a_comment("2", parent_comment_id="1", **answer),
            a_comment("3", parent_comment_id="1", **reply),
        ]
    )
    return account


def count(account: Account) -> int:
    return account.view.totals.needs_reply


def replayed(account: Account) -> View:
    view = a_view()
    for row in account.rows:
        body = decode_delta(encode_delta(row.body))
        view = advance(view, body, version=row.version, seq=row.seq_to, at=row.at)
    return view


def test_another_list_judges_conversations_anew() -> None:
    account = an_account_that_was_thanked()
    assert (account.thread().reply_reason, count(account)) == ("closing", 0)
    applied = account.apply(RulesChanged(rules=OWN_WORDS))
    thread = account.thread()
    assert (thread.reply_reason, thread.waiting_since, count(account)) == ("question", START + 2 * MINUTE, 1)
    assert [key[2] for key in account.view.waiting_order] == ["conv_acc_77"]
    assert names(applied) == ["conversation.updated conv_acc_77", "thread.updated conv_acc_77", "unread.changed"]
    account.apply(RulesChanged(rules=DEFAULT_RULES))
    assert (account.thread().reply_reason, count(account)) == ("closing", 0)


def test_a_word_that_is_added_closes_what_waited() -> None:
    account = an_account_that_was_thanked("在的")
    assert count(account) == 1
    account.apply(RulesChanged(rules=OWN_WORDS))
    assert (account.thread().reply_reason, account.thread().waiting_since, count(account)) == ("closing", None, 0)
    assert "2" in account.unread()


def test_fans_who_answer_fans_wait_where_the_owner_says_so() -> None:
    account = fans_among_themselves()
    assert (account.view.comment_thread("comm_acc_1").reply_reason, count(account)) == ("fan_to_fan", 0)
    applied = account.apply(RulesChanged(rules=FANS))
    thread = account.view.comment_thread("comm_acc_1")
    assert (thread.reply_reason, thread.waiting_since, count(account)) == ("question", START + 3 * MINUTE, 1)
    assert sorted(names(applied)) == [
        "discussion.updated comm_acc_1",
        "discussion.updated comm_acc_3",
        "thread.updated comm_acc_1",
        "unread.changed",
    ]
    account.apply(RulesChanged(rules=DEFAULT_RULES))
    assert (account.view.comment_thread("comm_acc_1").reply_reason, count(account)) == ("fan_to_fan", 0)


def test_where_fans_count_their_thanks_close_all_the_same() -> None:
    account = fans_among_themselves()
    account.apply(RulesChanged(rules=FANS))
    thanks: dict[str, Any] = {
        "author_id": "bob",
        "reply_to_user_id": "ann",
        "created_at": START + 3 * MINUTE,
        "content": "谢谢",
    }
    account.upsert(comments=[a_comment("3", parent_comment_id="1", **thanks)])
    assert (account.view.comment_thread("comm_acc_1").reply_reason, count(account)) == ("closing", 0)


def test_what_comes_later_is_judged_by_the_rules_of_now() -> None:
    account = an_account(conversations=[a_conversation()])
    account.apply(RulesChanged(rules=OWN_WORDS))
    own = a_message("1", direction="outbound", created_at=START + MINUTE)
    account.sync(messages=[own, a_message("2", created_at=START + 2 * MINUTE, content="在的")])
    assert account.thread().reply_reason == "closing"


def test_the_same_rules_again_change_nothing() -> None:
    account = an_account_that_was_thanked()
    assert account.apply(RulesChanged(rules=Rules())).row is None
    account.apply(RulesChanged(rules=OWN_WORDS))
    assert account.apply(RulesChanged(rules=OWN_WORDS)).row is None


@pytest.mark.parametrize("make", [an_account_that_was_thanked, fans_among_themselves])
def test_a_replay_and_a_checkpoint_give_the_same_account(make: Any) -> None:
    account = make()
    account.apply(RulesChanged(rules=Rules(closing_words=("在的",), fans_count=True)))
    view = account.view
    assert replayed(account) == view
    body = decode_delta(encode_delta(as_delta(view)))
    assert advance(a_view(), body, version=view.version, seq=view.seq, at=view.changed_at or 0) == view


def test_what_was_stored_before_there_were_rules_has_the_usual_ones() -> None:
    assert decode_delta(b'{"started_at":1}').rules is None
    assert advance(a_view(), Delta(started_at=1), version=1, seq=0, at=0).rules == DEFAULT_RULES
    assert b"rules" not in encode_delta(as_delta(a_view()))


def test_rules_outlive_a_clear_of_the_account() -> None:
    account = an_account_that_was_thanked()
    account.apply(RulesChanged(rules=OWN_WORDS))
    account.apply(Cleared(epoch="e2"))
    assert (account.view.rules, len(account.view.messages)) == (OWN_WORDS, 0)


def test_more_than_two_hundred_changes_are_told_as_one() -> None:
    account = an_account(conversations=[a_conversation(str(number)) for number in range(210)])
    said = []
    for number in range(210):
        own = a_message(f"{number}a", str(number), direction="outbound", created_at=START + MINUTE)
        said += [own, a_message(f"{number}b", str(number), created_at=START + 2 * MINUTE, content="谢谢")]
    account.sync(messages=said)
    applied = account.apply(RulesChanged(rules=OWN_WORDS))
    assert (names(applied), count(account)) == (["reset"], 210)
