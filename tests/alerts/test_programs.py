"""Our own webhook: signed, in order, under one id at every try, and nothing is lost by a restart."""

from __future__ import annotations

import asyncio
import json
import runpy
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from alerts import book, follow, service
from alerts.core.hours import MINUTE_MS
from alerts.courier import Courier
from alerts.follow import EVENTS, begin_to_follow
from alerts.models import Delivery, Destination, Followed
from alerts.sending.failed import SendFailed
from alerts.sending.program import is_web_address, send_to_program, show_address
from alerts.service import AlertService
from sync.core.change.changes import Operated
from sync.hub import Hub
from sync.models import Change
from sync.sealing import seal
from sync.storage.database import in_database
from sync.storage.records import Actor
from tests.alerts.stand_in import Receiver
from tests.im_api.builders import a_message, a_snapshot
from tests.im_api.conftest import Clock, cast, feed, push, writing_hub
from tests.waiting import until

__all__ = ["cast", "feed", "writing_hub"]

SECRET = "whsec_canary7f3a"
SAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "webhook_receiver.py"))
ALICE = Actor("user:alice")


async def add(receiver: Receiver, *events: str) -> Destination:
    return await in_database(_add, receiver, events)


def _add(receiver: Receiver, events: tuple[str, ...]) -> Destination:
    address = {"url": f"http://{receiver.host}/hook", "secret": SECRET}
    program = Destination.objects.create(
        kind="program", label="CRM", sealed=seal(address), events=list(events), created_at=0
    )
    begin_to_follow(program)
    return program


async def write_to(hub: Hub, *numbers: int) -> None:
    messages = [a_message(f"new{number}", "ben", 95 + number) for number in numbers]
    await push(hub, "acc-a", {**a_snapshot(messages=messages), "partial": ["messages"]})


async def settle(alerts: AlertService) -> None:
    """As a service does that has just started."""
    await alerts.follow()
    await alerts.courier.start_due()
    await alerts.courier.finish()


def got(receiver: Receiver) -> list[Any]:
    return [json.loads(one.body) for one in receiver.received]


async def test_a_program_gets_each_event_once_in_order_and_signed(writing_hub: Hub, receiver: Receiver) -> None:
    await add(receiver)
    await write_to(writing_hub, 1)
    await write_to(writing_hub, 2)
    for _ in range(2):
        await settle(AlertService())
    events = got(receiver)
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert seqs[-1] == writing_hub.store.get_view("acc-a").seq
    created = [event["data"]["msg_id"] for event in events if event["kind"] == "message.created"]
    assert created == ["msg_acc-a_new1", "msg_acc-a_new2"]
    assert {event["type"] for event in events} == {"event"}
    for one in receiver.received:
        headers = {name.title().replace("Imhub", "IMHub"): value for name, value in one.headers.items()}
        now = int(headers["X-IMHub-Timestamp"])
        assert SAMPLE["check"](SECRET, headers, one.body, now) is None
        assert one.headers["x-imhub-event"] == json.loads(one.body)["kind"]
    assert len({one.headers["x-imhub-delivery"] for one in receiver.received}) == len(events)


async def test_a_program_gets_the_kinds_that_its_owner_chose(writing_hub: Hub, receiver: Receiver) -> None:
    await add(receiver, "message.created")
    await write_to(writing_hub, 1)
    await settle(AlertService())
    assert [event["kind"] for event in got(receiver)] == ["message.created"]


async def test_what_fails_twice_comes_a_third_time_under_the_same_id_and_the_next_waits_for_it(
    writing_hub: Hub, receiver: Receiver
) -> None:
    program = await add(receiver, "message.created")
    receiver.answers = [500, 503]
    await write_to(writing_hub, 1, 2)
    alerts, clock = AlertService(), writing_hub.clock
    assert isinstance(clock, Clock)
    for _ in range(3):
        await settle(alerts)
        clock.now += MINUTE_MS
    ids = [event["data"]["msg_id"] for event in got(receiver)]
    assert ids == ["msg_acc-a_new1"] * 3 + ["msg_acc-a_new2"]
    names = [one.headers["x-imhub-delivery"] for one in receiver.received]
    assert (len(set(names[:3])), len(set(names))) == (1, 2)
    stamps = [one.headers["x-imhub-timestamp"] for one in receiver.received]
    assert len(set(stamps)) == 3, "signed anew at every try"
    await in_database(program.refresh_from_db)
    assert (program.failures, program.error) == (0, "")


