"""One reply goes at a time: the oldest that may, in the order of writing within a thread."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync.core.change.changes import ConversationCreated, ReplyMoved, ReplyWritten
from sync.core.lists.reply_queue import estimate_turn, is_pressing_under_another, next_reply, person_of, waiting_before
from sync.core.replies.budget import NEVER, Person
from sync.core.replies.reply import Reply
from sync.core.replies.steps import HandedOver, HoldEnded, PressingAsked, ReplyStep
from sync.protocol.account_config import Budget
from tests.sync.builders import MINUTE, Account, a_conversation, a_message, an_account
from tests.sync.core.replies.builders import WORKER, a_reply, sent_by

ZONE = ZoneInfo("Asia/Shanghai")
NOON = int(datetime(2025, 10, 20, 12, tzinfo=ZONE).timestamp() * 1000)
HANDED = HandedOver(WORKER, 1, "send")


def two_talks() -> Account:
    talks = [a_conversation("77"), a_conversation("78", user_id="other")]
    return an_account(conversations=talks, messages=[a_message("500"), a_message("501", "78")])


def to(platform_id: str, number: int) -> Reply:
    place = f"conv_acc_{platform_id}"
    return a_reply(number, target=place, thread=place)


def write(account: Account, *replies: Reply) -> None:
    for reply in replies:
        account.apply(ReplyWritten(reply=reply), NOON)


def move(account: Account, reply: Reply, *steps: ReplyStep) -> None:
    for step in steps:
        account.apply(ReplyMoved(reply_id=reply.id, step=step), NOON)


def goes_next(account: Account, now: int = NOON) -> str | None:
    reply = next_reply(account.view, Budget(), ZONE, now)
    return reply.id if reply is not None else None


def test_nothing_goes_while_it_is_held_or_another_is_on_its_way() -> None:
    account = two_talks()
    first, second = to("77", 1), to("78", 2)
    write(account, first, second)
    assert goes_next(account) is None
    move(account, first, HoldEnded())
    move(account, second, HoldEnded())
    assert goes_next(account) == first.id
    move(account, first, HANDED)
    assert goes_next(account) is None
    assert waiting_before(account.view, account.view.replies[second.id]) == 1


def test_within_a_conversation_the_older_goes_first_also_if_it_is_held_longer() -> None:
    account = two_talks()
    first, second, other = to("77", 1), to("77", 2), to("78", 3)
    write(account, first, second, other)
    move(account, second, HoldEnded())
    assert goes_next(account) is None
    move(account, other, HoldEnded())
    assert goes_next(account) == other.id


def test_the_next_one_waits_for_the_pace() -> None:
    account = two_talks()
    first, second = to("77", 1), to("78", 2)
    write(account, first, second)
    move(account, first, HoldEnded(), HANDED, PressingAsked(1, WORKER), sent_by())
    move(account, second, HoldEnded())
    assert goes_next(account, NOON + 44_000) is None
    assert goes_next(account, NOON + 120_000) == second.id


def test_whom_we_wrote_to_unasked_holds_up_nobody_else() -> None:
    account = two_talks()
    account.apply(ConversationCreated(user_id="new", user_name="New"), NOON)
    first, second, fan = to("new", 1), to("new", 2), to("77", 3)
    write(account, first)
    move(account, first, HoldEnded(), HANDED, PressingAsked(1, WORKER), sent_by())
    write(account, second, fan)
    move(account, second, HoldEnded())
    move(account, fan, HoldEnded())
    assert person_of(account.view, "message", "conv_acc_new") == Person(is_stranger=True, is_written_to=True)
    assert goes_next(account, NOON + 5 * MINUTE) == fan.id
    turn = estimate_turn(account.view, "message", "conv_acc_new", Budget(), ZONE, NOON)
    assert turn == (NEVER, "stranger")


def test_who_is_answered_is_known_by_the_last_words_that_came_in() -> None:
    account = two_talks()
    heard: Any = person_of(account.view, "message", "conv_acc_77")
    assert heard == Person(heard_at=account.view.messages["msg_acc_500"].item.created_at)


def test_about_when_it_goes_follows_from_all_that_wait() -> None:
    account = two_talks()
    write(account, to("77", 1), to("78", 2))
    turn = estimate_turn(account.view, "message", "conv_acc_77", Budget(), ZONE, NOON)
    assert NOON + 2 * 45_000 <= turn.at <= NOON + 2 * 120_000


def test_an_account_is_held_back_from_another_worker_only_while_a_reply_may_be_pressed() -> None:
    account = two_talks()
    reply = to("77", 1)
    write(account, reply)
    move(account, reply, HoldEnded(), HANDED)
    assert not is_pressing_under_another(account.view, 2)
    move(account, reply, PressingAsked(1, WORKER))
    assert is_pressing_under_another(account.view, 2)
    assert not is_pressing_under_another(account.view, 1)
    move(account, reply, sent_by())
    assert not is_pressing_under_another(account.view, 2)
