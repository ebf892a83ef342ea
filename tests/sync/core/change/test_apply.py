"""A change makes a row, a version and events; or nothing at all."""

from typing import Any

import msgspec
import pytest

from sync.core.account.entries import Report
from sync.core.change.advance import advance
from sync.core.change.changes import Cleared, Operated, Reported, Sync
from sync.core.change.delta import as_delta, decode_delta
from sync.protocol.messages import Profile
from tests.sync.builders import (
    DAY,
    HOUR,
    NOW,
    START,
    a_comment,
    a_conversation,
    a_message,
    a_new_account,
    a_notice,
    a_view,
    a_work,
    an_account,
    event_names,
)

PICTURE = "https://p3.example.com/a.jpeg"


def signed(expires: int, name: str = "a") -> str:
    return f"https://p3.example.com/{name}.jpeg?x-expires={expires // 1000}&x-signature=s{expires}"


# -- nothing new costs nothing


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"updated_at": START}, {"updated_at": NOW}),
        ({"user_avatar": signed(NOW + DAY)}, {"user_avatar": signed(NOW + 2 * DAY)}),
        ({"user_avatar": f"{PICTURE}?sign=1"}, {"user_avatar": f"{PICTURE}?sign=2"}),
    ],
)
def test_an_unchanged_item_makes_no_row_and_no_version(before: dict[str, Any], after: dict[str, Any]) -> None:
    account = an_account(conversations=[a_conversation(**before)])
    view = account.view
    applied = account.sync(conversations=[a_conversation(**after)])
    assert applied.row is None
    assert applied.view is view


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"user_name": "a"}, {"user_name": "b"}),
        ({"user_name": "a"}, {}),
        ({"user_avatar": signed(NOW + DAY)}, {"user_avatar": signed(NOW + DAY, "b")}),
        ({"user_avatar": signed(NOW + HOUR // 2)}, {"user_avatar": signed(NOW + 2 * DAY)}),
        ({"user_avatar": f"{PICTURE}?Expires={NOW + HOUR // 2}"}, {"user_avatar": f"{PICTURE}?Expires={NOW + DAY}"}),
        ({"user_avatar": PICTURE}, {}),
    ],
)
def test_a_changed_item_is_stored(before: dict[str, Any], after: dict[str, Any]) -> None:
    account = an_account(conversations=[a_conversation(**before)])
    applied = account.sync(conversations=[a_conversation(**after)])
    assert applied.row is not None
    assert account.view.conversations["conv_acc_77"].item == a_conversation(**after)


def test_the_pictures_of_a_comment_are_compared_one_by_one() -> None:
    account = an_account(comments=[a_comment("1", images=(signed(NOW + DAY), signed(NOW + DAY, "b")))])
    again = (signed(NOW + 2 * DAY), signed(NOW + 3 * DAY, "b"))
    assert account.sync(comments=[a_comment("1", images=again)]).row is None
    assert account.sync(comments=[a_comment("1", images=again[:1])]).row is not None


def test_version_source_and_raw_data_of_an_item_are_not_stored() -> None:
    item = {"id": "m", "messageId": "1", "conversationId": "77", "version": 1, "source": "api", "rawData": {}}
    account = an_account(messages=[item])
    assert account.sync(messages=[{**item, "version": 2, "source": "dom", "rawData": None}]).row is None


# -- versions, rows and numbers of events


def test_the_version_grows_by_one_for_each_change_and_the_events_are_numbered_on() -> None:
    account = an_account()
    account.sync(messages=[a_message("1")])
    account.sync(messages=[a_message("1", content="x")])
    assert [row.version for row in account.rows] == [1, 2, 3]
    assert [(row.seq_from, row.seq_to) for row in account.rows] == [(1, 1), (2, 5), (6, 8)]
    assert (account.view.version, account.view.seq, account.view.changed_at) == (3, 8, NOW)


def test_a_row_holds_only_what_changed() -> None:
    account = an_account(messages=[a_message(str(n)) for n in range(100)])
    applied = account.upsert(messages=[a_message("5", content="new"), a_message("6")], removed={"messages": ["7"]})
    assert applied.row is not None
    body = applied.row.body
    assert [entry.item.id for entry in body.messages] == ["msg_acc_5"]
    assert body.removed == {"messages": ["msg_acc_7"]}
    assert (body.reset, body.started_at, body.report) == (False, None, None)


def test_a_damaged_row_is_an_error_that_says_where() -> None:
    for body in (b"{", b'{"messages":[{"item":{}}]}', b'{"epoch":"\xff"}'):
        with pytest.raises(msgspec.MsgspecError):
            decode_delta(body)


# -- events


def test_the_first_snapshot_is_one_reset() -> None:
    account = a_new_account()
    assert event_names(account.sync(messages=[a_message("1")])) == ["reset"]


def test_more_than_200_events_are_one_reset() -> None:
    account = an_account()
    applied = account.sync(notifications=[a_notice(str(n), type="system") for n in range(198)])
    assert len(event_names(applied)) == 200
    applied = account.sync(notifications=[a_notice(str(n), type="system", title="x") for n in range(201)])
    assert event_names(applied) == ["reset"]
    assert (account.rows[-1].seq_from, account.rows[-1].seq_to) == (202, 202)


def test_items_are_created_updated_and_removed() -> None:
    account = an_account(contents=[a_work("1"), a_work("2")])
    applied = account.sync(contents=[a_work("2", title="x"), a_work("3")])
    assert event_names(applied) == [
        "content.updated cont_acc_2",
        "content.created cont_acc_3",
        "content.removed cont_acc_1",
    ]


def test_a_new_message_updates_its_conversation_and_the_counts() -> None:
    account = an_account(conversations=[a_conversation()])
    assert event_names(account.sync(messages=[a_message("1")])) == [
        "message.created msg_acc_1",
        "conversation.updated conv_acc_77",
        "thread.updated conv_acc_77",
        "unread.changed",
    ]


def test_a_message_that_changes_updates_the_conversation_that_shows_it() -> None:
    account = an_account(messages=[a_message("1"), a_message("2", created_at=NOW)])
    applied = account.sync(messages=[a_message("1", content="x"), a_message("2", created_at=NOW)])
    assert event_names(applied) == ["message.updated msg_acc_1"]
    applied = account.sync(messages=[a_message("1", content="x"), a_message("2", created_at=NOW, content="y")])
    assert event_names(applied) == [
        "message.updated msg_acc_2",
        "conversation.updated conv_acc_77",
        "thread.updated conv_acc_77",
    ]


def test_a_placeholder_is_created_updated_when_it_becomes_known_and_removed() -> None:
    account = an_account()
    assert "conversation.created conv_acc_77" in event_names(account.sync(messages=[a_message("1")]))
    updated = ["conversation.updated conv_acc_77", "thread.updated conv_acc_77"]
    assert event_names(account.upsert(conversations=[a_conversation()])) == updated
    assert event_names(account.upsert(removed={"conversations": ["77"]})) == updated
    assert "conversation.removed conv_acc_77" in event_names(account.upsert(removed={"messages": ["1"]}))


def test_a_comment_updates_its_work_and_its_parent() -> None:
    account = an_account(contents=[a_work("9")])
    account.sync(comments=[a_comment("1")])
    reply = a_comment("2", parent_comment_id="1", created_at=NOW, is_author_reply=True)
    assert event_names(account.upsert(comments=[reply])) == [
        "discussion.created comm_acc_2",
        "discussion.updated comm_acc_1",
        "content.updated cont_acc_9",
        "thread.updated comm_acc_1",
        "unread.changed",
    ]


def test_a_comment_whose_replies_are_counted_here_is_updated_by_each_unless_the_platform_counts() -> None:
    account = an_account(
        comments=[a_comment("1", is_author_reply=True), a_comment("5", is_author_reply=True, reply_count=3)]
    )
    replies = [a_comment(n, parent_comment_id=parent, is_author_reply=True) for n, parent in (("2", "1"), ("6", "5"))]
    assert "discussion.updated comm_acc_1" in event_names(account.upsert(comments=replies))
    assert "discussion.updated comm_acc_1" in event_names(account.upsert(removed={"comments": ["2"]}))


def test_a_comment_that_was_handled_is_updated_when_somebody_waits_under_it_again() -> None:
    """Also when as many replies stand under it as before."""
    account = an_account(comments=[a_comment("1")])
    account.upsert(comments=[a_comment("2", parent_comment_id="1", created_at=NOW, is_author_reply=True)])
    account.apply(Operated(action="done", collection="comments", ids=("comm_acc_1",)))
    waiting = a_comment("3", parent_comment_id="1", created_at=NOW + HOUR)
    events = event_names(account.upsert(comments=[waiting], removed={"comments": ["2"]}, at=NOW + HOUR))
    assert "discussion.updated comm_acc_1" in events


def test_a_work_that_gets_a_title_updates_its_comments() -> None:
    account = an_account(comments=[a_comment("1")])
    assert event_names(account.upsert(contents=[a_work("9", title="x")])) == [
        "content.created cont_acc_9",
        "discussion.updated comm_acc_1",
        "thread.updated comm_acc_1",
    ]


# -- other changes


def test_a_report_of_a_worker_on_the_account_is_a_change_once() -> None:
    account = an_account()
    report = Report(login_status="expired", profile=Profile(user_name="店"))
    assert event_names(account.apply(Reported(report=report))) == ["login.updated", "account.updated"]
    assert account.view.report == report
    assert account.apply(Reported(report=report)).row is None


def test_clearing_an_account_ends_its_history_but_not_its_version() -> None:
    account = an_account(messages=[a_message("1", created_at=START - DAY)])
    account.apply(Reported(report=Report(login_status="logged_in")))
    assert event_names(account.apply(Cleared(epoch="e2"))) == ["reset"]
    view = account.view
    assert (view.version, view.epoch, view.started_at) == (3, "e2", None)
    assert (view.totals, len(view.feed), dict(view.conversation_states)) == (a_view().totals, 0, {})
    assert view.report.login_status == "logged_in"
    account.sync(at=NOW, messages=[a_message("1", created_at=START + HOUR)])
    assert (account.view.started_at, account.view.started_version, account.unread()) == (NOW, 4, set())


def test_a_checkpoint_makes_the_same_view() -> None:
    account = an_account(messages=[a_message("1")], comments=[a_comment("1")], conversations=[a_conversation()])
    view = account.view
    body = msgspec.json.decode(msgspec.json.encode(as_delta(view)), type=type(as_delta(view)))
    assert advance(a_view(), body, version=view.version, seq=view.seq, at=view.changed_at or 0) == view


# -- what it costs


def test_one_new_message_among_10_000_copies_one_chunk_of_each_order_it_stands_in() -> None:
    account = a_new_account()
    conversations = [a_conversation(str(n)) for n in range(500)]
    messages = [a_message(str(n), f"conv_acc_{n % 500}", created_at=START - n) for n in range(10_000)]
    account.apply(Sync(items={"conversations": list(conversations), "messages": list(messages)}), START)
    before = account.view
    account.upsert(messages=[a_message("new", "7", created_at=START - 5_000)])
    after = account.view
    old, new = before.message_order._chunks, after.message_order._chunks
    assert len({id(chunk) for chunk in new} - {id(chunk) for chunk in old}) <= 2
    assert len(new) > 30
    untouched = [i for i, thread in after.conversation_states.items() if before.conversation_states.get(i) is thread]
    assert len(untouched) == len(after.conversation_states) - 1
    assert after.comment_order is before.comment_order
    assert after.contents is before.contents
