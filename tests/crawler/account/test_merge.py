"""Properties of merging."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.account.merge import merge_item
from sync.protocol.item_changes import is_change
from sync.protocol.items import Comment, Conversation, Message
from tests.crawler.builders import a_comment, a_content, a_conversation, a_message

NOW = 1_760_000_000_000
ATTRIBUTES = ("content_title", "author_name", "region", "content", "like_count", "reply_count", "is_pinned", "images")

values: dict[str, st.SearchStrategy[Any]] = {
    "like_count": st.none() | st.integers(0, 5),
    "reply_count": st.none() | st.integers(0, 5),
    "is_pinned": st.none() | st.booleans(),
    "images": st.none() | st.sampled_from([(), ("https://p/1.jpg",)]),
}
comments = st.builds(
    lambda observed: a_comment(**observed),
    st.fixed_dictionaries({name: values.get(name, st.none() | st.text(max_size=3)) for name in ATTRIBUTES}),
)


@given(comments, comments)
def test_merging_again_changes_nothing(held: Comment, observed: Comment) -> None:
    once = merge_item(held, observed)
    assert merge_item(once, observed) == once
    assert merge_item(held, held) == held


@given(comments, comments)
def test_what_is_known_is_never_lost_to_what_is_unknown(held: Comment, observed: Comment) -> None:
    merged = merge_item(held, observed)
    for name in ATTRIBUTES:
        expected = getattr(held, name) if getattr(observed, name) is None else getattr(observed, name)
        assert getattr(merged, name) == expected


@given(
    comments, comments, comments, st.lists(st.sampled_from([0, 1]), min_size=len(ATTRIBUTES), max_size=len(ATTRIBUTES))
)
def test_looks_at_different_attributes_may_come_in_any_order(
    held: Comment, one: Comment, other: Comment, owner: list[int]
) -> None:
    def only(comment: Comment, who: int) -> Comment:
        return a_comment(
            **{name: getattr(comment, name) for name, of in zip(ATTRIBUTES, owner, strict=True) if of == who}
        )

    first, second = only(one, 0), only(other, 1)
    assert merge_item(merge_item(held, first), second) == merge_item(merge_item(held, second), first)


def test_a_default_never_wins_over_what_was_seen() -> None:
    held = a_message(type="image", direction="outbound", is_recalled=True)
    merged = merge_item(held, Message(id=held.id, platform_id=held.platform_id, conversation_id=held.conversation_id))
    assert merged == held


def test_a_count_goes_down_to_zero_when_it_was_seen() -> None:
    assert merge_item(a_content(like_count=5), a_content(like_count=0)).like_count == 0


def test_a_new_signature_of_a_picture_is_kept_and_no_change() -> None:
    held = a_content(cover_url="https://p3.example/a.jpeg?x-expires=1")
    merged = merge_item(held, a_content(cover_url="https://p3.example/a.jpeg?x-expires=2"))
    assert merged.cover_url == "https://p3.example/a.jpeg?x-expires=2"
    assert not is_change("contents", held, merged, NOW)
    assert is_change("contents", held, merge_item(held, a_content(cover_url="https://p3.example/b.jpeg")), NOW)


def last(conversation: Conversation) -> tuple[object, ...]:
    return (
        conversation.last_message_id,
        conversation.last_message_type,
        conversation.last_message_content,
        conversation.last_message_time,
        conversation.last_message_sender_id,
    )


def with_last(
    id: str | None = None, kind: Any = None, content: str | None = None, time: int | None = None, sender: Any = None
) -> Conversation:
    return a_conversation(
        last_message_id=id,
        last_message_type=kind,
        last_message_content=content,
        last_message_time=time,
        last_message_sender_id=sender,
    )


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (with_last("m2", "image", None, 20, None), ("m2", "image", None, 20, None)),
        (with_last("m2", "image"), ("m2", "image", None, None, None)),
        (with_last(None, "image", None, 20), (None, "image", None, 20, None)),
        (with_last("m0", "image", "older", 5, "q"), ("m1", "text", "旧", 10, "p")),
        (with_last("m1", None, "旧了", 10), ("m1", "text", "旧了", 10, "p")),
        (with_last(None, None, "旧了"), ("m1", "text", "旧了", 10, "p")),
        (with_last(), ("m1", "text", "旧", 10, "p")),
    ],
)
def test_two_last_messages_are_never_mixed(observed: Conversation, expected: tuple[object, ...]) -> None:
    held = with_last("m1", "text", "旧", 10, "p")
    merged = merge_item(held, observed)
    assert last(merged) == expected
    assert merge_item(merged, observed) == merged


def test_an_older_last_message_does_not_hide_the_rest_of_a_look() -> None:
    held = with_last("m2", "text", "新", 20, "p")
    merged = merge_item(held, a_conversation(last_message_id="m1", last_message_time=10, unread_count=3))
    assert (merged.unread_count, merged.last_message_id) == (3, "m2")
