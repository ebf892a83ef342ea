"""Each change of how an account is, is told once: by the socket, and by the line above the page."""

from __future__ import annotations

from typing import Any

import pytest

from im_api.queries import list_authorized
from inbox.pages.account_cards import make_card
from inbox.pages.banner import make_banner, parse_dismissed
from sync.core.change.changes import Reported
from sync.hub import Hub
from sync.protocol.messages import AccountStatus
from sync.storage.records import Actor
from sync.worker.receiver import merge_report
from tests.im_api.conftest import NOW, USERS
from tests.im_api.push.client import kinds
from tests.im_api.push.conftest import Listen, change

WORKER = Actor("worker:w1")
REASON = "messages: Retryable: HTTP 500"


async def report(hub: Hub, login: Any, worker: Any, error: str | None = None) -> None:
    """As the receiver does it: what says nothing new is not written."""
    status = AccountStatus(
        account_id="acc-a", login_status=login, worker_status=worker, last_error_message=error, error_count=7
    )
    found = merge_report(hub.store.get_view("acc-a"), status)
    if found is not None:
        await change(hub, lambda: hub.write("acc-a", Reported(report=found), WORKER))


async def test_the_socket_tells_each_change_once_however_often_a_worker_repeats_it(
    writing_hub: Hub, listen: Listen
) -> None:
    client = await listen("olivia")
    await client.subscribe("all")
    told = list[dict[str, Any]]()
    for login, worker, error in [
        ("logged_in", "crawling", None),
        ("logged_in", "backoff", REASON),
        ("logged_in", "crawling", None),
        ("expired", "waiting", None),
        ("qrcode_pending", "waiting", None),
        ("logged_in", "crawling", None),
    ]:
        for _ in range(3):
            await report(writing_hub, login, worker, error)
        told += (news := await client.catch_up())
        assert [kind for kind, _ in kinds(news)].count("account.updated") == 1, (login, worker)
    assert [kind for kind, _ in kinds(told)].count("login.updated") == 4


def say_banner(hub: Hub, dismissed: str = "") -> str | None:
    cards = [make_card(one, NOW) for one in list_authorized(USERS[2]) if one.account.id == "acc-a"]
    banner = make_banner(cards, NOW, is_owner=True, dismissed=parse_dismissed(dismissed))
    return banner.key if banner is not None else None


async def test_a_lost_login_is_told_once_whatever_its_login_page_goes_through(
    writing_hub: Hub, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROOT_URLCONF, settings.DEMO = "imhub.urls", False
    monkeypatch.setattr(writing_hub, "started_at", NOW - 3_600_000)
    monkeypatch.setattr(writing_hub, "worker_status", lambda account_id: "waiting")
    await report(writing_hub, "expired", "waiting")
    lost = say_banner(writing_hub)
    assert lost is not None
    for login in ("qrcode_pending", "not_logged_in", "qrcode_pending", "expired"):
        await report(writing_hub, login, "waiting")
        assert say_banner(writing_hub) == lost, login
        assert say_banner(writing_hub, dismissed=lost) is None, login
    monkeypatch.setattr(writing_hub, "worker_status", lambda account_id: "offline")
    await report(writing_hub, "logged_in", "crawling")
    stopped = say_banner(writing_hub, dismissed=lost)
    assert stopped not in (None, lost)
    assert say_banner(writing_hub, dismissed=f"{lost}.{stopped}") is None
