"""The feed is the messages, comments and notices of an account in one order, from any place on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.history import item_key
from sync.core.account.order import FED
from sync.core.change.changes import Operated
from tests.sync.builders import MINUTE, START, a_comment, a_message, a_notice, an_account

ITEMS = st.lists(st.tuples(st.sampled_from(FED), st.integers(0, 3), st.integers(0, 2)), unique_by=lambda one: one[:2])
MAKE: dict[str, Callable[..., Any]] = {"messages": a_message, "comments": a_comment, "notifications": a_notice}


@settings(max_examples=30, deadline=None)
@given(items=ITEMS, deleted=st.sets(st.integers(0, 3)))
def test_the_feed_goes_on_behind_any_key_and_behind_any_beginning_of_one(
    items: list[tuple[str, int, int]], deleted: set[int]
) -> None:
    """Also where items of several kinds share time, place and id, and where messages were deleted."""
    given_items = [
        (name, MAKE[name](str(number), id=f"same{number}", created_at=START + minute * MINUTE))
        for name, number, minute in items
    ]
    account = an_account(**{name: [item for of, item in given_items if of == name] for name in FED})
    for number in deleted:
        account.apply(Operated(action="delete", collection="messages", ids=(f"same{number}",), by="mei"))
    gone = {f"same{number}" for number in deleted}
    expected = sorted(
        (*item_key(item), name) for name, item in given_items if not (name == "messages" and item.id in gone)
    )
    feed = account.view.feed
    assert (list(feed), len(feed), feed.first()) == (expected, len(expected), next(iter(expected), None))
    for key in expected:
        assert key in feed
        for length in range(1, 5):
            assert list(feed.after(key[:length])) == [one for one in expected if one > key[:length]]
    assert not any((*item_key(item), "messages") in feed for name, item in given_items if item.id in gone)
