"""Properties of merging."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.merge import is_news, merge_item
from sync.protocol.items import Comment, Message
from tests.crawler.builders import a_comment, a_content, a_message

ATTRIBUTES = ("content_title", "author_name", "region", "content", "like_count", "reply_count", "is_pinned", "images")

values: dict[str, st.SearchStrategy[Any]] = {
    "like_count": st.none() | st.integers(0, 5),
    "reply_count": st.none() | st.integers(0, 5),
    "is_pinned": st.none() | st.booleans(),
    "images": st.none() | st.sampled_from([(), ("https://p/1.jpg",)]),
}
comments = st.builds(
    lambda seen: a_comment(**seen),
    st.fixed_dictionaries({name: values.get(name, st.none() | st.text(max_size=3)) for name in ATTRIBUTES}),
)


@given(comments, comments)
def test_merging_again_changes_nothing(held: Comment, seen: Comment) -> None:
    once = merge_item(held, seen)
    assert merge_item(once, seen) == once
    assert merge_item(held, held) == held


@given(comments, comments)
def test_what_is_known_is_never_lost_to_what_is_unknown(held: Comment, seen: Comment) -> None:
    merged = merge_item(held, seen)
    for name in ATTRIBUTES:
        expected = getattr(held, name) if getattr(seen, name) is None else getattr(seen, name)
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


def test_a_new_signature_of_a_picture_is_kept_and_no_news() -> None:
    held = a_content(cover_url="https://p3.example/a.jpeg?x-expires=1")
    merged = merge_item(held, a_content(cover_url="https://p3.example/a.jpeg?x-expires=2"))
    assert merged.cover_url == "https://p3.example/a.jpeg?x-expires=2"
    assert not is_news("contents", held, merged)
    assert is_news("contents", held, merge_item(held, a_content(cover_url="https://p3.example/b.jpeg")))
