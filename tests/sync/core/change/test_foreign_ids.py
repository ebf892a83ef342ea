"""No account gets hold of an id that belongs to another one, whatever its worker sends."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.account.named_ids import list_named_ids
from sync.core.account.view import View
from sync.core.change.apply import apply
from sync.core.change.snapshot_validation import validate_snapshot
from sync.protocol.ids import PREFIX, owner_of
from sync.protocol.items import COLLECTIONS, REFERENCES, Collection
from tests.sync.builders import (
    NOW,
    Account,
    a_comment,
    a_conversation,
    a_message,
    a_notice,
    a_snapshot,
    a_view,
    a_work,
    an_account,
)

ACCOUNTS = {"acc", "acc_2"}
MAKERS: dict[Collection, Any] = {
    "conversations": a_conversation,
    "messages": a_message,
    "contents": a_work,
    "comments": a_comment,
    "notifications": a_notice,
}


def warnings_of(account: Account, **lists: Any) -> list[str]:
    """Apply the snapshot, and return the places and texts of its warnings."""
    validated = validate_snapshot(account.view, a_snapshot(**lists), NOW, ACCOUNTS)
    account.apply(validated.change)
    return [f"{each.code} {each.index} {each.id}: {each.message}" for each in validated.warnings]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_item_with_the_id_of_another_account_is_refused_and_the_others_are_taken(collection: Collection) -> None:
    prefix = PREFIX[collection]
    account, make = an_account(), MAKERS[collection]
    warnings = warnings_of(account, **{collection: [make("1"), make("2_9"), make("3")]})
    assert account.ids(collection) == {"1", "3"}
    assert warnings == [
        f"bad_item 1 {prefix}_acc_2_9: id is '{prefix}_acc_2_9', an id of another account",
    ]


def test_a_message_cannot_make_a_placeholder_of_another_accounts_conversation() -> None:
    account = an_account()
    warnings = warnings_of(account, messages=[a_message("1"), a_message("2", "2_9"), a_message("3")])
    assert account.ids("messages") == {"1", "3"}
    assert list(account.view.conversation_states) == ["conv_acc_77"]
    assert warnings == ["bad_item 1 msg_acc_2: conversationId is 'conv_acc_2_9', an id of another account"]


def test_a_conversation_of_another_form_may_have_such_a_number_on_the_platform() -> None:
    account = an_account()
    free = a_conversation("2_9", id="free")
    assert warnings_of(account, conversations=[free], messages=[a_message("1", "2_9")]) == []
    assert account.view.messages["msg_acc_1"].item.conversation_id == "free"


def test_what_an_earlier_version_stored_under_such_an_id_stays() -> None:
    account = an_account(conversations=[a_conversation("2_9", user_name="Before")])
    warnings_of(account, conversations=[a_conversation("1"), a_conversation("2_9", user_name="After")])
    assert account.ids("conversations") == {"1", "2_9"}
    assert account.view.conversations["conv_acc_2_9"].item.user_name == "Before"


# -- whatever the accounts are called, and whatever is sent

PARTS = st.sampled_from(["a", "a_b", "a_b_1", "b", "b_1", "1", "conv", "a_conv", "conv_a_b_1", "comm_a_1"])
COLLECTION: st.SearchStrategy[Collection] = st.sampled_from(COLLECTIONS)


@st.composite
def an_item(draw: st.DrawFn) -> tuple[Collection, Any]:
    """Any item, under any id, that refers to anything."""
    name, account_id, platform_id = draw(COLLECTION), draw(PARTS), draw(PARTS)
    prefix = draw(st.sampled_from([PREFIX[name], "conv", "chat"]))
    references = {attribute: draw(PARTS) for attribute, _ in REFERENCES[name]}
    fields = {"id": f"{prefix}_{account_id}_{platform_id}", **references}
    return name, msgspec.structs.replace(MAKERS[name](platform_id), **fields)


@given(accounts=st.sets(PARTS, min_size=2, max_size=4), snapshots=st.lists(st.lists(an_item(), max_size=6), max_size=2))
def test_no_account_ever_names_an_id_that_belongs_to_another(accounts: set[str], snapshots: Any) -> None:
    account_id = min(accounts)
    view: View = a_view(account_id)
    for items in snapshots:
        lists: dict[str, Any] = {name: [item for kind, item in items if kind == name] for name in COLLECTIONS}
        view = apply(view, validate_snapshot(view, a_snapshot(**lists), NOW, accounts).change, NOW).view
    named = [*list_named_ids(view), *view.conversation_states, *view.comment_threads, *view.works]
    assert {owner_of(item_id, accounts) for item_id in named} <= {None, account_id}