async def test_a_hub_that_was_stopped_in_the_middle_of_a_delivery_sends_no_more_and_spoils_nothing(
    writing_hub: Hub, receiver: Receiver
) -> None:
    program = await add(receiver, "message.created")
    await write_to(writing_hub, 1, 2)
    await in_database(follow.hand_over, writing_hub.clock())
    turns = [True, False]
    stopped = Courier(writing_hub.clock, lambda: turns.pop(0))
    await stopped.start_due()
    await stopped.finish()
    assert (len(receiver.received), turns) == (1, [])
    done = await in_database(lambda: Delivery.objects.get(state=Delivery.State.DELIVERED))
    await in_database(book.note_failed, done, "timeout", writing_hub.clock())  # as whoever wakes believes
    await in_database(program.refresh_from_db)
    await in_database(done.refresh_from_db)
    assert (done.state, program.failures, program.error) == (Delivery.State.DELIVERED, 0, "")


async def test_what_happens_while_the_hub_is_down_or_dies_is_told_afterwards(
    writing_hub: Hub, receiver: Receiver
) -> None:
    await add(receiver, "message.created", "conversation.updated")
    await write_to(writing_hub, 1)
    await in_database(writing_hub.write, "acc-a", Operated(action="pin", collection="conversations",
                      ids=("conv_acc-a_ben",)), ALICE)  # fmt: skip
    await settle(AlertService())
    assert [event["kind"] for event in got(receiver)][-1] == "conversation.updated"
    assert got(receiver)[0]["data"]["msg_id"] == "msg_acc-a_new1"


async def test_what_another_hub_hands_over_meanwhile_is_stored_once(
    writing_hub: Hub, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(receiver, "message.created")
    await write_to(writing_hub, 1)
    make_frames = follow._frames

    def meanwhile(*arguments: Any) -> Any:
        monkeypatch.setattr(follow, "_frames", make_frames)
        assert follow.hand_over(1)
        return make_frames(*arguments)

    monkeypatch.setattr(follow, "_frames", meanwhile)
    assert not await in_database(follow.hand_over, 1)
    assert await in_database(Delivery.objects.count) == 1


async def test_a_hub_that_is_behind_another_hands_nothing_over_and_tells_of_no_reset(
    writing_hub: Hub, receiver: Receiver
) -> None:
    await add(receiver)
    seq = writing_hub.store.get_view("acc-a").seq + 2
    places = Followed.objects.filter(account_id="acc-a")
    await in_database(lambda: places.update(seq=seq))
    assert not await in_database(follow.hand_over, 1)
    assert await in_database(lambda: places.get().seq) == seq


async def test_what_the_log_no_longer_has_is_a_reset(writing_hub: Hub, receiver: Receiver) -> None:
    await add(receiver, "message.created")
    await write_to(writing_hub, 1)
    await in_database(lambda: Change.objects.all().delete())
    await settle(AlertService())
    view = writing_hub.store.get_view("acc-a")
    assert got(receiver) == [
        {"type": "reset", "account": "acc-a", "epoch": view.epoch, "seq": view.seq, "initial": False}
    ]


async def test_an_account_that_is_new_begins_with_a_first_reset(writing_hub: Hub, receiver: Receiver) -> None:
    await add(receiver)
    await in_database(lambda: Followed.objects.filter(account="acc-b").delete())
    await settle(AlertService())
    assert [(event["type"], event["account"], event["initial"]) for event in got(receiver)] == [
        ("reset", "acc-b", True)
    ]


async def test_a_delivery_is_sent_again_under_its_id(writing_hub: Hub, receiver: Receiver) -> None:
    await add(receiver, "message.created")
    await write_to(writing_hub, 1)
    await settle(AlertService())
    assert await in_database(lambda: book.send_again(Delivery.objects.all())) == 1
    await settle(AlertService())
    assert len({one.headers["x-imhub-delivery"] for one in receiver.received}) == 1
    assert len(receiver.received) == 2


async def test_a_watch_hears_from_a_hub_that_is_well_and_no_other(writing_hub: Hub, receiver: Receiver) -> None:
    address = seal({"url": f"http://{receiver.host}/ping/canary7f3a"})
    await in_database(lambda: Destination.objects.create(kind="watch", label="watch", sealed=address, created_at=0))
    await AlertService().give_sign_of_life()
    assert [(one.method, one.path) for one in receiver.received] == [("GET", "/ping/canary7f3a")]
    writing_hub.health.failed(OSError(28, "No space left on device"))
    assert writing_hub.health.reason is not None
    await AlertService().give_sign_of_life()
    assert len(receiver.received) == 1


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[Any]]]:
    """The receiver of the documentation, and what it handled."""
    handled: list[Any] = []
    monkeypatch.setitem(SAMPLE["handle"].__globals__, "handle", handled.append)
    monkeypatch.setattr(SAMPLE["Receiver"], "secret", SECRET)
    server = ThreadingHTTPServer(("127.0.0.1", 0), SAMPLE["Receiver"])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", handled
    server.shutdown()
    server.server_close()


