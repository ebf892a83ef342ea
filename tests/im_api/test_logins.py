"""Logging an account in through the API: who may, what stands in the way, what is shown to whom."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from im_api import inline
from sync.core.account.entries import Report
from sync.hub import Hub
from sync.protocol.login_messages import CAN_LOG_IN, AccountLogin, LoginCode, LoginReport
from sync.protocol.messages import Register, WireMessage
from sync.worker.login_links import VALID_MS
from sync.worker.logins import LONGEST_MS, STARTS_MS
from tests.im_api.conftest import NOW, Connect, a_directory, an_account, check_refusal, get

QR = "data:image/png;base64,c2NhbiBtZQ=="


class Worker:
    """The worker of acc-a and acc-b; it keeps the orders that it gets."""

    number = 1
    is_confidential = True

    def __init__(self) -> None:
        self.leases: Mapping[str, int] = MappingProxyType({"acc-a": 1, "acc-b": 1})
        self.orders: list[WireMessage] = []

    def close(self, code: int, reason: str) -> None: ...

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        if account_id in self.leases:
            self.orders.append(message)
        return account_id in self.leases


@pytest.fixture
def worker(hub: Hub) -> Worker:
    link = Worker()
    hub.presence.connect("w1", link, Register(worker_id="w1", host="pc", capabilities=["douyin", CAN_LOG_IN]), "x")
    return link


def say(hub: Hub, worker: Worker, state: Any, **facts: Any) -> None:
    """The worker reports on the login that was ordered last."""
    order = [order for order in worker.orders if isinstance(order, AccountLogin)][-1]
    assert hub.logins.note(LoginReport(session_id=order.session_id, account_id=order.account_id, state=state, **facts))


async def begin(client: httpx.AsyncClient, account_id: str = "acc-a") -> dict[str, Any]:
    response = await client.post(f"/api/im/accounts/{account_id}/login")
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()["data"]
    return data


async def test_a_login_is_begun_shown_and_ends_with_success(hub: Hub, worker: Worker, alice: httpx.AsyncClient) -> None:
    assert (await get(alice, "/accounts/acc-a/login"))["state"] == "none"
    first = await begin(alice)
    assert (first["state"], first["started_by"], first["qrcode"]) == ("starting", "alice", None)
    assert worker.orders == [AccountLogin(account_id="acc-a", session_id=first["login_id"])]
    say(hub, worker, "qrcode_ready", qrcode=QR, expires_at=NOW + 60_000)
    shown = await get(alice, "/accounts/acc-a/login")
    assert (shown["state"], shown["qrcode"], shown["expires_at"]) == ("qrcode_ready", QR, NOW + 60_000)
    assert (await begin(alice))["login_id"] == first["login_id"]
    assert len(worker.orders) == 1
    say(hub, worker, "scanned")
    assert (await get(alice, "/accounts/acc-a/login"))["qrcode"] is None
    say(hub, worker, "success")
    assert (await get(alice, "/accounts/acc-a/login"))["state"] == "success"
    assert (await begin(alice))["login_id"] != first["login_id"]


async def test_the_second_step_is_typed_and_goes_to_the_worker_alone(
    hub: Hub, worker: Worker, alice: httpx.AsyncClient
) -> None:
    path = "/api/im/accounts/acc-a/login/code"
    check_refusal(await alice.post(path, json={"code": "123456"}), 409)
    login = await begin(alice)
    check_refusal(await alice.post(path, json={"code": "123456"}), 409)
    say(hub, worker, "code_required", hint="138****1234")
    assert (await get(alice, "/accounts/acc-a/login"))["hint"] == "138****1234"
    for bad in ({}, {"code": 1}, {"code": ""}, {"code": "12 34"}, {"code": "1234567890"}, {"code": "12;'--"}):
        check_refusal(await alice.post(path, json=bad), 400)
    with capture_logs() as logs:
        response = await alice.post(path, json={"code": "204918"})
    assert response.json()["data"]["state"] == "scanned"
    assert worker.orders[1:] == [LoginCode(session_id=login["login_id"], code="204918")]
    assert "204918" not in repr(logs)
    check_refusal(await alice.post(path, json={"code": "204918"}), 409)


async def test_only_who_may_act_for_the_account_logs_it_in_or_sees_the_code(
    hub: Hub, worker: Worker, connect: Connect
) -> None:
    await begin(connect("olivia"), "acc-b")
    say(hub, worker, "qrcode_ready", qrcode=QR, expires_at=NOW + 60_000)
    for path in ("login", "login/link"):
        check_refusal(await connect("bob").post(f"/api/im/accounts/acc-b/{path}"), 403)
        check_refusal(await connect("charlie").post(f"/api/im/accounts/acc-b/{path}"), 404)
        check_refusal(await connect("alice").post(f"/api/im/accounts/acc-b/{path}"), 404)
    reader = await get(connect("bob"), "/accounts/acc-b/login")
    assert (reader["state"], reader["qrcode"], reader["hint"]) == ("qrcode_ready", None, None)
    code = {"code": "123456"}
    check_refusal(await connect("bob").post("/api/im/accounts/acc-b/login/code", json=code), 403)
    check_refusal(await connect("charlie").post("/api/im/accounts/acc-b/login/code", json=code), 404)
    assert (await get(connect("olivia"), "/accounts/acc-b/login"))["qrcode"] == QR


async def test_what_stands_in_the_way_is_said(hub: Hub, worker: Worker, alice: httpx.AsyncClient) -> None:
    async def why() -> str:
        return check_refusal(await alice.post("/api/im/accounts/acc-a/login"), 409)

    report = Report(login_status="logged_in", worker_status="crawling")
    hub.store.publish([replace(hub.store.get_view("acc-a"), report=report)])
    assert await why() == "The account is logged in: log it out first"
    hub.store.publish([replace(hub.store.get_view("acc-a"), report=Report(login_status="expired"))])
    hub.directory = a_directory(an_account("acc-a", status="inactive"))
    assert await why() == "The account is paused"
    hub.directory = a_directory(an_account("acc-a", worker=None))
    assert await why() == "No worker reads this account yet: choose one"
    hub.directory = a_directory(an_account("acc-a"))
    hub.presence.connect("w1", worker, Register(worker_id="w1", capabilities=["douyin"]), "x")
    assert await why() == "The worker of this account is of an older version, and shows the code in its own window only"
    worker.leases = {}
    hub.presence.connect("w1", worker, Register(worker_id="w1", capabilities=[CAN_LOG_IN]), "x")
    assert await why() == "The worker of this account is not connected"
    hub.presence.disconnect("w1", worker)
    assert await why() == "The worker of this account is not connected"
    assert worker.orders == []


async def test_an_account_that_is_kept_back_is_said_to_be_so_and_not_its_worker_to_be_away(
    hub: Hub, worker: Worker, alice: httpx.AsyncClient
) -> None:
    for number in range(4):
        register = Register(worker_id="w1", host="pc", capabilities=["douyin", CAN_LOG_IN], instance=f"i{number}")
        hub.presence.connect("w1", worker, register, "x")
    worker.leases = {}
    told = check_refusal(await alice.post("/api/im/accounts/acc-a/login"), 409)
    assert told == "The worker of this account ended several times in a row with it: it is kept back for a while"
    assert worker.orders == []


async def test_a_login_that_nobody_carries_on_ends(hub: Hub, worker: Worker, alice: httpx.AsyncClient) -> None:
    first = await begin(alice)
    hub.logins._clock = lambda: NOW + STARTS_MS + 1
    second = await begin(alice)
    assert second["login_id"] != first["login_id"]
    stale = LoginReport(session_id=first["login_id"], account_id="acc-a", state="success")
    assert not hub.logins.note(stale)
    hub.logins.fail(["acc-a"])
    gone = await get(alice, "/accounts/acc-a/login")
    assert (gone["state"], gone["error_message"]) == ("failed", "the worker's computer is not connected any more")
    hub.logins._clock = lambda: NOW + STARTS_MS + 2 + LONGEST_MS
    assert (await get(alice, "/accounts/acc-a/login"))["state"] == "none"


async def test_a_login_code_is_kept_by_no_cache_and_in_no_log(
    hub: Hub, worker: Worker, alice: httpx.AsyncClient
) -> None:
    kept = inline.get_shared_memo().count().entries
    with capture_logs() as logs:
        await begin(alice)
        say(hub, worker, "qrcode_ready", qrcode=QR, expires_at=NOW + 60_000)
        response = await alice.get("/api/im/accounts/acc-a/login")
    assert response.json()["data"]["qrcode"] == QR
    assert response.headers["Cache-Control"] == "no-store"
    assert inline.get_shared_memo().count().entries == kept
    assert QR.partition(",")[2] not in repr(logs)


async def test_a_link_is_made_for_ten_minutes_and_ends_with_the_next(
    hub: Hub, worker: Worker, alice: httpx.AsyncClient
) -> None:
    async def make() -> tuple[str, int]:
        response = await alice.post("/api/im/accounts/acc-a/login/link")
        assert response.status_code == 200
        link = response.json()["data"]
        return link["url"].rpartition("/scan/")[2], link["expires_at"]

    first, expires_at = await make()
    assert expires_at == NOW + VALID_MS
    found = hub.login_links.find(first)
    assert found is not None
    assert (found.account_id, found.is_taken) == ("acc-a", False)
    key = hub.login_links.take(first)
    assert key is not None
    assert hub.login_links.take(first) is None
    taken = hub.login_links.find(first)
    assert taken is not None
    assert (taken.is_of(key), taken.is_of(""), taken.is_of("other")) == (True, False, False)
    assert first not in repr(hub.login_links.__dict__)
    second, _ = await make()
    assert (hub.login_links.find(first), hub.login_links.take("nothing")) == (None, None)
    hub.login_links._clock = lambda: NOW + VALID_MS
    assert hub.login_links.find(second) is None


async def test_a_login_is_pushed_to_those_who_may_act_and_to_nobody_else(hub: Hub, worker: Worker) -> None:
    told: list[str] = []
    hub.logins._listeners = [told.append]
    hub.logins.begin("acc-a", "alice")
    say(hub, worker, "qrcode_ready", qrcode=QR, expires_at=NOW + 1)
    hub.logins.forget("acc-a")
    hub.logins.forget("acc-a")
    assert told == ["acc-a", "acc-a", "acc-a"]
