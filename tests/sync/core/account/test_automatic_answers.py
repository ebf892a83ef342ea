"""An answer that nobody wrote is none: it is recognised by its haste and its words, and ends nobody's wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.conversations import is_system
from sync.core.account.order import Key, Order
from sync.core.account.view import View
from sync.core.change import advance_conversations
from sync.core.change.changes import RulesChanged
from sync.core.rules import Rules
from sync.core.stored.image import decode_image, encode_image
from sync.protocol.items import Conversation, Message
from tests.sync.builders import ACCOUNT, DAY, HOUR, START, Account, a_new_account, event_names
from tests.sync.core.model import picture
from tests.sync.core.model.account import Model
from tests.sync.core.test_proof import rebuilt

WELCOME = "欢迎光临，请留言"
SECOND = 1_000
BEGIN = START + HOUR


def said(name: str, at: int, *, own: bool = False, fan: str = "A", text: str = "在吗", **more: Any) -> Message:
    return Message(
        id=f"msg_{ACCOUNT}_{name}",
        platform_id=name,
        conversation_id=f"conv_{ACCOUNT}_{fan}",
        created_at=at,
        direction="outbound" if own else "inbound",
        content=text,
        **more,
    )


def welcomed(number: int, at: int, *, after_s: float = 2, text: str = WELCOME) -> list[Message]:
    """A fan of his own who asks, and the answer."""
    fan = f"fan{number}"
    answer = said(f"{number}b", at + int(after_s * SECOND), own=True, fan=fan, text=text)
    return [said(f"{number}a", at, fan=fan), answer]


def an_account(*messages: list[Message]) -> Account:
    account = a_new_account()
    account.sync(at=START, messages=[])
    for of in messages:
        account.sync(at=(of[-1].created_at or 0) + SECOND, messages=of, partial=["messages"])
    return account


def waiting(view: View) -> list[str]:
    return sorted(name.rpartition("_")[2] for name, state in view.conversation_states.items() if state.needs_reply)


def automatic(view: View) -> list[str]:
    return sorted(entry.item.platform_id for entry in view.messages.values() if view.is_automatic(entry))


def test_many_messages_of_one_moment_are_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = 0
    after = Order.after

    def counted(order: Order, key: Key) -> Iterator[Key]:
        nonlocal walked
        for one in after(order, key):
            walked += 1
            yield one

    monkeypatch.setattr(Order, "after", counted)
    account = an_account([said(str(n), BEGIN) for n in range(500)])
    assert len(account.view.messages) == 500
    assert walked < 5 * 500


def test_the_third_time_shows_that_nobody_wrote_the_words() -> None:
    account = an_account(welcomed(1, BEGIN), welcomed(2, BEGIN + HOUR))
    assert (waiting(account.view), automatic(account.view)) == ([], [])
    account.sync(at=BEGIN + DAY, messages=welcomed(3, BEGIN + 2 * HOUR), partial=["messages"])
    assert automatic(account.view) == ["1b", "2b", "3b"]
    assert waiting(account.view) == ["fan1", "fan2", "fan3"]
    state = account.view.conversation_states[f"conv_{ACCOUNT}_fan1"]
    assert (state.waiting_since, state.last_id) == (BEGIN, f"msg_{ACCOUNT}_1b")
    assert account.view.totals.needs_reply == 3


def test_clients_are_told_of_all_three() -> None:
    account = an_account(welcomed(1, BEGIN), welcomed(2, BEGIN + HOUR))
    done = account.sync(at=BEGIN + DAY, messages=welcomed(3, BEGIN + 2 * HOUR), partial=["messages"])
    told = set(event_names(done))
    assert {f"message.updated msg_{ACCOUNT}_{name}" for name in ("1b", "2b")} <= told
    assert {f"thread.updated conv_{ACCOUNT}_fan{n}" for n in (1, 2, 3)} <= told


def test_who_answers_slowly_or_in_other_words_wrote_himself() -> None:
    slow = an_account(*(welcomed(n, BEGIN + n * HOUR, after_s=5.001) for n in range(4)))
    assert (waiting(slow.view), automatic(slow.view)) == ([], [])
    others = an_account(*(welcomed(n, BEGIN + n * HOUR, text=f"你好 {n}") for n in range(4)))
    assert automatic(others.view) == []
    just = an_account(*(welcomed(n, BEGIN + n * HOUR, after_s=5, text=f" {WELCOME}{' ' * n}") for n in range(3)))
    assert len(automatic(just.view)) == 3


def test_three_times_count_within_thirty_days_only() -> None:
    apart = an_account(*(welcomed(n, BEGIN + n * 15 * DAY + n) for n in range(3)))
    assert automatic(apart.view) == []
    account = an_account(*(welcomed(n, BEGIN + n * 15 * DAY) for n in range(3)))
    assert automatic(account.view) == ["0b", "1b", "2b"]


def test_an_answer_of_a_person_ends_the_wait_and_the_automatic_one_after_it_changes_nothing() -> None:
    account = an_account(*(welcomed(n, BEGIN + n * HOUR) for n in range(3)))
    by_hand = said("hand", BEGIN + 4 * HOUR, own=True, fan="fan1", text="有货的")
    account.sync(at=BEGIN + DAY, messages=[by_hand], partial=["messages"])
    assert waiting(account.view) == ["fan0", "fan2"]
    again = [
        said("more", BEGIN + 5 * HOUR, fan="fan1"),
        said("auto", BEGIN + 5 * HOUR, own=True, fan="fan1", text=WELCOME),
    ]
    account.sync(at=BEGIN + DAY, messages=again, partial=["messages"])
    assert waiting(account.view) == ["fan0", "fan1", "fan2"]
    assert account.view.conversation_states[f"conv_{ACCOUNT}_fan1"].waiting_since == BEGIN + 5 * HOUR


def test_thanks_after_nothing_but_automatic_words_are_no_end_of_a_talk() -> None:
    account = an_account(*(welcomed(n, BEGIN + n * HOUR) for n in range(3)))
    thanks = [said("1a", BEGIN + HOUR, fan="fan1", text="谢谢")]
    account.sync(at=BEGIN + DAY, messages=thanks, partial=["messages"])
    assert account.view.conversation_states[f"conv_{ACCOUNT}_fan1"].reply_reason == "question"


def test_the_owner_may_let_automatic_answers_count() -> None:
    account = an_account(*(welcomed(n, BEGIN + n * HOUR) for n in range(3)))
    account.apply(RulesChanged(rules=Rules(count_automatic=True)), BEGIN + DAY)
    assert (waiting(account.view), len(automatic(account.view))) == ([], 3)
    done = account.apply(RulesChanged(rules=Rules()), BEGIN + DAY)
    assert waiting(account.view) == ["fan0", "fan1", "fan2"]
    assert {f"thread.updated conv_{ACCOUNT}_fan{n}" for n in range(3)} <= set(event_names(done))


def test_new_people_are_those_to_whom_nobody_wrote() -> None:
    account = an_account(*(welcomed(n, BEGIN + n * HOUR) for n in range(3)))
    view = account.view
    assert all(state.last_own(view.rules) is None for state in view.conversation_states.values())


def test_a_line_of_the_platform_is_neither_a_question_nor_an_answer() -> None:
    account = an_account()
    line = said("line", BEGIN, type="system", text="你们已互相关注")
    account.sync(at=BEGIN, messages=[line], partial=["messages"])
    state = account.view.conversation_states[f"conv_{ACCOUNT}_A"]
    assert (state.unread_count, state.reply_reason, state.last_id) == (0, None, line.id)
    asked = said("ask", BEGIN + HOUR)
    later = said("later", BEGIN + 2 * HOUR, type="system", own=True, text="对方已开启免打扰")
    account.sync(at=BEGIN, messages=[asked, later], partial=["messages"])
    state = account.view.conversation_states[f"conv_{ACCOUNT}_A"]
    # It ends no wait, and the row goes on to say what a person said.
    assert (state.unread_count, state.reply_reason, state.last_id) == (1, "question", asked.id)
    assert [key[-1] for key in state.order] == [later.id, asked.id, line.id]


def test_a_line_that_only_the_platform_s_list_names_hides_no_words() -> None:
    account = an_account()
    asked = said("ask", BEGIN)
    account.sync(at=BEGIN, messages=[asked], partial=["messages"])
    listed = Conversation(
        id=asked.conversation_id, platform_id="A", user_id="fan", last_message_time=BEGIN + HOUR,
        last_message_type="system", last_message_sender_id="me",
    )  # fmt: skip
    account.sync(at=BEGIN, conversations=[listed], partial=["conversations"])
    state = account.view.conversation_states[f"conv_{ACCOUNT}_A"]
    assert (state.platform_last, state.last_id, state.needs_reply) == (False, asked.id, True)


# -- any history

LATER = BEGIN + 60 * DAY

FANS = st.sampled_from("ABC")
TIMES = st.builds(
    lambda day, second: BEGIN + day * 10 * DAY + second * SECOND, st.integers(0, 5), st.sampled_from([0, 3, 5, 6])
)
MESSAGES = st.lists(
    st.builds(
        lambda number, at, own, fan, text, kind: said(str(number), at, own=own, fan=fan, text=text, type=kind),
        st.integers(0, 11),
        TIMES,
        st.booleans(),
        FANS,
        st.sampled_from([WELCOME, WELCOME, "x"]),
        st.sampled_from(["text", "text", "text", "text", "system"]),
    ),
    min_size=2,
    max_size=10,
    unique_by=lambda message: message.id,
)
REMOVED = st.lists(st.integers(0, 11).map(lambda n: f"msg_{ACCOUNT}_{n}"), max_size=3)
RULES = st.booleans().map(lambda counts: RulesChanged(rules=Rules(count_automatic=counts)))


@settings(max_examples=60)
@given(st.lists(st.one_of(st.tuples(MESSAGES, REMOVED), st.tuples(MESSAGES, REMOVED), RULES), min_size=1, max_size=5))
def test_whatever_comes_and_goes_it_is_as_if_it_were_judged_anew(steps: list[Any]) -> None:
    account, model = a_new_account(), Model()
    account.sync(at=START, messages=[])
    model.sync({"messages": []}, [], {}, [], START)
    for number, step in enumerate(steps):
        if isinstance(step, RulesChanged):
            model.version += model.rules != step.rules
            model.rules = step.rules
            account.apply(step, LATER + number)
        else:
            messages, removed = step
            lists = {"messages": messages}
            model.sync(lists, ["messages"], {"messages": removed}, [], LATER + number)
            account.sync(at=LATER + number, partial=["messages"], removed={"messages": removed}, **lists)
        view = account.view
        assert picture.of_view(view) == picture.of_model(model)
        assert rebuilt(view) == view
        image = decode_image(encode_image(view, b"code"))
        assert image.view(ACCOUNT, version=view.version, seq=view.seq, at=view.changed_at or 0) == view


def test_an_own_message_behind_many_lines_of_the_platform_costs_no_look_at_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [said(f"s{number}", BEGIN + number * SECOND, type="system") for number in range(300)]
    account, looks = an_account(lines), list[Message]()

    def noted(message: Message) -> bool:
        looks.append(message)
        return is_system(message)

    monkeypatch.setattr(advance_conversations, "is_system", noted)
    account.sync(
        at=BEGIN + HOUR, messages=[said("own", BEGIN + 300 * SECOND, own=True, text=WELCOME)], partial=["messages"]
    )
    assert 0 < len(looks) < 20
