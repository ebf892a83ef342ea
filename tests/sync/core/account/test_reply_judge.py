"""Comments are judged once: a thread that is advanced step by step is the thread that is made of all at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.reply_judge import Speakers
from sync.core.change.advance import advance
from sync.core.change.changes import Operated
from sync.core.change.delta import as_delta
from tests.sync.builders import MINUTE, START, a_comment, a_view, an_account
from tests.sync.core.model.strategies import RULES

NAMES = st.sampled_from([None, "ann", "bob", "me"])


def comments(number: int) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda minute, **said: a_comment(
            str(number), parent_comment_id=None if number == 1 else "1", created_at=START + minute * MINUTE, **said
        ),
        st.integers(1, 3),
        author_id=NAMES,
        author_name=NAMES,
        reply_to_user_id=NAMES,
        is_author_reply=st.sampled_from([False, False, True]),
        content=st.sampled_from(["x", "谢谢"]),
    )


COME = st.lists(st.integers(1, 5).flatmap(comments), min_size=1, max_size=3, unique_by=lambda one: one.id)
GO = st.sampled_from("12345").map(lambda name: {"comments": [name]})
SAID = st.builds(
    lambda action, number: Operated(action=action, collection="comments", ids=(f"comm_acc_{number}",)),
    st.sampled_from(["delete", "restore", "done", "undone"]),
    st.integers(1, 5),
)
STEPS = st.lists(st.one_of(COME, COME, COME, GO, SAID, RULES), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_step_by_step_or_all_at_once_a_thread_is_judged_alike(steps: list[Any]) -> None:
    account = an_account()
    for step in steps:
        if isinstance(step, list):
            account.upsert(comments=step)
        elif isinstance(step, dict):
            account.upsert(removed=step)
        else:
            account.apply(step)
        view = account.view
        whole = advance(a_view(), as_delta(view), version=view.version, seq=view.seq, at=view.changed_at or 0)
        assert view.comment_threads == whole.comment_threads
        assert (view.waiting_order, view.totals) == (whole.waiting_order, whole.totals)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the comments that are judged."""
    found: list[str] = []
    real = Speakers.reason_of

    def reason_of(self: Speakers, comment: Any, rules: Any) -> Any:
        found.append(comment.platform_id)
        return real(self, comment, rules)

    monkeypatch.setattr(Speakers, "reason_of", reason_of)
    return found


def reply(number: int, author: str, to: str | None = None, **fields: Any) -> Any:
    said = {"author_id": author, "reply_to_user_id": to, "created_at": START + number * MINUTE, "content": "多大的"}
    return a_comment(str(number), parent_comment_id="1", **{**said, **fields})


def a_busy_thread() -> Any:
    account = an_account()
    root = a_comment("1", author_id="ann", created_at=START + MINUTE)
    account.sync(comments=[root, *(reply(number, f"fan{number}", "ann") for number in range(2, 50))])
    return account


def test_of_a_busy_thread_only_the_comment_that_came_is_judged(judged: list[str]) -> None:
    account = a_busy_thread()
    judged.clear()
    account.upsert(comments=[reply(60, "zoe", "ann")])
    assert judged == ["60"]


def test_when_a_fan_turns_up_those_who_answered_that_fan_are_judged_again(judged: list[str]) -> None:
    account = a_busy_thread()
    account.upsert(comments=[reply(60, "zoe", "carl")])
    assert account.view.comment_thread("comm_acc_1").reasons["comm_acc_60"] == "question"
    judged.clear()
    account.upsert(comments=[reply(59, "carl", "ann")])
    assert sorted(judged) == ["59", "60"]
    assert account.view.comment_thread("comm_acc_1").reasons["comm_acc_60"] == "fan_to_fan"


def test_our_own_first_words_let_all_be_judged_again(judged: list[str]) -> None:
    account = a_busy_thread()
    judged.clear()
    account.upsert(comments=[reply(30, "me", is_author_reply=True, created_at=START + 30 * MINUTE + 1)])
    assert len(judged) == 19
    judged.clear()
    account.upsert(comments=[reply(60, "zoe", "me", content="谢谢")])
    assert judged == ["60"]
    assert account.view.comment_thread("comm_acc_1").reasons["comm_acc_60"] == "closing"


def test_the_start_of_a_thread_that_was_deleted_still_tells_who_asked() -> None:
    account = an_account()
    account.sync(comments=[a_comment("1", author_id="ann")])
    account.apply(Operated(action="delete", collection="comments", ids=("comm_acc_1",)))
    account.upsert(comments=[reply(2, "bob")])
    assert account.view.comment_thread("comm_acc_1").reply_reason == "fan_to_fan"
