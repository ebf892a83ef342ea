"""A reply is pressed once, by one worker, and is called what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.replies.reply import Reason, Reply
from sync.core.replies.steps import (
    MOST_ATTEMPTS,
    PRESSING_MS,
    TYPING_MS,
    Abandoned,
    Cancelled,
    DeadlinePassed,
    Displaced,
    HandedBack,
    HandedOver,
    HoldEnded,
    PressingAsked,
    ReplyStep,
    Restored,
    Resulted,
    Seen,
    advance_reply,
)
from tests.sync.builders import NOW
from tests.sync.core.replies.builders import ASKED, HANDED, WORKER, a_pressed_reply, a_reply, after, sent_by

NO = Reason("too_fast", "操作过于频繁")


def test_a_reply_goes_through_its_states_and_is_sent_by_the_answer_of_the_platform() -> None:
    reply = a_reply()
    states = [reply.state]
    for step in (HoldEnded(), HANDED, ASKED, sent_by()):
        reply = after(reply, step)
        states.append(reply.state)
    assert states == ["held", "queued", "typing", "pressing", "sent"]
    assert (reply.confirmed_id, reply.evidence, reply.pressed_at, reply.ended_at) == (
        "msg_acc_501",
        "response",
        NOW,
        NOW,
    )


def test_it_can_be_taken_back_until_a_worker_has_it() -> None:
    assert after(a_reply(), Cancelled()).state == "cancelled"
    assert after(a_reply(), HoldEnded(), Cancelled()).state == "cancelled"
    assert after(a_reply(), HoldEnded(), HANDED, Cancelled()).state == "typing"
    assert after(a_pressed_reply(), Cancelled()).state == "pressing"


def test_permission_to_press_is_given_once() -> None:
    typing = after(a_reply(), HoldEnded(), HANDED)
    pressing = after(typing, ASKED)
    assert pressing.state == "pressing"
    assert after(pressing, ASKED) is pressing


@pytest.mark.parametrize("asked", [PressingAsked(2, WORKER), PressingAsked(1, "w2"), PressingAsked(0, WORKER)])
def test_only_the_worker_and_the_attempt_that_it_was_given_to_may_press(asked: PressingAsked) -> None:
    typing = after(a_reply(), HoldEnded(), HANDED)
    assert after(typing, asked) is typing


def test_a_worker_that_asks_too_late_may_not_press() -> None:
    typing = after(a_reply(), HoldEnded(), HANDED)
    assert advance_reply(typing, ASKED, NOW + TYPING_MS, 10) is typing
    late = advance_reply(typing, DeadlinePassed(), NOW + TYPING_MS)
    assert (late.state, late.reason and late.reason.code) == ("failed", "worker_silent")


def test_a_worker_lost_before_pressing_costs_nothing_but_time() -> None:
    reply = after(a_reply(), HoldEnded())
    for attempt in range(1, MOST_ATTEMPTS + 1):
        reply = after(reply, HANDED, HandedBack(attempt))
    assert (reply.state, reply.attempt, reply.reason and reply.reason.code) == ("failed", 3, "worker_lost")


def test_what_was_permitted_is_never_queued_again() -> None:
    reply = a_pressed_reply()
    assert after(reply, HandedBack(1)) is reply
    unknown = advance_reply(reply, DeadlinePassed(), NOW + PRESSING_MS["send"])
    assert (unknown.state, unknown.pressed_at) == ("unknown", NOW)
    assert after(unknown, HandedBack(1), HANDED) is unknown


def test_in_a_window_a_person_has_ten_minutes() -> None:
    reply = after(a_reply(mode="window"), HoldEnded(), HandedOver(WORKER, 1, "window"), ASKED)
    assert advance_reply(reply, DeadlinePassed(), NOW + 599_999).state == "pressing"
    assert advance_reply(reply, DeadlinePassed(), NOW + 600_000).state == "unknown"


def test_sent_needs_evidence() -> None:
    reply = after(a_pressed_reply(), sent_by(None))
    assert (reply.state, reply.reason and reply.reason.code) == ("unknown", "no_evidence")


def test_the_words_of_the_platform_are_kept_when_it_refuses() -> None:
    reply = after(a_pressed_reply(), Resulted(1, WORKER, "refused", NO))
    assert (reply.state, reply.reason) == ("refused", NO)
    assert after(reply, Seen("msg_acc_501")) is reply, "the platform may show it to us alone"


def test_a_worker_that_was_permitted_and_did_not_press_says_so() -> None:
    reply = after(a_pressed_reply(), Resulted(1, WORKER, "failed", Reason("wrong_target")))
    assert (reply.state, reply.pressed_at) == ("failed", None)


def test_what_an_earlier_attempt_says_of_its_failure_is_old() -> None:
    reply = after(a_reply(), HoldEnded(), HANDED, HandedBack(1), HANDED)
    assert after(reply, Resulted(1, WORKER, "failed", NO)) is reply


@pytest.mark.parametrize("said", [sent_by(evidence="memory"), sent_by(None), Resulted(1, WORKER, "unknown")])
def test_what_somebody_pressed_in_the_window_while_it_was_typed_is_never_called_safe_to_try_again(
    said: Resulted,
) -> None:
    typing = after(a_reply(), HoldEnded(), HANDED)
    for reply in (typing, after(typing, HandedBack(1))):
        assert after(reply, said, DeadlinePassed(), HANDED, now=NOW + TYPING_MS).state == "unknown"
    never_given = after(a_reply(), HoldEnded())
    assert after(never_given, said) is never_given


def test_an_unknown_reply_is_sent_once_its_message_is_seen() -> None:
    unknown = advance_reply(a_pressed_reply(), DeadlinePassed(), NOW + 60_000)
    seen = after(unknown, Seen("msg_acc_501"))
    assert (seen.state, seen.confirmed_id, seen.evidence) == ("sent", "msg_acc_501", "snapshot")


def test_after_the_hub_went_on_with_older_data_nobody_knows() -> None:
    assert after(a_reply(), Restored()).state == "unknown"
    assert after(a_reply(), Restored(), sent_by()).state == "sent"
    assert after(a_reply(), Cancelled(), Restored()).state == "cancelled"


ANY_STEP: st.SearchStrategy[ReplyStep] = st.one_of(
    st.builds(HoldEnded),
    st.builds(Cancelled),
    st.builds(Abandoned, st.just(NO)),
    st.builds(HandedOver, st.sampled_from(["w1", "w2"]), st.integers(1, 2), st.just("send")),
    st.builds(HandedBack, st.integers(1, 3)),
    st.builds(PressingAsked, st.integers(1, 3), st.sampled_from(["w1", "w2"])),
    st.builds(
        Resulted,
        st.integers(1, 3),
        st.sampled_from(["w1", "w2"]),
        st.sampled_from(["sent", "refused", "unknown", "failed"]),
        st.none(),
        st.sampled_from([None, "msg_acc_501"]),
        st.just("list"),
    ),
    st.builds(DeadlinePassed),
    st.builds(Seen, st.just("msg_acc_501")),
    st.builds(Displaced),
    st.builds(Restored),
)
ORDER = ["held", "queued", "typing", "pressing"]


@given(st.lists(st.tuples(ANY_STEP, st.integers(0, 100_000)), max_size=25))
def test_whatever_happens_it_is_pressed_once_and_never_goes_back(steps: list[tuple[ReplyStep, int]]) -> None:
    reply, now, permitted, path = a_reply(), NOW, 0, list[Reply]()
    for step, passed in steps:
        now += passed
        before, reply = reply, advance_reply(reply, step, now, 10)
        permitted += (before.state, reply.state) == ("typing", "pressing")
        path.append(reply)
        if not before.is_unfinished:
            assert not reply.is_unfinished, "what ended is not taken up again"
        elif before.state == "pressing" and reply.is_unfinished:
            assert reply is before
        assert (reply.state == "sent") == (reply.confirmed_id is not None)
    assert permitted <= 1
