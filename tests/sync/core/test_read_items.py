"""What came before as it is is not read again, and nobody sees a difference."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core import read_items
from sync.core.change.changes import Sync
from sync.core.change.snapshot_validation import validate_snapshot
from sync.core.read_items import ReadItems
from sync.protocol.items import Item
from sync.protocol.times import DAY_MS
from tests.sync.builders import ACCOUNT, NOW, a_conversation, a_message, a_snapshot, a_view, an_account


def on_the_wire(platform_id: str, **fields: Any) -> dict[str, Any]:
    wire: dict[str, Any] = msgspec.to_builtins(a_message(platform_id))
    return wire | fields


ITEMS = st.sampled_from(
    [
        on_the_wire("1"),
        on_the_wire("1", content="other words"),
        on_the_wire("2", direction=None),
        on_the_wire("3", senderName="\u3164"),
        on_the_wire("4", createdAt=NOW + DAY_MS + 5),
        on_the_wire("5", createdAt="yesterday"),
        on_the_wire("6", stranger=1),
        on_the_wire("7", stranger=2),
        on_the_wire("8", type="hologram"),
        on_the_wire("9", accountId="other"),
        on_the_wire("10", id="msg_other_1"),
        on_the_wire("11", replyToMessageId="1"),
        on_the_wire("12", content=5),
        5,
    ]
)
STEPS = st.lists(
    st.tuples(
        st.lists(ITEMS, min_size=1, max_size=6),
        st.sampled_from([[], [a_conversation("77")], [a_conversation("77", last_message_id="2")]]),
        st.sampled_from([0, 0, 10, -3 * DAY_MS, DAY_MS]),
        st.sampled_from(["alone", "alone", "with other"]),
    ),
    min_size=2,
    max_size=6,
)
ACCOUNTS = {"alone": frozenset({ACCOUNT}), "with other": frozenset({ACCOUNT, "other"})}


@given(STEPS)
def test_a_snapshot_is_the_same_change_with_the_same_warnings_whatever_came_before(
    steps: list[tuple[list[Any], list[Any], int, str]],
) -> None:
    account, known, now = an_account(), ReadItems(), NOW
    for messages, conversations, later, others in steps:
        now += later
        snapshot = a_snapshot(messages=messages, conversations=conversations)
        validated = validate_snapshot(account.view, snapshot, now, ACCOUNTS[others], known)
        assert validated == validate_snapshot(account.view, snapshot, now, ACCOUNTS[others])
        account.apply(validated.change, now)


def read(known: ReadItems, *words: str) -> list[Item]:
    """Messages with these words, as they were read."""
    messages = [a_message(str(number), "conv_acc_77", content=text) for number, text in enumerate(words)]
    change = validate_snapshot(a_view(), a_snapshot(messages=messages), NOW, ACCOUNTS["alone"], known).change
    assert isinstance(change, Sync)
    return change.items["messages"]


def test_an_item_that_came_before_as_it_is_is_not_read_again() -> None:
    known = ReadItems()
    old, new = read(known, "same", "one"), read(known, "same", "two")
    assert old[0] is new[0]
    assert old[1] != new[1]


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_items, "MOST_ACCOUNTS", 2)
    monkeypatch.setattr(read_items, "MOST_BYTES", 10)
    known, item = ReadItems(), a_message("1")
    for name, data in (("a", b"0123456789"), ("b", b"0123456789"), ("c", b"0123456789"), ("c", b"01234567890")):
        known.keep(name, {"messages": {data: item}}, ())
    assert [name for name in "abc" if known.of(name, NOW, ())] == ["b"]


def test_what_was_read_before_an_account_came_is_not_kept_after_it() -> None:
    known, [before, after] = ReadItems(), ACCOUNTS.values()
    known.of(ACCOUNT, NOW, before)
    known.of("other", NOW, after)  # the snapshot of another account, between two slices of this one
    known.keep(ACCOUNT, {"messages": {b"{}": a_message("1")}}, before)
    assert known.of(ACCOUNT, NOW, after) == {}
