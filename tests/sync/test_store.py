"""The store: the current view of every account, in memory."""

from typing import Any

import msgspec
import pytest

from sync.core.change.snapshot_validation import InvalidSnapshot
from sync.core.lists.filters import MessageFilter
from sync.core.lists.pages import ListWindow
from sync.protocol.times import DAY_MS
from sync.store import DataStore
from tests.sync.builders import (
    NOW,
    START,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_snapshot,
    a_view,
    a_work,
)


def wire(**lists: Any) -> dict[str, Any]:
    data = {name: msgspec.to_builtins(items) for name, items in lists.items()}
    return {"platform": "douyin", "data": data}


def a_store() -> DataStore:
    store = DataStore()
    store.update_account_data("a", wire(messages=[a_message("1", created_at=START - 1)]), now=START)
    store.update_account_data(
        "a",
        wire(
            conversations=[a_conversation()],
            messages=[a_message("1", created_at=START - 1), a_message("2")],
            contents=[a_work()],
            comments=[a_comment("1")],
            notifications=[a_notice("1")],
        ),
        now=NOW,
    )
    store.update_account_data("b", wire(messages=[a_message("9")]), now=NOW)
    return store


def test_a_snapshot_on_the_wire_can_be_read_back() -> None:
    store = a_store()
    assert store.account_ids() == ["a", "b"]
    assert [e.item.platform_id for e in store.get_messages("a").rows] == ["2", "1"]
    assert [thread.id for thread in store.get_conversations("a").rows] == ["conv_acc_77"]
    assert [e.item.platform_id for e in store.get_contents("a").rows] == ["9"]
    assert [e.item.platform_id for e in store.get_comments("a").rows] == ["1"]
    assert [e.item.platform_id for e in store.get_notifications("a").rows] == ["1"]
    assert [(row.view.account_id, row.collection) for row in store.get_feed(["a", "b"]).rows][-1] == ("a", "messages")
    assert store.get_stats("a").total_unread == 2  # a like calls for nobody
    assert store.get_messages("a", MessageFilter(is_read=False), ListWindow(limit=5)).next is None


def test_an_account_that_nobody_knows_is_empty() -> None:
    store = DataStore(fresh_days=5)
    assert (store.get_view("x").version, store.get_view("x").fresh_ms) == (0, 5 * DAY_MS)
    assert (store.get_messages("x").rows, store.get_feed([]).rows, store.account_ids()) == ([], [], [])


def test_what_one_account_gets_another_never_shows() -> None:
    store = a_store()
    before = store.get_view("b")
    store.update_account_data("a", wire(messages=[a_message("3")]), now=NOW)
    assert store.get_view("b") is before


def test_a_reader_keeps_the_version_that_it_took() -> None:
    store = a_store()
    taken = store.get_view("a")
    applied = store.update_account_data("a", wire(messages=[a_message("3")]), now=NOW)
    assert (len(taken.messages), len(store.get_view("a").messages)) == (2, 1)
    assert (store.get_view("a"), applied.view.version) == (applied.view, taken.version + 1)


def test_warnings_of_validating_and_of_applying_come_together() -> None:
    applied = a_store().update_account_data("a", wire(messages=[{"id": 5}]), now=NOW)
    assert [warning.code for warning in applied.warnings] == ["bad_item", "empty_not_cleared"]


def test_a_snapshot_of_the_wrong_shape_changes_nothing() -> None:
    store = a_store()
    with pytest.raises(msgspec.ValidationError):
        store.update_account_data("a", {"platform": "douyin"}, now=NOW)
    with pytest.raises(InvalidSnapshot):
        store.update_account_data("a", a_snapshot(), now=NOW)
    assert store.get_view("a").version == 2


def test_a_cleared_account_goes_on_with_its_version_and_begins_another_history() -> None:
    store = a_store()
    store.clear_account("a", epoch="e2", now=NOW)
    view = store.get_view("a")
    assert (view.version, view.epoch, view.started_at, len(view.messages)) == (3, "e2", None, 0)
    assert len(store.get_view("b").messages) == 1


def test_a_deleted_account_is_gone() -> None:
    store = a_store()
    store.delete_account("a")
    store.delete_account("a")
    assert store.account_ids() == ["b"]


def test_an_export_makes_an_equal_store() -> None:
    store, other = a_store(), a_store()
    store.publish([a_view("untouched")])
    other.update_account_data("z", wire(messages=[a_message("1")]), now=NOW)
    document = msgspec.json.decode(msgspec.json.encode(store.export_snapshot()))
    other.import_snapshot(document)
    assert other.account_ids() == ["a", "b", "untouched"]
    for account_id in store.account_ids():
        assert other.get_view(account_id) == store.get_view(account_id)


def test_a_damaged_export_is_refused_whole_with_the_place_of_the_fault() -> None:
    store = a_store()
    good = store.export_snapshot()
    views = [store.get_view(account_id) for account_id in store.account_ids()]
    twice = msgspec.json.decode(msgspec.json.encode(good))
    twice["accounts"][0]["data"]["messages"] *= 2
    other = msgspec.json.decode(msgspec.json.encode(good))
    other["accounts"][1]["data"]["messages"][0]["item"]["content"] = "other words"
    broken = msgspec.json.decode(msgspec.json.encode(good))
    del broken["accounts"][1]["data"]["messages"][0]["item"]["messageId"]
    for document, place in [
        ({}, "missing required field `format`"),
        ({**good, "version": 2}, r"Invalid enum value 2 - at `\$.version`"),
        ({**good, "accounts": None}, r"Expected `array`, got `null` - at `\$.accounts`"),
        (broken, r"\$\.accounts\[1\]\.data\.messages\[0\]\.item"),
        (twice, r"occurs twice - at `\$.accounts\['a'\].data.messages"),
        ({**good, "accounts": good["accounts"] * 2}, r"'a' occurs twice - at `\$.accounts`"),
        (other, r"its checksum is another one - at `\$.accounts\['b'\]`"),
    ]:
        with pytest.raises(ValueError, match=place):
            store.import_snapshot(document)
    assert [store.get_view(account_id) for account_id in store.account_ids()] == views
