"""From what the hub knows to what arrives: once per change, over restarts, and tried again when it fails."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from alerts import book, courier, owner, service
from alerts.core.choices import Choices
from alerts.core.hours import MINUTE_MS, to_local
from alerts.facts import FactReader
from alerts.models import Delivery, Destination
from alerts.service import AlertService
from im_api.access import Access, Principal
from sync.core.account.entries import Report
from sync.hub import Hub
from sync.sealing import seal
from tests.alerts.stand_in import Receiver
from tests.im_api.conftest import NOW

ALWAYS = Choices(opens=0, closes=1440, has_quiet=False, language="en", tell_waits=False)


class Clock:
    def __init__(self) -> None:
        self.now: int = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _choices(transactional_db: None, running: Hub) -> None:
    book.save_choices(ALWAYS)


def add(receiver: Receiver, **fields: Any) -> Destination:
    sealed = seal({"url": f"json://{receiver.host}/key"})
    return Destination.objects.create(kind="people", label="Owner", sealed=sealed, created_at=NOW, **fields)


def lose_login(hub: Hub, account_id: str = "acc-a", login: Any = "expired") -> None:
    view = hub.store.get_view(account_id)
    hub.store.publish([replace(view, report=Report(login_status=login))])


def live(clock: Clock, minutes: int) -> None:
    """Let a hub that has just started run for some minutes."""
    asyncio.run(_live(clock, minutes))


async def _live(clock: Clock, minutes: int) -> None:
    alerts = AlertService(clock)
    for _ in range(minutes):
        await alerts.look()
        await alerts.courier.start_due()
        await alerts.courier.finish()
        clock.now += MINUTE_MS


def tell(now: int) -> bool:
    return service.tell_news(FactReader(), now)


def told(receiver: Receiver) -> list[tuple[str, str]]:
    bodies = [json.loads(one.body) for one in receiver.received]
    return [(body["title"], body["message"]) for body in bodies]


def test_a_lost_login_is_told_once_also_over_restarts_of_the_hub(
    running: Hub, receiver: Receiver, clock: Clock
) -> None:
    add(receiver)
    live(clock, 20)
    assert told(receiver) == [], "all is well"
    lose_login(running)
    live(clock, 1)
    live(clock, 4)
    assert told(receiver) == [("1 account needs you", "“Shop acc-a”: Not logged in yet.")]
    for _ in range(3):
        live(clock, 20)
    assert len(receiver.received) == 1
    lose_login(running, login="logged_in")
    live(clock, 61)
    lose_login(running)
    live(clock, 5)
    assert len(receiver.received) == 2


def test_a_message_that_fails_is_tried_again_until_it_arrives(running: Hub, receiver: Receiver, clock: Clock) -> None:
    destination = add(receiver)
    receiver.answers = [500, 503]
    lose_login(running)
    live(clock, 4)
    destination.refresh_from_db()
    assert (destination.failures, destination.delivered_at) == (2, None)
    assert destination.error == "refused: Failed to send JSON notification: Bad Gateway., error=503." or (
        "503" in destination.error
    )
    live(clock, 5)
    destination.refresh_from_db()
    assert (destination.failures, destination.error) == (0, "")
    assert len(receiver.received) == 3
    assert [one.tries for one in Delivery.objects.all()] == [3]


def test_what_failed_since_it_was_listed_as_due_is_not_tried_again_at_once(
    running: Hub, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    destination = add(receiver)
    receiver.answers = [500]
    lose_login(running)
    tell(clock.now)
    clock.now += 2 * MINUTE_MS
    assert tell(clock.now)
    monkeypatch.setattr(book, "list_due", lambda _now: [destination.pk])

    async def begin_twice() -> None:
        couriers = courier.Courier(clock)
        for _ in range(2):
            await couriers.start_due()
            await couriers.finish()

    asyncio.run(begin_twice())
    assert [one.tries for one in Delivery.objects.all()] == [1]


def test_whatever_a_library_raises_is_noted_and_not_tried_again_at_once(
    running: Hub, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("canary7f3a")

    monkeypatch.setattr(courier, "send_to_people", fail)
    destination = add(receiver)
    lose_login(running)
    live(clock, 3)
    destination.refresh_from_db()
    assert (destination.error, destination.failures) == ("refused: RuntimeError", 1)
    assert destination.retry_at > NOW + 2 * MINUTE_MS


def test_a_test_that_fails_does_not_put_off_what_waits(running: Hub, receiver: Receiver, clock: Clock) -> None:
    place = add(receiver)
    receiver.answers = [500]
    assert owner.try_out(place.pk, clock()) is False
    place.refresh_from_db()
    assert (place.failures, place.retry_at, place.failed_at) == (0, 0, NOW)
    assert "500" in place.error
    lose_login(running)
    live(clock, 4)
    assert [title for title, _ in told(receiver)][1:] == ["1 account needs you"]


def test_what_did_not_arrive_before_the_quiet_hours_arrives_after_them(
    running: Hub, receiver: Receiver, clock: Clock, settings: Any
) -> None:
    local = to_local(NOW, ZoneInfo(settings.TIME_ZONE))
    minute = local.hour * 60 + local.minute
    book.save_choices(replace(ALWAYS, has_quiet=True, quiet_from=(minute + 5) % 1440, quiet_to=(minute + 65) % 1440))
    add(receiver)
    receiver.answers = [500, 500, 500]
    lose_login(running)
    live(clock, 5)
    assert len(receiver.received) == 3
    live(clock, 60)
    assert len(receiver.received) == 3
    live(clock, 1)
    assert len(receiver.received) == 4


def test_what_was_stored_and_not_delivered_is_delivered_after_a_restart(
    running: Hub, receiver: Receiver, clock: Clock
) -> None:
    add(receiver)
    lose_login(running)
    tell(clock.now)
    clock.now += 3 * MINUTE_MS
    assert tell(clock.now)
    assert receiver.received == []
    live(clock, 1)
    assert len(receiver.received) == 1


def test_one_place_that_is_down_does_not_hold_up_another(running: Hub, receiver: Receiver, clock: Clock) -> None:
    Destination.objects.create(
        kind="people", label="Down", sealed=seal({"url": "json://127.0.0.1:1/key"}), created_at=NOW
    )
    add(receiver)
    lose_login(running)
    live(clock, 4)
    assert len(receiver.received) == 1
    assert [one.label for one in Destination.objects.filter(failures__gt=0)] == ["Down"]


def test_who_waits_is_told_by_number_and_account_without_a_word_of_his(
    running: Hub, receiver: Receiver, clock: Clock
) -> None:
    book.save_choices(replace(ALWAYS, tell_waits=True, tell_troubles=False, minutes=5))
    add(receiver)
    live(clock, 4)
    assert len(receiver.received) == 1
    title, message = told(receiver)[0]
    waiting = sum(running.store.get_view(one).totals.needs_reply for one in running.directory.accounts)
    assert title == f"{waiting} people wait"
    assert message.startswith(f"{waiting} people wait for an answer, the longest since ")


def test_an_alert_leads_to_the_page_if_the_hub_knows_its_address(
    running: Hub, receiver: Receiver, clock: Clock, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://im.example.com"
    book.save_choices(replace(ALWAYS, language="zh-hans"))
    add(receiver)
    lose_login(running)
    live(clock, 4)
    assert told(receiver) == [("1 个账号需要处理", "「Shop acc-a」：还没有登录。\nhttps://im.example.com/accounts")]


def test_a_device_hears_of_the_accounts_of_its_user_alone(running: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.models import User

    alice, bob = (User.objects.create(username=name) for name in ("alice", "bob"))
    users = {
        alice.pk: Principal(user_id=alice.pk, username="alice", is_staff=False, is_active=True,
                            grants={"acc-a": "operate"}),
        bob.pk: Principal(user_id=bob.pk, username="bob", is_staff=False, is_active=True, grants={"acc-b": "read"}),
    }  # fmt: skip
    monkeypatch.setattr(service, "get_access", lambda: Access(users=users))
    for user in (alice, bob):
        Destination.objects.create(kind="device", label=user.username, user=user, sealed=seal({}), created_at=NOW)
    lose_login(running)
    tell(NOW)
    assert tell(NOW + 3 * MINUTE_MS)
    assert [one.destination.label for one in Delivery.objects.all()] == ["alice"]


def test_an_address_that_no_key_opens_is_shown_as_lost(running: Hub, receiver: Receiver, clock: Clock) -> None:
    destination = add(receiver)
    Destination.objects.update(sealed=b"gAAAAnonsense")
    lose_login(running)
    live(clock, 4)
    destination.refresh_from_db()
    assert destination.error == "address"


def test_of_two_hubs_that_decide_at_once_one_tells(running: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    Destination.objects.create(kind="people", label="Owner", sealed=seal({}), created_at=NOW)
    lose_login(running)
    tell(NOW)
    before = book.load_told()
    assert tell(NOW + 3 * MINUTE_MS)
    monkeypatch.setattr(book, "load_told", lambda: before)
    assert not tell(NOW + 3 * MINUTE_MS)
    assert Delivery.objects.count() == 1


async def test_a_hub_that_does_not_do_the_chores_tells_nobody(running: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, worked = [False, False, True], asyncio.Event()
    monkeypatch.setattr(running, "confirm_chores", lambda: asked.pop(0))

    async def work() -> None:
        assert asked == []
        worked.set()

    repeating = asyncio.create_task(service._repeat(work, 0))
    await asyncio.wait_for(worked.wait(), 30)
    repeating.cancel()
