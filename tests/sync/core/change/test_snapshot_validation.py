"""A full snapshot replaces what it carries, and absence is proof only if the worker saw the end."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.core.change.changes import Sync
from sync.core.change.snapshot_validation import InvalidSnapshot, validate_snapshot
from sync.protocol.items import Message
from tests.sync.builders import (
    NOW,
    START,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_new_account,
    a_notice,
    a_snapshot,
    a_view,
    a_work,
    an_account,
    codes,
)

BROKEN = {"id": "msg_acc_2", "messageId": "2", "conversationId": "77", "content": 5}


def three() -> Account:
    return an_account(messages=[a_message(number, content="old") for number in "123"], comments=[a_comment("c")])


def test_a_full_snapshot_replaces_the_collections_that_it_carries() -> None:
    account = three()
    account.sync(messages=[a_message("1"), a_message("4")])
    assert account.ids("messages") == {"1", "4"}


def test_a_collection_that_is_missing_from_a_snapshot_stays_untouched() -> None:
    account = three()
    account.sync(messages=[a_message("1")])
    assert account.ids("comments") == {"c"}


def test_a_partial_collection_is_merged_by_id() -> None:
    account = three()
    account.sync(messages=[a_message("1", content="new"), a_message("4")], partial=["messages"])
    assert account.ids("messages") == {"1", "2", "3", "4"}
    assert account.view.messages["msg_acc_1"].item.content == "new"


def test_only_removed_ids_leave_a_partial_collection() -> None:
    account = three()
    account.sync(messages=[a_message("4")], partial=["messages"], removed={"messages": ["msg_acc_1", "2", "unknown"]})
    assert account.ids("messages") == {"3", "4"}


def test_an_item_that_is_given_and_removed_at_once_is_there() -> None:
    account = three()
    account.sync(messages=[a_message("1", content="new")], partial=["messages"], removed={"messages": ["msg_acc_1"]})
    assert account.view.messages["msg_acc_1"].item.content == "new"


def test_ids_are_removed_from_collections_that_the_snapshot_does_not_carry() -> None:
    account = three()
    account.sync(messages=[a_message(n, content="old") for n in "123"], removed={"comments": ["comm_acc_c"]})
    assert account.ids("comments") == set()


def test_an_empty_list_never_wipes_a_collection_and_the_ack_warns() -> None:
    account = three()
    applied = account.sync(messages=[])
    assert account.ids("messages") == {"1", "2", "3"}
    assert (applied.row, codes(applied)) == (None, ["empty_not_cleared"])
    assert "3 items are kept" in applied.warnings[0].message


def test_an_empty_list_of_an_empty_collection_is_no_warning() -> None:
    assert codes(three().sync(notifications=[])) == []


def test_an_empty_partial_list_says_nothing() -> None:
    assert codes(three().sync(messages=[], partial=["messages"])) == []


def test_a_list_without_a_valid_item_counts_as_empty() -> None:
    account = three()
    applied = account.sync(messages=[BROKEN, 7])
    assert account.ids("messages") == {"1", "2", "3"}
    assert codes(applied) == ["bad_item", "bad_item", "empty_not_cleared"]


@pytest.mark.parametrize("lists", [{"messages": []}, {}])
def test_a_cleared_collection_is_wiped(lists: dict[str, Any]) -> None:
    account = three()
    account.sync(cleared=["messages"], **lists)
    assert (account.ids("messages"), account.ids("comments")) == (set(), {"c"})


def test_a_cleared_collection_holds_what_came_with_it() -> None:
    account = three()
    account.sync(messages=[a_message("4")], cleared=["messages"], partial=["messages"])
    assert account.ids("messages") == {"4"}


def test_a_bad_item_leaves_its_stored_version_in_place_and_the_others_are_applied() -> None:
    account = three()
    applied = account.sync(messages=[a_message("1", content="new"), BROKEN])
    assert account.ids("messages") == {"1", "2"}
    assert account.view.messages["msg_acc_1"].item.content == "new"
    assert account.view.messages["msg_acc_2"].item.content == "old"
    (warning,) = applied.warnings
    assert (warning.code, warning.collection, warning.index, warning.id) == ("bad_item", "messages", 1, "msg_acc_2")
    assert "$.content" in warning.message


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": ""},
        {"id": 5},
        {"id": "a b"},
        {"accountId": "other"},
        {"conversationId": None},
        {"conversationId": "a b"},
        {"fileSize": -1},
        {"fileSize": 10**30},
        {"type": 5},
        {"direction": ["inbound"]},
        {"direction": "sideways"},
    ],
)
def test_a_bad_item_keeps_the_version_that_its_platform_id_names(changes: dict[str, object]) -> None:
    account = three()
    whole = {"id": "msg_acc_2", "messageId": "2", "conversationId": "77"}
    applied = account.sync(messages=[a_message("1"), {**whole, **changes}])
    assert account.ids("messages") == {"1", "2"}
    assert [(w.code, w.index) for w in applied.warnings] == [("bad_item", 1)]


def test_a_kind_that_only_a_newer_worker_knows_is_kept_as_another_one() -> None:
    account = three()
    applied = account.sync(
        messages=[{"id": "msg_acc_4", "messageId": "4", "conversationId": "77", "type": "hologram"}],
        conversations=[{"id": "conv_acc_77", "conversationId": "77", "lastMessageType": "hologram"}],
        contents=[{"id": "cont_acc_1", "contentId": "1", "type": "story"}],
        notifications=[{"id": "notif_acc_1", "notificationId": "1", "type": "applause"}],
    )
    view = account.view
    assert view.messages["msg_acc_4"].item.type == "other"
    assert view.conversations["conv_acc_77"].item.last_message_type == "other"
    assert view.contents["cont_acc_1"].item.type is None
    assert view.notifications["notif_acc_1"].item.type == "system"
    assert applied.warnings == []


def test_a_name_of_which_nobody_sees_anything_is_unknown() -> None:
    account = three()
    account.sync(
        conversations=[{"id": "conv_acc_77", "conversationId": "77", "userName": "\u3164", "groupName": "\u200b"}],
        messages=[{"id": "msg_acc_4", "messageId": "4", "conversationId": "77", "senderName": "  ", "content": " "}],
        comments=[{"id": "comm_acc_c", "commentId": "c", "authorName": "\u200b小鱼", "replyToUserName": "\ufe0f"}],
    )
    view = account.view
    assert (view.conversations["conv_acc_77"].item.user_name, view.conversations["conv_acc_77"].item.group_name) == (
        None,
        None,
    )
    assert (view.messages["msg_acc_4"].item.sender_name, view.messages["msg_acc_4"].item.content) == (None, " ")
    comment = view.comments["comm_acc_c"].item
    assert (comment.author_name, comment.reply_to_user_name) == ("\u200b小鱼", None)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([field.encode_name for field in msgspec.structs.fields(Message)]), ANY_JSON))
def test_whatever_stands_in_an_item_costs_at_most_that_item(fields: dict[str, object]) -> None:
    account = three()
    applied = account.sync(messages=[a_message("1", content="new"), {"id": "msg_acc_9", "messageId": "9", **fields}])
    assert account.view.messages["msg_acc_1"].item.content == "new" or fields.get("id") == "msg_acc_1"
    assert {(w.code, w.index) for w in applied.warnings if w.code == "bad_item"} <= {("bad_item", 1)}


@pytest.mark.parametrize("item", [7, "text", [], {}, {"content": "no name"}, {"messageId": 5}])
def test_a_bad_item_that_nothing_names_may_be_any_so_nothing_is_dropped(item: object) -> None:
    account = three()
    account.sync(messages=[a_message("1", content="new"), item])
    assert account.ids("messages") == {"1", "2", "3"}
    assert account.view.messages["msg_acc_1"].item.content == "new"


def test_the_last_item_with_a_duplicate_id_wins() -> None:
    account = an_account()
    applied = account.sync(messages=[a_message("1", content="first"), a_message("1", content="last")])
    assert account.view.messages["msg_acc_1"].item.content == "last"
    assert [(w.code, w.index, w.id) for w in applied.warnings] == [("duplicate_id", 1, "msg_acc_1")]


def test_unknown_keys_are_not_stored_and_warned_about_once_each() -> None:
    account = an_account()
    odd = {"id": "m", "conversationId": "c", "createdAt": NOW, "mood": 1, "rawData": {"x": 1}, "source": "api"}
    applied = account.sync(messages=[{**odd, "messageId": "1"}, {**odd, "id": "n", "messageId": "2"}], works=[])
    assert [(w.code, w.collection) for w in applied.warnings] == [("unknown_key", "works"), ("unknown_key", "messages")]
    assert account.ids("messages") == {"1", "2"}


def test_a_time_that_cannot_be_is_none_and_a_warning_never_now() -> None:
    account = an_account()
    applied = account.sync(messages=[a_message("1", created_at=5), a_message("2", created_at=NOW + 2 * 86_400_000)])
    assert [entry.item.created_at for entry in account.view.messages.values()] == [None, None]
    assert [(w.code, w.index, w.id) for w in applied.warnings] == [
        ("bad_time", 0, "msg_acc_1"),
        ("bad_time", 1, "msg_acc_2"),
    ]
    assert applied.warnings[0].message.startswith("createdAt: 5 is before 2010")


def test_seconds_and_iso_times_are_stored_as_milliseconds() -> None:
    account = an_account()
    account.sync(
        conversations=[{"id": "c", "conversationId": "1", "lastMessageTime": START // 1000}],
        contents=[{"id": "w", "contentId": "1", "publishTime": "2025-10-09T08:53:20Z"}],
    )
    assert account.view.conversations["c"].item.last_message_time == START
    assert account.view.contents["w"].item.publish_time == START


def test_null_and_absent_are_the_same() -> None:
    account = an_account()
    item = {"id": "m", "messageId": "1", "conversationId": "c", "type": None, "isRecalled": None, "content": None}
    assert codes(account.sync(messages=[item])) == []
    assert account.view.messages["m"].item.type == "text"


def test_an_item_nested_too_deeply_costs_itself_only() -> None:
    account = an_account()
    deep: object = 1
    for _ in range(400):
        deep = [deep]
    applied = account.sync(messages=[a_message("1"), {"id": "msg_acc_2", "content": deep}])
    assert account.ids("messages") == {"1"}
    assert codes(applied) == ["bad_item"]


@pytest.mark.parametrize("count", [20, 21])
def test_a_drop_of_more_than_20_items_and_more_than_half_is_applied_and_warned_about(count: int) -> None:
    account = an_account(messages=[a_message(str(number)) for number in range(count + 1)])
    applied = account.sync(messages=[a_message("0")])
    assert account.ids("messages") == {"0"}
    assert codes(applied) == (["mass_drop"] if count > 20 else [])


def test_a_drop_of_half_of_a_collection_is_no_mass_drop() -> None:
    account = an_account(messages=[a_message(str(number)) for number in range(60)])
    assert codes(account.sync(messages=[a_message(str(number)) for number in range(30)])) == []
    assert codes(account.sync(removed={"messages": [str(number) for number in range(29)]}, partial=["messages"])) == []


def test_a_snapshot_without_any_collection_is_refused_whole() -> None:
    nothing: tuple[dict[str, Any], ...] = ({}, {"messages": {}}, {"messages": None, "works": []})
    for lists in nothing:
        with pytest.raises(InvalidSnapshot, match="none of conversations, messages"):
            validate_snapshot(a_view(), a_snapshot(**lists), NOW)


def test_a_collection_that_is_no_list_is_warned_about_and_stays() -> None:
    account = three()
    applied = account.sync(messages={"a": 1}, comments=[a_comment("d")])
    assert (account.ids("messages"), account.ids("comments")) == ({"1", "2", "3"}, {"d"})
    assert codes(applied) == ["bad_item"]


def test_counts_of_the_platform_replace_the_stored_ones() -> None:
    account = an_account(contents=[a_work("9", like_count=1)])
    account.sync(contents=[a_work("9", like_count=2)])
    assert account.view.contents["cont_acc_9"].item.like_count == 2


def test_an_item_knows_when_it_was_first_seen_whatever_comes_later() -> None:
    account = an_account(notifications=[a_notice("1")])
    account.sync(notifications=[a_notice("1", title="new")], at=NOW)
    entry = account.view.notifications["notif_acc_1"]
    assert (entry.first_seen, entry.first_version, entry.item.title) == (START, 1, "new")


def test_the_stats_of_an_account_count_what_is_held() -> None:
    account = an_account(conversations=[a_conversation("77")], messages=[a_message("1")], contents=[a_work("9")])
    account.sync(comments=[a_comment("1"), a_comment("2")], notifications=[a_notice("1")])
    totals = account.view.totals
    assert (totals.conversations, totals.messages, totals.contents) == (1, 1, 1)
    assert (totals.comments, totals.notifications) == (2, 1)


def test_items_that_come_twice_in_a_change_are_counted_once() -> None:
    account = a_new_account()
    account.apply(Sync(items={"messages": [a_message("1", content="a"), a_message("1", content="b")]}))
    assert (account.view.totals.messages, account.view.messages["msg_acc_1"].item.content) == (1, "b")