def test_the_sample_receiver_takes_what_we_sign_and_nothing_else(sample: tuple[str, list[Any]]) -> None:
    address, handled = sample
    now = int(time.time() * 1000)
    body = json.dumps({"type": "event", "kind": "message.created", "data": {"content": "多少钱？"}})
    for _ in range(2):
        send_to_program(address, SECRET, "a1", "message.created", body, now)
    assert handled == [json.loads(body)], "the second is the same delivery"
    for secret, at in (("whsec_other", now), (SECRET, now - 6 * MINUTE_MS), (SECRET, now + 6 * MINUTE_MS)):
        with pytest.raises(SendFailed, match="status: 401"):
            send_to_program(address, secret, "a2", "message.created", body, at)
    assert requests.post(address, data=b"{}", timeout=5).text == "no timestamp"
    forged = {"X-IMHub-Timestamp": str(now // 1000), "X-IMHub-Signature": "sha256=ü"}
    assert requests.post(address, data=b"{}", headers=forged, timeout=5).text == "wrong signature"
    assert len(handled) == 1


def test_a_redirect_is_a_failure_and_the_address_is_in_no_reason(receiver: Receiver) -> None:
    address = f"http://{receiver.host}/canary7f3a"
    receiver.answers = [302]
    with pytest.raises(SendFailed, match="status: 302"):
        send_to_program(address, SECRET, "a", "test", "{}", 0)
    assert len(receiver.received) == 1
    receiver.server_close()
    with pytest.raises(SendFailed) as failed:
        send_to_program("http://127.0.0.1:1/canary7f3a", SECRET, "a", "test", "{}", 0)
    assert str(failed.value) == "unreachable"


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://example.com/hook?key=1", True),
        ("http://127.0.0.1:9000/", True),
        ("http://[::1]:9000/", True),
        ("ftp://example.com/", False),
        ("file:///etc/passwd", False),
        ("https:///hook", False),
        ("https://user:password@example.com/", False),
        ("http://[::1/", False),
        ("http://exam\0ple.com/", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_an_address_of_a_program_is_http_or_https(address: str, is_one: bool) -> None:
    assert is_web_address(address) == is_one


def test_only_the_host_of_an_address_is_shown() -> None:
    assert show_address("https://crm.example.com:8443/hook/canary") == "https://crm.example.com:8443"


def test_the_kinds_to_choose_are_those_that_the_socket_sends() -> None:
    assert {"message.created", "discussion.removed", "thread.updated", "unread.changed", "login.updated"} <= set(EVENTS)
    assert "thread.created" not in EVENTS


def pass_time(hub: Hub) -> bool:
    assert isinstance(hub.clock, Clock)
    hub.clock.now += 1_000
    return True


async def test_the_running_service_follows_delivers_and_ends_with_the_hub(
    writing_hub: Hub, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FOLLOW_EVERY_S", "LOOK_EVERY_S", "DELIVER_EVERY_S", "SIGN_EVERY_S", "PRUNE_EVERY_S"):
        monkeypatch.setattr(service, name, 0.01)
    await add(receiver, "message.created")
    alerts = AlertService()
    writing_hub._followers = (*writing_hub._followers, alerts)
    task = asyncio.create_task(alerts.run())
    try:
        await write_to(writing_hub, 1)
        await until(lambda: len(receiver.received) == 1, "the first event arrived", 30)
        receiver.answers = [500]
        await write_to(writing_hub, 2)
        await until(lambda: len(receiver.received) == 2, "the second was tried", 30)
        await until(lambda: pass_time(writing_hub) and len(receiver.received) == 3, "the second arrived", 30)
    finally:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ids = [event["data"]["msg_id"] for event in got(receiver)]
    assert ids == ["msg_acc-a_new1", "msg_acc-a_new2", "msg_acc-a_new2"]


def test_the_hub_that_is_served_runs_the_service() -> None:
    from imhub import asgi

    hub = asgi.application._make_hub()
    assert hub._services == (asgi.alerts.run,)
    assert asgi.alerts in hub._followers
