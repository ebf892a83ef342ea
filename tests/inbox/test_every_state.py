"""Every state of an account: what caused it, and what card, banner, foot and API say of it, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from django.utils.timezone import get_default_timezone
from msgspec.structs import astuple, replace

from alerts.core.decide import Message
from alerts.facts import _trouble, list_accounts
from alerts.words import say
from im_api.queries import get_liveness, list_authorized
from im_api.shapes.accounts import user
from inbox.pages.account_cards import list_account_details, make_card
from inbox.pages.banner import make_banner
from inbox.pages.rail import read_rail
from sync.core.account.entries import Report
from sync.directory import WorkerInfo
from sync.hub import Hub
from sync.protocol.messages import Canary, Register, Surface, WireMessage, WireObservation
from sync.storage.records import Observed
from tests.e2e.causes import list_rows
from tests.every_state import EVERY_STATE, ISOLATES, Said, StateRow, Told, draw, in_short, read_drawn, read_short
from tests.im_api.conftest import NOW, USERS, a_directory, an_account

SECOND = 1_000
OWNER = USERS[2]


class FakeLink:
    """A connection that was given some accounts."""

    number = 1
    is_confidential = True

    def __init__(self, *account_ids: str) -> None:
        self.leases = dict.fromkeys(account_ids, 1)

    def close(self, code: int, reason: str) -> None: ...

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage, request_id: str | None = None) -> bool:
        return True


class Stage:
    """acc-a alone, whose computer is connected, on a hub that runs for an hour. Each step makes something true."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.fields = hub, dict[str, Any]()
        hub.started_at = NOW - 3_600 * SECOND
        self.has_come, self.reported_at = True, NOW
        self._settle()
        self.online()

    def _settle(self) -> None:
        others = [an_account("acc-b")] if self.fields.get("others") else []
        fields = {name: value for name, value in self.fields.items() if name != "others"}
        directory = a_directory(*others, an_account("acc-a", **fields))
        worker = WorkerInfo(name="w1", token_hash="x", max_accounts=0, label="前台电脑", has_come=self.has_come)
        self.hub.directory = replace(directory, workers={"w1": worker})

    def account(self, **fields: Any) -> None:
        self.fields |= fields
        self._settle()

    def online(self, *given: str, places: int = 0) -> None:
        link = FakeLink(*(given or ("acc-a",)))
        register = Register(worker_id="w1", host="atlas", version="1", max_accounts=places, capabilities=["login"])
        self.hub.presence.connect("w1", link, register, "x")

    def offline(self, *, has_come: bool = True) -> None:
        self.has_come = has_come
        self.hub.presence._connected.clear()
        if not has_come:
            self.hub.presence._hosts.clear()
        self._settle()

    def reports(self, login: Any = "logged_in", worker: Any = "crawling", error: str | None = None) -> None:
        report = Report(login_status=login, worker_status=worker, error=error)
        self.hub.store.publish([replace(self.hub.store.get_view("acc-a"), report=report, changed_at=self.reported_at)])

    def looks(self, seconds_ago: float = 20, *surfaces: Surface, canary: Canary = "ok") -> None:
        at = NOW - int(seconds_ago * SECOND)
        seen = [WireObservation(surface=one, start=at, end=at, canary=canary) for one in surfaces or ("messages",)]
        self.hub.freshness.note(Observed("acc-a", seen, NOW))

    def told(self) -> Told:
        [authorized] = [one for one in list_authorized(OWNER) if one.account.id == "acc-a"]
        shape = user(authorized, get_liveness("acc-a"))
        return Told(shape.status, shape.login_status, shape.worker_status, shape.worker_error)

    def _alert(self, language: str) -> str:
        [authorized] = [one for one in list_accounts() if one.account.id == "acc-a"]
        troubles = tuple(_trouble(authorized, NOW))
        names = {"acc-a": authorized.account.name}
        return say(Message(troubles, ()), names, language, NOW, get_default_timezone()).body if troubles else ""

    def said(self, language: str) -> Said:
        with translation.override(language):
            [authorized] = [one for one in list_authorized(OWNER) if one.account.id == "acc-a"]
            card = make_card(authorized, NOW)
            [details] = list_account_details(OWNER, [card])
            banner = make_banner([card], NOW, is_owner=True, dismissed=frozenset())
            rail = replace(read_rail(OWNER), cards=[card])
            said = Said(
                state=card.state,
                why=card.why,
                hint=details.hint,
                now=next((step.text for step in details.steps if step.place == "now"), ""),
                button=details.step.text if details.step is not None else "",
                banner=banner.strong + banner.rest if banner is not None else "",
                foot=rail.in_detail,
                alert=self._alert(language),
            )
            return Said(*(text.translate(ISOLATES) for text in astuple(said)))


def no_computer(stage: Stage) -> None:
    stage.account(worker=None)
    stage.reports("unknown", None)


def never_came(stage: Stage) -> None:
    stage.offline(has_come=False)
    stage.reports("unknown", None)


def off_before_the_first_look(stage: Stage) -> None:
    stage.offline()
    stage.reports("unknown", None)


def killed(stage: Stage) -> None:
    stage.reports()
    stage.looks(600)
    stage.offline()


def full(stage: Stage) -> None:
    stage.account(others=True, created_at=NOW)
    stage.online("acc-b", places=1)
    stage.reports("unknown", None)


def starting(stage: Stage) -> None:
    stage.reports("unknown", "waiting")


def never_logged_in(stage: Stage) -> None:
    stage.reports("not_logged_in", "waiting")


def shows_its_code(stage: Stage) -> None:
    stage.reports("qrcode_pending", "waiting")


