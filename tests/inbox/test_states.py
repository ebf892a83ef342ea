"""How an account is said to be: one sentence by what matters most, and how fresh it is, surface by surface."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string
from msgspec.structs import replace

from im_api.queries import list_authorized
from inbox.pages.account_cards import AccountCard, AccountDetails, list_account_details, make_card
from inbox.pages.account_state import make_state
from sync.core.account.entries import Report
from sync.core.change.changes import Operated
from sync.directory import WorkerInfo
from sync.hub import Hub
from sync.protocol.messages import Canary, Register, Surface, WireMessage, WireObservation
from sync.storage.records import Observed
from tests.im_api.conftest import NOW, USERS, a_directory, an_account

SECOND = 1_000
OWNER = USERS[2]


@pytest.fixture
def account(hub: Hub, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Hub:
    """acc-a alone, with a worker that runs and a good login."""
    settings.ROOT_URLCONF = "imhub.urls"
    hub.started_at = NOW - 3_600 * SECOND
    set_account(hub)
    report(hub, monkeypatch)
    return hub


def set_account(hub: Hub, **fields: Any) -> None:
    hub.directory = a_directory(an_account("acc-a", **fields))


def report(
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    login: Any = "logged_in",
    worker: str = "crawling",
    error: str | None = None,
) -> None:
    said = Report(login_status=login, error=error)
    hub.store.publish([replace(hub.store.get_view("acc-a"), report=said, changed_at=NOW)])
    monkeypatch.setattr(hub, "worker_status", lambda _account_id: worker)


def look(hub: Hub, seconds_ago: float, surface: Surface = "messages", canary: Canary = "ok", **more: Any) -> None:
    at = NOW - int(seconds_ago * SECOND)
    seen = WireObservation(surface=surface, start=at, end=at, canary=canary, **more)
    hub.freshness.note(Observed("acc-a", [seen], NOW))


def card() -> AccountCard:
    return make_card(list_authorized(OWNER)[0], NOW)


def state() -> tuple[str, str]:
    said = make_state(list_authorized(OWNER)[0], NOW)
    return said.words, said.tone


def test_the_words_come_in_the_order_of_what_keeps_messages_away(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state() == ("Reading the history", "wait")
    look(account, 28)
    assert state() == ("seen 28 s ago", "ok")
    set_account(account, status="inactive")
    assert state() == ("Paused", "off")
    set_account(account)
    look(account, 10, canary="page_changed")
    assert state() == ("The messages page changed", "act")
    look(account, 5)
    report(account, monkeypatch, worker="backoff")
    assert state() == ("Trying again after an error", "wait")
    assert not card().is_fresh
    report(account, monkeypatch, worker="offline")
    assert state() == ("Its computer is not working", "act")
    report(account, monkeypatch, login="expired", worker="offline")
    assert state() == ("Needs a new login", "act")
    set_account(account, status="inactive")
    assert state() == ("Needs a new login", "act")


def test_the_computer_of_a_paused_account_may_be_off(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    set_account(account, status="inactive")
    report(account, monkeypatch, worker="offline")
    assert state() == ("Paused", "off")


def test_a_worker_has_a_moment_to_come_to_a_hub_that_has_just_started(
    account: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(account, monkeypatch, worker="offline")
    look(account, 28)
    account.started_at = NOW - 19 * SECOND
    assert state() == ("seen 28 s ago", "ok")
    account.started_at = NOW - 20 * SECOND
    assert state() == ("Its computer is not working", "act")


def test_history_is_read_only_where_somebody_is_logged_in_and_a_worker_looks(
    account: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(account, monkeypatch, login="unknown")
    assert state() == ("Not read yet", "wait")
    report(account, monkeypatch, worker="waiting")
    assert state() == ("Not read yet", "wait")
    report(account, monkeypatch, worker="backoff")
    assert state() == ("Trying again after an error", "wait")
    report(account, monkeypatch)
    assert state() == ("Reading the history", "wait")


def test_who_was_never_logged_in_needs_no_new_login(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    report(account, monkeypatch, login="not_logged_in")
    assert state() == ("Not logged in yet", "act")
    look(account, 28)
    assert state() == ("Needs a new login", "act")


def test_a_computer_that_never_connected_is_told_from_one_that_left(
    account: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(account, monkeypatch, worker="offline")
    set_worker(account, has_come=False)
    assert state() == ("Its computer has never connected", "act")
    assert the_details().hint == "Start the worker “w1” on its computer."
    set_worker(account, has_come=True)
    assert state() == ("Its computer is not working", "act")


def test_a_computer_without_a_free_place_says_so(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    account.directory = a_directory(an_account("acc-b"), an_account("acc-a", created_at=NOW))
    link = FakeLink("acc-b")
    account.presence.connect("w1", link, Register(worker_id="w1", host="前台电脑", version="1", max_accounts=1), "x")
    report(account, monkeypatch, worker="waiting")
    full = next(one for one in list_authorized(OWNER) if one.account.id == "acc-a")
    said = make_state(full, NOW)
    assert (said.kind, said.words, said.tone) == ("full", "No place on its computer", "act")
    details = list_account_details(OWNER, [make_card(full, NOW)])[0]
    assert details.hint == "The computer “前台电脑” reads as many accounts as it may. Another one can read it."
    assert details.step is not None
    assert details.step.text == "Add a computer"
    account.directory = replace(account.directory, workers={**account.directory.workers, "w2": a_worker("w2")})
    details = list_account_details(OWNER, [make_card(full, NOW)])[0]
    assert details.step is not None
    assert (details.step.text, details.step.href) == ("Choose a computer", "/accounts/acc-a/computer")
    assert list_account_details(USERS[0], [make_card(full, NOW)])[0].step is None


class FakeLink:
    """A connection that was given one account."""

    number = 1
    is_confidential = True

    def __init__(self, account_id: str) -> None:
        self.leases = {account_id: 1}

    def close(self, code: int, reason: str) -> None: ...

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        return False


def a_worker(name: str, **fields: Any) -> WorkerInfo:
    return replace(WorkerInfo(name=name, token_hash="x", max_accounts=0), **fields)


def set_worker(hub: Hub, **fields: Any) -> None:
    hub.directory = replace(hub.directory, workers={"w1": a_worker("w1", **fields)})


def test_all_else_works_only_while_it_is_read_in_time(account: Hub) -> None:
    look(account, 10, canary="page_changed")
    assert not card().now.rest_works
    look(account, 5, "comments")
    assert card().now.rest_works
    assert the_details().hint == "Everything else works; what was read before is kept."
    look(account, 4, "notifications", canary="page_changed")
    assert not card().now.rest_works
    assert the_details().hint == "What was read before is kept."
    look(account, 3, "notifications")
    assert card().now.rest_works
    account.freshness.forget("acc-a")
    look(account, 10, canary="page_changed")
    look(account, 600, "comments")
    assert not card().now.rest_works


@pytest.mark.parametrize(
    ("interval", "fresh_s", "late_s"),
    [(25, 90, 300), (3, 90, 300), (60, 180, 600), (0.5, 90, 300), (None, 90, 300), ("often", 90, 300)],
)
def test_what_is_fresh_late_and_stale_follows_the_pace_of_the_account(
    account: Hub, interval: Any, fresh_s: int, late_s: int
) -> None:
    set_account(account, config={"intervals": {"messages": interval}} if interval is not None else {})
    look(account, late_s + 1)
    assert state() == (f"no update for {late_s // 60} min", "act")
    look(account, late_s)
    assert state() == (f"no update for {late_s // 60} min", "wait")
    look(account, fresh_s + 1)
    assert state()[1] == "wait"
    look(account, fresh_s)
    assert state()[1] == "ok"


def test_a_page_that_cannot_be_read_is_never_fresh_while_the_worker_lives(account: Hub) -> None:
    look(account, 5, "comments")
    look(account, 20)
    look(account, 10, canary="empty_suspicious")
    assert state() == ("The messages page changed", "act")
    look(account, 8, "comments")
    assert not card().is_fresh
    look(account, 3)
    assert state() == ("seen just now", "ok")


def test_an_older_failure_that_is_told_later_takes_nothing_back(account: Hub) -> None:
    look(account, 5)
    look(account, 10, canary="page_changed")
    assert state() == ("seen 5 s ago", "ok")


def test_comments_that_are_not_looked_at_make_an_account_late(account: Hub) -> None:
    look(account, 20)
    look(account, 12 * 60, "comments")
    assert state() == ("no update for 12 min", "act")
    look(account, 4 * 60, "comments")
    assert state() == ("no update for 4 min", "wait")
    look(account, 170, "comments")
    assert state() == ("seen 20 s ago", "ok")


def test_replies_that_cannot_be_read_are_comments_that_cannot(account: Hub) -> None:
    look(account, 20)
    look(account, 20, "profile", canary="page_changed")
    assert state() == ("seen 20 s ago", "ok")
    look(account, 20, "replies", canary="page_changed")
    assert state() == ("The comments page changed", "act")


def test_a_script_gets_what_the_words_are_made_of(account: Hub) -> None:
    look(account, 20)
    look(account, 50, "comments")
    looks = f"messages:{NOW - 20 * SECOND}:90000:300000 comments:{NOW - 50 * SECOND}:180000:600000"
    assert card().observed == looks


def test_who_waits_is_counted_without_who_is_muted(account: Hub) -> None:
    view = account.store.get_view("acc-a")
    waiting = card().needs_reply
    assert waiting == len(view.waiting_order) > 0
    muted = tuple(state.id for state in view.conversation_states.values() if state.needs_reply)
    account.store.apply_change("acc-a", Operated(action="mute", collection="conversations", ids=muted), now=NOW)
    assert card().needs_reply == waiting - len(muted) < waiting


# -- what the accounts page says beside


def the_details(at: int = NOW) -> AccountDetails:
    return list_account_details(OWNER, [make_card(list_authorized(OWNER)[0], at)])[0]


def test_each_surface_says_when_it_was_last_read(account: Hub) -> None:
    look(account, 28)
    look(account, 20, "contents")
    look(account, 5, "comments", canary="page_changed")
    said = [(one.name, one.ago, one.is_readable) for one in the_details().surfaces]
    assert said == [("messages", "28 s ago", True), ("comments", "not yet", False), ("works", "20 s ago", True)]


def test_who_wrote_for_the_first_time_today_is_new(account: Hub) -> None:
    view = account.store.get_view("acc-a")
    new = [thread for thread in view.conversation_states.values() if thread.received.last() is not None]
    assert the_details().new_people == len(new) > 0
    account.clock = lambda: NOW + 24 * 60 * 60 * SECOND
    assert the_details().new_people == 0


def test_the_longest_wait_is_that_of_whoever_waits_longest(account: Hub) -> None:
    first = min(key[1] for key in account.store.get_view("acc-a").waiting_order)
    said = the_details()
    assert said.waiting == len(account.store.get_view("acc-a").waiting_order)
    assert said.longest == (f"{(NOW - first) // (3_600 * SECOND)} h", "bad", first)


def test_a_card_says_what_can_be_done(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    report(account, monkeypatch, login="qrcode_pending")
    assert the_details().hint == "The computer “w1” shows the login code once it is on, awake and online."
    account.presence.connect("w1", FakeLink("acc-a"), Register(worker_id="w1", host="前台电脑", version="1"), "x")
    assert the_details().hint == "The computer “前台电脑” shows its login code. Scan it with the phone."
    report(account, monkeypatch, worker="offline")
    assert the_details().hint == "Check that the computer “前台电脑” is on, awake and online."
    report(account, monkeypatch)
    assert the_details().hint == "3 conversations so far. History raises no alerts."
    look(account, 5)
    assert the_details().hint == ""


def steps() -> list[tuple[str, str]]:
    [details] = list_account_details(OWNER, [card()])
    return [(step.text, step.place) for step in details.steps]


def places(*found: str) -> list[tuple[str, str]]:
    texts = ("Choose a computer", "Start the computer", "Log in by QR", "Read the messages")
    return list(zip(texts, found, strict=True))


def test_the_way_to_the_first_message_has_one_step_to_do_now(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    set_account(account, worker=None)
    report(account, monkeypatch, login="unknown", worker="unassigned")
    assert steps() == places("now", "later", "later", "later")
    set_account(account)
    report(account, monkeypatch, login="unknown", worker="offline")
    assert steps() == places("done", "now", "later", "later")
    link = FakeLink("acc-a")
    account.presence.connect("w1", link, Register(worker_id="w1", host="atlas"), "x")
    report(account, monkeypatch, login="not_logged_in", worker="waiting")
    assert steps() == places("done", "done", "now", "later")
    report(account, monkeypatch)
    assert steps() == places("done", "done", "done", "now")
    look(account, 5)
    assert steps() == []


def test_what_was_done_before_is_not_done_when_it_is_not_true_any_more(
    account: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(account, 5)
    report(account, monkeypatch, worker="offline")
    assert steps() == places("done", "now", "done", "done")
    report(account, monkeypatch, login="expired", worker="offline")
    assert steps() == places("done", "now", "later", "done")
    set_account(account, status="inactive")
    report(account, monkeypatch, worker="unassigned")
    assert steps() == []


def paces() -> dict[str, str]:
    [details] = list_account_details(OWNER, [card()])
    return {line.surface: line.pace for line in details.surfaces}


def test_an_account_says_how_often_each_page_is_looked_at(account: Hub) -> None:
    look(account, 5)
    look(account, 5, "contents")
    assert paces() == {"messages": "", "contents": ""}, "an earlier worker does not say it"
    look(account, 4, live=True, next_s=25)
    look(account, 4, "comments", next_s=310)
    look(account, 4, "contents", next_s=48)
    assert paces() == {"messages": "as they arrive", "comments": "about every 5 min", "contents": "about every 50 s"}
    look(account, 3, live=True)
    assert paces()["messages"] == "as they arrive"
    look(account, 2, "comments", next_s=6 * 3600)
    assert paces()["comments"].startswith("next look at ")


def test_an_account_whose_messages_do_not_arrive_by_themselves_says_so(account: Hub) -> None:
    look(account, 4, live=True, next_s=25)
    look(account, 3, live=False, next_s=28)
    assert paces()["messages"] == "by responses, about every 30 s"


def test_an_account_says_of_a_page_that_moved_where_it_was(account: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    look(account, 5)
    look(account, 5, "comments")
    look(account, 4, "comments", canary="page_changed")
    report(account, monkeypatch, worker="backoff", error="comments: PageMoved: creator:/old/comment is gone")
    [details] = list_account_details(OWNER, [card()])
    moved = {line.surface: line.moved.translate({0x2068: None, 0x2069: None}) for line in details.surfaces}
    assert moved == {"messages": "", "comments": "its page moved; it was at creator:/old/comment"}
    page = render_to_string("inbox/accounts/card.html", {"details": details, "account": details.card})
    assert page.count("its page moved") == 1


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, ["Reading marks nothing as read at Douyin."]),
        ({"read_notices": True}, ["Notices that are read here count as read at Douyin too."]),
        (
            {"read_notices": True, "read_history": True},
            [
                "Notices that are read here count as read at Douyin too.",
                "For older messages conversations with nothing unread are opened at Douyin.",
            ],
        ),
    ],
)
def test_an_account_says_what_reading_it_may_mark(account: Hub, config: dict[str, Any], told: list[str]) -> None:
    set_account(account, config=config)
    look(account, 5)
    assert the_details().marks == told


def test_a_page_that_rests_is_fresh_until_its_next_look_and_not_three_times_as_long(account: Hub) -> None:
    hour = 3600
    look(account, 20)
    look(account, 5 * hour, "comments", next_s=6 * hour)
    assert state() == ("seen 20 s ago", "ok")
    look(account, 4 * hour, "comments", next_s=3 * hour)
    assert state() == ("no update for 240 min", "act")
