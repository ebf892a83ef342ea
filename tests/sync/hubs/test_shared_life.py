"""What hubs of one database tell each other: who is connected where, logins, codes, links, and looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from sync.hubs.fact_board import CUT_OFF_S, Take
from sync.hubs.shared_life import SILENT_MS, SharedLife
from sync.protocol.lease_times import CLOSE_S, REASSIGN_S, stops_at
from sync.protocol.login_messages import CAN_LOG_IN, AccountLogin, LoginReport
from sync.protocol.messages import Register, WireMessage, WireObservation
from sync.storage.observations import Freshness
from sync.storage.records import Observed
from sync.worker.presence import REPLACED
from sync.worker.service import WorkerService
from tests.sync.worker.stage import account_info


class Table:
    """Stands in for the database's: whatever one hub posts all others get, as JSON."""

    def __init__(self) -> None:
        self.boards: list[Board] = []
        self.now = 1_790_000_000_000

    def clock(self) -> int:
        return self.now


class Board:
    is_cut_off = False

    def __init__(self, table: Table) -> None:
        self.hub = f"hub{len(table.boards)}"
        self.takers: dict[str, Take] = {}
        self._table = table
        table.boards.append(self)

    def subscribe(self, kind: str, take: Take) -> None:
        self.takers[kind] = take

    def post(self, kind: str, key: str, value: Any) -> None:
        said = msgspec.json.encode(value)
        for board in self._table.boards:
            if board is not self:
                board.takers[kind](key, msgspec.json.decode(said))

    def write(self, facts: dict[tuple[str, str], Any]) -> None:
        for (kind, key), value in facts.items():
            self.post(kind, key, value)


class Link:
    """A worker's connection that was given account `a`."""

    number = 1
    is_confidential = True

    def __init__(self) -> None:
        self.closed: list[int] = []
        self.ordered: list[WireMessage] = []
        self.leases: Mapping[str, int] = {"a": 1}

    def close(self, code: int, reason: str) -> None:
        self.closed.append(code)

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        if account_id in self.leases:
            self.ordered.append(message)
        return account_id in self.leases


class AHub:
    def __init__(self, table: Table) -> None:
        self.told: list[str] = []
        self.workers = WorkerService(table.clock, (self.told.append,))
        self.freshness = Freshness()
        self.life = SharedLife(Board(table), self.workers, self.freshness, table.clock)  # type: ignore[arg-type]  # a stand-in
        self.presence = self.workers.presence

    def connect(self, host: str = "pc") -> Link:
        link = Link()
        register = Register(worker_id="w", host=host, version="1", max_accounts=1, capabilities=[CAN_LOG_IN])
        self.presence.connect("w", link, register, "hash")
        return link


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def here(table: Table) -> AHub:
    return AHub(table)


@pytest.fixture
def there(table: Table, here: AHub) -> AHub:
    return AHub(table)


def test_a_worker_is_connected_at_every_hub_until_it_leaves(table: Table, here: AHub, there: AHub) -> None:
    account = account_info("a", worker="w")
    assert there.presence.worker_status(account, "crawling") == "offline"
    link = here.connect("pc")
    assert there.presence.is_elsewhere("w")
    assert not here.presence.is_elsewhere("w")
    for hub in (here, there):
        assert hub.presence.is_connected("w")
        assert hub.presence.host_of("w") == "pc"
        assert hub.presence.worker_status(account, "crawling") == "crawling"
        assert hub.presence.can_log_in("w")
        assert [one.name for one in hub.presence.online()] == ["w"]
    assert there.presence.lease_of(account) is None
    here.presence.disconnect("w", link)
    for hub in (here, there):
        assert hub.presence.is_online("w")  # for a moment
        assert hub.presence.worker_status(account, "crawling") == "offline"
    table.now += 6_000
    assert not there.presence.is_online("w")


def test_a_worker_that_came_to_another_hub_has_left_the_one_before(table: Table, here: AHub, there: AHub) -> None:
    older = here.connect()
    table.now += 1
    newer = there.connect()
    assert (older.closed, newer.closed) == ([REPLACED], [])
    here.presence.disconnect("w", older)
    assert here.presence.is_elsewhere("w")


def test_of_a_hub_that_is_silent_no_worker_counts(table: Table, here: AHub, there: AHub) -> None:
    here.connect()
    table.now += SILENT_MS - 1
    there.life.forget_silent()
    assert there.presence.is_connected("w")
    table.now += 1
    there.life.forget_silent()
    assert not there.presence.is_connected("w")


def test_a_hub_that_ends_has_no_workers(here: AHub, there: AHub) -> None:
    here.connect()
    here.life.leave()
    assert not there.presence.is_connected("w")


def test_a_login_that_is_asked_for_at_one_hub_goes_through_the_worker_of_another(here: AHub, there: AHub) -> None:
    link = here.connect()
    begun = there.workers.logins.begin("a", "ann")
    assert begun is not None
    assert link.ordered == [AccountLogin(account_id="a", session_id=begun.session_id)]
    report = LoginReport(account_id="a", session_id=begun.session_id, state="qrcode_ready", qrcode="data:code")
    assert here.workers.logins.note(report)
    shown = there.workers.logins.get("a")
    assert shown == here.workers.logins.get("a")
    assert shown is not None
    assert shown.qrcode == "data:code"
    assert there.told[-1] == "a"
    here.workers.forget_login("a")
    assert there.workers.logins.get("a") is None