def login_lost(stage: Stage) -> None:
    stage.looks(600)
    stage.reports("expired", "waiting")


def login_lost_and_killed(stage: Stage) -> None:
    login_lost(stage)
    stage.offline()


def another_account(stage: Stage) -> None:
    stage.looks(600)
    stage.reports("logged_in", "error", "WrongAccount: logged in as 1, this account is 2")


def another_account_scanned(stage: Stage) -> None:
    stage.reports("not_logged_in", "waiting", "WrongAccount: logged in as 1, this account is 2")


def other_platform(stage: Stage) -> None:
    stage.reports("unknown", "error", "AccountRefused: this worker does not know the platform 'douyin'")


def no_browser(stage: Stage) -> None:
    stage.reports("unknown", "error", "NoChromium: no Chromium, Chrome or Edge found")


def network_pulled(stage: Stage) -> None:
    stage.looks(600)
    stage.reports("logged_in", "backoff", "messages: Retryable: im did not open: net::ERR_INTERNET_DISCONNECTED")


def tries_again(stage: Stage) -> None:
    stage.looks(30, "messages", "comments")
    stage.reports("logged_in", "backoff", "comments: Retryable: HTTP 500")


def page_does_not_open(stage: Stage) -> None:
    stage.reports("unknown", "backoff", "Retryable: the page of the login did not answer")


def page_does_not_open_for_long(stage: Stage) -> None:
    stage.reported_at = NOW - 10 * 60 * SECOND
    page_does_not_open(stage)


def wants_a_check(stage: Stage) -> None:
    stage.looks(600)
    stage.reports("logged_in", "backoff", "Retryable: the page does not say whether this account is logged in")


def asks_for_a_check(stage: Stage) -> None:
    stage.looks(600)
    stage.reports("logged_in", "error", "CheckAsked: the platform asks for a check that a person must pass")


def one_page_changed(stage: Stage) -> None:
    stage.reports()
    stage.looks(20, "comments")
    stage.looks(600)
    stage.looks(20, canary="page_changed")


def page_moved(stage: Stage) -> None:
    moved = "comments: PageMoved: creator:/creator-micro/interactive/comment is gone"
    stage.reports("logged_in", "backoff", moved)
    stage.looks(20)
    stage.looks(600, "comments")
    stage.looks(20, "comments", canary="page_changed")


def all_pages_changed(stage: Stage) -> None:
    stage.reports(worker="backoff", error="comments: PageChanged: no list")
    stage.looks(600, "comments", "messages")
    stage.looks(20, "comments", "messages", canary="page_changed")


def lists_renamed(stage: Stage) -> None:
    stage.reports("logged_in", "backoff", "comments: PageChanged: the answer has no item_info_list")
    stage.looks(20)
    stage.looks(600, "comments", "contents")
    stage.looks(20, "comments", "contents", canary="page_changed")


def reads_history(stage: Stage) -> None:
    stage.reports()


def fine(stage: Stage) -> None:
    stage.reports()
    stage.looks(20)


def slow(stage: Stage) -> None:
    stage.reports()
    stage.looks(4 * 60)


def stale(stage: Stage) -> None:
    stage.reports()
    stage.looks(40 * 60)


def paused(stage: Stage) -> None:
    stage.account(status="inactive")
    stage.reports(worker=None)
    stage.looks(600)


def banned(stage: Stage) -> None:
    stage.account(status="banned")
    stage.reports(worker="waiting")
    stage.looks(600)


CAUSES: dict[str, Callable[[Stage], None]] = {
    cause.__name__: cause
    for cause in (
        no_computer, never_came, off_before_the_first_look, killed, full, starting, never_logged_in, shows_its_code,
        login_lost, login_lost_and_killed, another_account, another_account_scanned, other_platform, no_browser,
        tries_again, network_pulled, page_does_not_open, page_does_not_open_for_long, wants_a_check,
        asks_for_a_check, one_page_changed, page_moved, all_pages_changed, lists_renamed, reads_history, fine, slow,
        stale, paused, banned,
    )
}  # fmt: skip


@pytest.fixture
def stage(hub: Hub, settings: Any) -> Stage:
    settings.ROOT_URLCONF = "imhub.urls"
    settings.DEMO = False
    return Stage(hub)


@pytest.mark.parametrize("row", EVERY_STATE, ids=lambda row: row.cause)
def test_card_banner_foot_and_api_say_what_is_true_in_both_languages(stage: Stage, row: StateRow) -> None:
    CAUSES[row.cause](stage)
    assert stage.told() == row.api
    assert stage.said("en") == row.en
    assert stage.said("zh-hans") == row.zh


def test_the_table_has_every_cause_and_every_state() -> None:
    assert [row.cause for row in EVERY_STATE] == list(CAUSES)


def test_the_page_of_states_has_the_words_of_every_card_and_no_others() -> None:
    assert read_short() == {in_short(row) for row in EVERY_STATE}


def test_every_state_is_also_tried_by_a_real_cause() -> None:
    assert list_rows() == set(CAUSES)


@pytest.mark.parametrize("row", EVERY_STATE, ids=lambda row: row.cause)
def test_banner_foot_and_alert_agree_on_who_needs_a_person(row: StateRow) -> None:
    assert bool(row.en.alert) == bool(row.en.banner) == ("needs you" in row.en.foot)
    assert bool(row.zh.alert) == bool(row.zh.banner) == ("需要处理" in row.zh.foot)


def test_the_page_has_all_that_is_said_of_every_state_and_when_it_was_said() -> None:
    assert read_drawn() == draw()
