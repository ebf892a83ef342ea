"""An item is at most one reply, and a reply is confirmed only where there is no doubt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.replies.evidence import OwnItem, find_confirmed, is_same_text
from tests.sync.core.replies.builders import a_pressed_reply


def an_item(platform_id: str, version: int, text: str = "今天能送到") -> OwnItem:
    return OwnItem(f"msg_acc_{platform_id}", platform_id, text, version)


def test_texts_are_the_same_as_the_platform_shows_them() -> None:
    assert is_same_text("caf\u00e9", "cafe\u0301\u200b\ufeff")
    assert is_same_text("a\r\nb", "a\nb ")
    assert not is_same_text("好的", "好的。")
    assert not is_same_text("", None)


def test_a_new_message_of_the_same_text_confirms() -> None:
    reply = a_pressed_reply(1, 10)
    assert find_confirmed([reply], [an_item("501", 11)]) == {reply.id: "msg_acc_501"}


def test_a_message_that_was_known_when_pressing_was_permitted_confirms_nothing() -> None:
    assert find_confirmed([a_pressed_reply(1, 10)], [an_item("501", 10)]) == {}


def test_a_message_that_only_the_worker_knew_then_confirms_nothing() -> None:
    reply = replace(a_pressed_reply(1, 10), known=("501",))
    assert find_confirmed([reply], [an_item("501", 11)]) == {}


def test_another_text_confirms_nothing() -> None:
    assert find_confirmed([a_pressed_reply(1, 10)], [an_item("501", 11, "今天送不到")]) == {}


def test_of_two_replies_of_one_text_and_one_message_nobody_can_tell_which_went() -> None:
    one, other = a_pressed_reply(1, 10), a_pressed_reply(2, 12)
    assert find_confirmed([one, other], [an_item("501", 13)]) == {}
    assert find_confirmed([one, other], [an_item("501", 11)]) == {one.id: "msg_acc_501"}
    both = find_confirmed([one, other], [an_item("501", 13), an_item("502", 14)])
    assert both == {one.id: "msg_acc_501", other.id: "msg_acc_502"}


Fate = tuple[int, int | None]


@given(st.lists(st.tuples(st.integers(1, 4), st.one_of(st.none(), st.integers(1, 12))), min_size=1, max_size=5))
def test_whatever_arrived_and_was_seen_only_what_arrived_is_called_sent(fates: list[Fate]) -> None:
    """Each reply: (versions since the last one; None, or after how many versions its message was seen)."""
    version, replies, items, arrived = 10, [], [], set()
    for number, (later, seen_after) in enumerate(fates, 1):
        version += later
        reply = a_pressed_reply(number, version)
        replies.append(reply)
        if seen_after is not None:
            items.append(an_item(f"50{number}", version + seen_after))
            arrived.add(reply.id)
    found = find_confirmed(replies, items)
    assert found.keys() <= arrived
    assert len(set(found.values())) == len(found)
    if len(arrived) == len(replies):
        assert found.keys() == arrived