def test_without_a_worker_anywhere_no_login_begins(here: AHub, there: AHub) -> None:
    assert there.workers.logins.begin("a", "ann") is None


def test_a_pairing_code_is_good_at_every_hub_and_once(here: AHub, there: AHub) -> None:
    code = here.workers.pairing.make("w").code
    assert there.workers.pairing.redeem(code, "10.0.0.1") == "w"
    assert here.workers.pairing.redeem(code, "10.0.0.1") is None


def test_a_link_to_a_login_is_of_the_browser_that_took_it_at_whichever_hub(here: AHub, there: AHub) -> None:
    secret, _ = here.workers.login_links.make("a", 1)
    key = there.workers.login_links.take(secret)
    assert key is not None
    found = here.workers.login_links.find(secret)
    assert found is not None
    assert found.is_of(key)
    assert here.workers.login_links.take(secret) is None
    there.workers.login_links.end("a")
    assert here.workers.login_links.find(secret) is None


def test_when_an_account_was_read_is_known_at_every_hub_and_never_goes_back(
    table: Table, here: AHub, there: AHub
) -> None:
    def look(hub: AHub, at: int) -> None:
        observation = WireObservation(surface="messages", entry="", canary="ok", complete=True, start=at, end=at)
        hub.freshness.note(Observed("a", [observation], at))

    look(here, table.now)
    here.life.post_looks()
    assert there.freshness.observed_at("a") == {"messages": table.now}
    assert there.freshness.last_sync("a") == table.now
    look(there, table.now + 1)
    look(here, table.now)
    here.life.post_looks()
    assert there.freshness.last_sync("a") == table.now + 1


def test_a_worker_that_said_goodbye_has_left_at_every_hub_until_it_comes_again(here: AHub, there: AHub) -> None:
    link = here.connect()
    here.presence.said_goodbye("w", link)
    assert here.presence.has_left("w")
    assert there.presence.has_left("w")
    assert not there.presence.is_connected("w")
    here.presence.disconnect("w", link)
    there.connect()
    here.life.post_workers()
    for hub in (here, there):
        assert not hub.presence.has_left("w")


def test_for_how_long_a_worker_was_silent_is_counted_from_what_its_own_hub_heard(
    table: Table, here: AHub, there: AHub
) -> None:
    link = here.connect()
    table.now += 1_000
    here.presence.heard("w", link)
    table.now += 4_000
    here.life.post_workers()
    assert there.presence.heard_at("w") == table.now - 4_000


def test_the_silence_of_the_workers_of_a_hub_that_died_begins_when_it_must_have_closed_them(
    table: Table, here: AHub, there: AHub
) -> None:
    here.connect()
    died = table.now
    table.now += SILENT_MS + 500
    there.life.forget_silent()
    assert there.presence.heard_at("w") == died + SILENT_MS


@pytest.mark.parametrize("ends", ["the worker's connection", "the hub"])
def test_the_silence_of_a_worker_that_another_hub_had_begins_when_that_one_has_it_no_more(
    table: Table, here: AHub, there: AHub, ends: str
) -> None:
    """That hub heard the worker, and answered it, until then; and it said so last some seconds before."""
    link = here.connect()
    table.now += 2_900
    here.presence.heard("w", link)
    if ends == "the hub":
        here.life.leave()
    else:
        here.presence.disconnect("w", link)
    assert there.presence.heard_at("w") == table.now


def test_a_goodbye_does_not_hold_for_a_worker_that_came_again_since(table: Table, here: AHub, there: AHub) -> None:
    link = here.connect()
    here.presence.said_goodbye("w", link)
    here.presence.disconnect("w", link)
    said = [[], {"w": table.now}, table.now]
    table.now += 1_000
    newer = there.connect()
    there.life._take_workers("hub0", said)  # that hub has not heard of it yet, and says the same again
    there.presence.disconnect("w", newer)
    assert not there.presence.has_left("w")
    assert not there.presence.is_connected("w")


def test_an_account_is_with_another_hub_only_if_its_worker_was_given_it_there(here: AHub, there: AHub) -> None:
    here.connect()
    assert there.presence.is_given_elsewhere(account_info("a", worker="w"))
    assert not there.presence.is_given_elsewhere(account_info("waits", worker="w"))
    assert not here.presence.is_given_elsewhere(account_info("a", worker="w"))


def test_what_a_dead_hub_left_behind_connects_nobody(table: Table, here: AHub, there: AHub) -> None:
    posted: list[Any] = []
    there.life._board.takers["workers"] = lambda key, value: posted.append((key, value))  # type: ignore[attr-defined]  # a stand-in
    here.connect()
    table.now += SILENT_MS
    there.life._take_workers(*posted[-1])
    assert not there.presence.is_connected("w")


def test_a_hub_that_cannot_post_has_to_be_silent_to_its_workers(here: AHub) -> None:
    link = here.connect()
    assert not here.presence.is_cut_off()
    Board.is_cut_off = True
    try:
        assert here.presence.is_cut_off()
    finally:
        Board.is_cut_off = False
    here.presence.close_all(1013, "later")
    assert link.closed == [1013]


def test_no_worker_still_browses_when_the_accounts_of_a_dead_hub_are_given_away() -> None:
    """Counted from the moment at which that hub posted last. It answers workers until it is cut off."""
    assert stops_at(CUT_OFF_S) + CLOSE_S <= SILENT_MS / 1_000 + REASSIGN_S
