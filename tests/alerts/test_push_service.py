"""Alerts on phones through a maker's push service: once per change, again when it is busy, ended when it says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.contrib.auth.models import User

from alerts import book, service
from alerts.core.decide import Message, Trouble, Wait
from alerts.core.hours import MINUTE_MS
from alerts.devices import Subscription, subscribe
from alerts.models import Delivery, Destination, PushKey
from alerts.sending import device
from alerts.sending.device import send_to_device
from alerts.sending.failed import SendFailed, read_wait
from alerts.vapid import load_key, public_key
from alerts.words import MOST_LINES, say
from im_api.access import Access, Principal
from sync.hub import Hub
from tests.alerts.push_service import MOST_BODY, Phone, PushService, serving_pushes
from tests.alerts.test_service import ALWAYS, Clock, live, lose_login
from tests.im_api.conftest import NOW

LOST = {"title": "1 account needs you", "body": "“Shop acc-a”: Not logged in yet.", "path": "/accounts"}


@pytest.fixture
def maker(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, transactional_db: None
) -> Iterator[PushService]:
    """The service of a maker that we know."""
    settings.DATA_DIR = tmp_path
    with serving_pushes() as maker:
        monkeypatch.setattr(device, "is_push_service", lambda endpoint: endpoint.startswith(maker.origin))
        yield maker


@pytest.fixture
def mei(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """An operator of acc-a."""
    mei = User.objects.create(username="mei")
    seen = Principal(user_id=mei.pk, username="mei", is_staff=False, is_active=True, grants={"acc-a": "read"})
    monkeypatch.setattr(service, "get_access", lambda: Access(users={mei.pk: seen}))
    book.save_choices(ALWAYS)
    return mei


def a_phone(maker: PushService, user: User) -> Phone:
    """A phone on which the user switched alerts on."""
    phone = maker.subscribe(public_key())
    subscribe(user.pk, Subscription(**phone.subscription), "phone", "en", NOW)
    return phone


def test_each_change_arrives_on_the_phone_once(running: Hub, maker: PushService, mei: User) -> None:
    phone, clock = a_phone(maker, mei), Clock()
    for round_ in (1, 2):
        lose_login(running)
        live(clock, 20)
        assert phone.notices == [LOST] * round_
        lose_login(running, login="logged_in")
        live(clock, 61)
    assert maker.asked == [201, 201]
    for body, headers in phone.arrived:
        assert b"account" not in body
        assert (headers["ttl"], headers["urgency"]) == ("43200", "high")


def test_a_busy_service_is_asked_again_until_the_notice_arrived_once(
    running: Hub, maker: PushService, mei: User
) -> None:
    phone, clock = a_phone(maker, mei), Clock()
    maker.answers = [429, 503]
    lose_login(running)
    live(clock, 10)
    assert maker.asked == [429, 503, 201]
    assert phone.notices == [LOST]
    assert list(Delivery.objects.values_list("state", "tries")) == [("delivered", 3)]
    assert list(Destination.objects.values_list("failures", "error")) == [(0, "")]


def test_a_busy_service_that_says_when_is_not_asked_before(running: Hub, maker: PushService, mei: User) -> None:
    phone, clock = a_phone(maker, mei), Clock()
    maker.answers, maker.retry_after = [429], "600"
    lose_login(running)
    live(clock, 10)
    assert Destination.objects.get().retry_at == NOW + 12 * MINUTE_MS
    assert (maker.asked, phone.notices) == ([429], [])
    live(clock, 3)
    assert (maker.asked, phone.notices) == ([429, 201], [LOST])


@pytest.mark.parametrize("status", [404, 410])
def test_a_phone_that_is_gone_is_told_nothing_more_and_the_other_one_is(
    running: Hub, maker: PushService, mei: User, status: int
) -> None:
    gone, clock = a_phone(maker, mei), Clock()
    maker.answers = [status]
    lose_login(running)
    live(clock, 3)
    assert not Destination.objects.exists()
    other = a_phone(maker, mei)
    lose_login(running, login="logged_in")
    live(clock, 61)
    lose_login(running)
    live(clock, 20)
    assert maker.asked == [status, 201]
    assert (gone.notices, other.notices) == ([], [LOST])


def test_another_key_than_the_one_a_phone_subscribed_for_is_refused_and_said(
    running: Hub, maker: PushService, mei: User
) -> None:
    phone, clock = a_phone(maker, mei), Clock()
    PushKey.objects.all().delete()
    lose_login(running)
    live(clock, 3)
    assert phone.notices == []
    assert Destination.objects.get().error == "status: 403"


def test_a_service_that_is_not_there_is_told_apart(maker: PushService) -> None:
    phone = maker.subscribe(public_key())
    phone.subscription["endpoint"] = "http://127.0.0.1:1/wpush/v2/canary7f3a"
    with pytest.raises(SendFailed) as failed:
        send_to_device(phone.subscription, "{}", load_key())
    assert str(failed.value) == "unreachable"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_longest_alert_is_one_that_every_service_takes(maker: PushService, language: str, settings: Any) -> None:
    settings.PUBLIC_URL = "https://" + "a" * 200 + ".example.com"
    names = {f"a{number}": "👩" * 120 for number in range(50)}
    troubles = tuple(Trouble(account_id, "error", NOW - 3 * 24 * 3_600_000) for account_id in names)
    waits = tuple(Wait(account_id, f"c{number}", 0) for number, account_id in enumerate(names))
    words = say(Message(troubles, waits, is_morning=True), names, language, NOW, ZoneInfo("Asia/Shanghai"))
    body = msgspec.json.encode({"title": words.title, "body": words.text, "path": words.path}).decode()
    phone = maker.subscribe(public_key())
    send_to_device(phone.subscription, body, load_key())
    assert phone.notices[0]["body"].count("👩" * 120) == MOST_LINES + 1
    assert MOST_BODY * 0.8 < len(phone.arrived[0][0]) <= MOST_BODY


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), (" 7 ", 7), ("", 0), ("-5", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0), ("9" * 12, 0), ("²", 0)],
)
def test_the_wait_that_an_answer_asks_for_is_a_number_of_seconds(said: str, seconds: int) -> None:
    assert read_wait({"Retry-After": said}) == seconds
    assert read_wait({}) == 0
