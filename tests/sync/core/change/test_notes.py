"""Notes of operators on people."""

from __future__ import annotations

from sync.core.account.marks import NO_MARK, Note
from sync.core.account.people import person_of
from sync.core.change.apply import Applied
from sync.core.change.changes import Cleared, Noted
from tests.sync.builders import NOW, START, Account, a_comment, a_conversation, an_account, event_names


def write(account: Account, text: str, by: str = "ann", user_id: str = "fan", at: int = NOW) -> Applied:
    return account.apply(Noted(user_id=user_id, text=text, by=by), at)


def test_clients_are_notified_of_a_note_and_no_platform_fact_changes() -> None:
    account = an_account(conversations=[a_conversation()])
    before = account.view
    assert event_names(write(account, "VIP")) == ["note.updated fan"]
    assert account.view.mark("people", "fan").note == Note("VIP", NOW, "ann")
    assert (account.view.conversation_states, account.view.totals) == (before.conversation_states, before.totals)


def test_the_same_text_again_is_no_change_and_another_is() -> None:
    account = an_account()
    write(account, "VIP")
    assert write(account, "VIP", by="ben", at=NOW + 1).row is None
    assert write(account, "VIP, late payer", by="ben", at=NOW + 1).row is not None
    assert account.view.mark("people", "fan").note == Note("VIP, late payer", NOW + 1, "ben")


def test_an_empty_text_leaves_nothing_behind() -> None:
    account = an_account()
    assert write(account, "").row is None
    write(account, "VIP")
    removed = write(account, "")
    assert event_names(removed) == ["note.updated fan"]
    assert account.view.mark("people", "fan") == NO_MARK
    assert not account.view.marks
    assert write(account, "").row is None


def test_a_note_survives_every_replace_and_goes_with_the_account() -> None:
    account = an_account(conversations=[a_conversation()])
    write(account, "VIP")
    account.sync(conversations=[], cleared=["conversations"])
    assert account.view.mark("people", "fan").note == Note("VIP", NOW, "ann")
    account.apply(Cleared(epoch="e2"), START)
    assert account.view.mark("people", "fan") == NO_MARK


def test_the_action_of_an_operator_is_logged_in_one_word() -> None:
    account = an_account()
    rows = [write(account, text).row for text in ("VIP", "")]
    assert [row.body.action for row in rows if row is not None] == ["note", "unnote"]


def test_comments_and_conversations_may_name_one_person_differently() -> None:
    comment = a_comment("1", author_id="200", author_sec_id="fan")
    account = an_account(conversations=[a_conversation("77")], comments=[comment, a_comment("2", author_id="300")])
    assert [person_of(account.view, user_id) for user_id in ("200", "fan", "300", "77", "nobody")] == [
        "fan",
        "fan",
        "300",
        "77",
        "nobody",
    ]
