"""A reply goes to the account's worker, which asks before it presses and says how it ended."""

from __future__ import annotations

from sync.core.replies.steps import Cancelled
from sync.hub import Hub
from sync.models import Account, Worker
from sync.storage.change_log import ChangeLog
from sync.storage.database import in_database
from tests.bodies import put_out
from tests.sync.replies.worker import (
    Clock,
    ReplyWorker,
    a_conversation,
    a_reply_at,
    a_reply_worker,
    an_own_message,
    held,
    move,
    soon,
    until,
)
from tests.sync.worker.socket import a_worker

TEXT = "今天能送到"
SENT = {"confirmed_platform_id": "501", "evidence": "response"}


async def test_a_reply_is_typed_permitted_and_sent(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    assert (request["account_id"], request["lease_epoch"], request["mode"], request["kind"]) == (
        "a",
        1,
        "send",
        "message",
    )
    assert (request["target"], request["text"]) == ({"conversation_id": "7", "user_id": "fan7"}, TEXT)
    assert (await worker.ask(request, "typing"))["success"]
    assert (await worker.ask(request))["success"]
    stored = await in_database(ChangeLog().load, "a", hub.store.new_view)
    assert stored.replies[reply_id].state == "pressing", "the permission is durable before it is given"
    assert (await worker.tell(request, "sent", **SENT))["success"]
    assert (held(hub, reply_id).state, held(hub, reply_id).confirmed_id) == ("sent", "msg_a_501")
    assert (await worker.tell(request, "sent", **SENT))["success"], "a result that comes twice is one"
    await worker.sync("a", {"messages": [an_own_message(501, TEXT)]}, partial=["messages"])
    assert hub.store.get_view("a").mark("messages", "msg_a_501").answered_by == "ann"
    await worker.disconnect()


async def test_it_may_be_pressed_once(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    answers = [await worker.ask(request) for _ in range(3)]
    assert [answer["success"] for answer in answers] == [True, False, False]
    assert answers[1]["error_code"] == "not_permitted"
    await worker.disconnect()


async def test_what_is_taken_back_in_time_is_never_asked_for(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    await move(hub, reply_id, Cancelled())
    other_id = await a_reply_at(hub, "还有别的")
    clock.ahead += 5_000
    assert (await worker.take())["reply_id"] == other_id
    assert held(hub, reply_id).state == "cancelled"
    await worker.disconnect()


async def test_one_goes_at_a_time_in_the_order_of_writing(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    first, second = await a_reply_at(hub, "一"), await a_reply_at(hub, "二")
    clock.ahead += 5_000
    request = await worker.take()
    assert request["reply_id"] == first
    await until(hub, second, "queued")
    await worker.ask(request)
    await worker.tell(request, "sent", **SENT)
    clock.ahead += 30_000
    hub.replies.tick()
    assert held(hub, second).state == "queued", "two messages are 45 s apart at least"
    clock.ahead += 90_000
    assert (await worker.take())["reply_id"] == second, "and 120 s at most"
    assert list(hub.replies._given) == [second], "what has ended is not kept in memory"
    await worker.disconnect()


async def test_a_worker_that_is_lost_before_it_asked_costs_one_more_attempt(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    await worker.disconnect()
    await until(hub, reply_id, "queued")
    again = ReplyWorker(worker.token)
    assert await again.connect()
    await again.enter()
    second = await again.take()
    assert (second["reply_id"], second["attempt"]) == (reply_id, 2)
    assert not (await again.ask(request))["success"], "the first attempt may not press any more"
    assert (await again.ask(second))["success"]
    await again.disconnect()


async def test_a_worker_that_is_lost_after_it_may_have_pressed_leaves_it_unknown_until_the_message_is_seen(
    hub: Hub, clock: Clock
) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    assert (await worker.ask(await worker.take()))["success"]
    await worker.disconnect()
    clock.ahead += 60_000
    await until(hub, reply_id, "unknown")
    again = ReplyWorker(worker.token)
    assert await again.connect()
    await again.enter()
    await again.sync("a", {"messages": [an_own_message(502, TEXT)]}, partial=["messages"])
    assert (held(hub, reply_id).state, held(hub, reply_id).confirmed_id) == ("sent", "msg_a_502")
    assert again.asked == [], "it is never asked for again"
    await again.disconnect()


async def test_a_result_is_taken_also_after_the_account_went_to_another_worker(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    assert (await worker.ask(request))["success"]
    token = await a_worker("w2")
    other = ReplyWorker(token)
    await hub.refresh()
    assert await other.connect()
    given = await other.enter(worker_id="w2")
    assert given["payload"]["assigned_accounts"] == []

    def give() -> None:
        account = Account.objects.get(pk="a")
        account.worker = Worker.objects.get(name="w2")
        account.save()

    await in_database(give)
    await hub.refresh()
    assert hub.presence.lease_of(hub.directory.accounts["a"]) is None, "while it may be pressed nobody else has it"
    assert (await worker.tell(request, "sent", **SENT))["success"]
    assert held(hub, reply_id).state == "sent"
    assigned = await other.read()
    assert (assigned["type"], assigned["payload"]["account"]["lease_epoch"]) == ("master:task:assign", 2)
    await worker.disconnect()
    await other.disconnect()


async def test_a_worker_that_cannot_send_is_asked_for_nothing(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub, capabilities=("login",))
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    ended = await until(hub, reply_id, "failed")
    assert ended.reason is not None
    assert ended.reason.code == "mode_off"
    assert hub.replies.mode_of(hub.directory.accounts["a"]) == "off"
    await worker.sync("a", {"conversations": [a_conversation("8")]}, partial=["conversations"])
    assert worker.asked == []
    await worker.disconnect()


async def test_without_a_worker_for_ten_minutes_it_was_not_sent(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    await worker.disconnect()
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    await until(hub, reply_id, "queued")
    await soon(lambda: hub.replies._waits_since, "the wait for a worker")
    clock.ahead += 600_000
    ended = await until(hub, reply_id, "failed")
    assert ended.reason is not None
    assert ended.reason.code == "no_worker"


async def test_a_worker_that_is_busy_is_asked_again(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    await a_reply_at(hub)
    clock.ahead += 5_000
    first = await worker.take(success=False, error_code="busy", error_message="the page is loading")
    await soon(lambda: hub.replies._again_at, "the refusal of the worker")
    clock.ahead += 5_000
    second = await worker.take()
    assert (second["reply_id"], second["attempt"]) == (first["reply_id"], 2)
    await worker.disconnect()


async def test_what_a_worker_took_up_and_hands_back_is_asked_for_again_three_times_at_most(
    hub: Hub, clock: Clock
) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    for attempt in (1, 2, 3):
        request = await worker.take()
        assert (request["reply_id"], request["attempt"]) == (reply_id, attempt)
        await worker.give_back(request)
        assert not (await worker.ask(request))["success"], "who handed it back may not press any more"
        await until(hub, reply_id, "queued" if attempt < 3 else "failed")
        clock.ahead += 20_000
    ended = held(hub, reply_id)
    assert (ended.reason and ended.reason.code, ended.pressed_at) == ("worker_lost", None)
    await worker.disconnect()


async def test_what_may_be_pressed_cannot_be_handed_back(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    assert (await worker.ask(request))["success"]
    await worker.give_back(request)
    await worker.say("worker:heartbeat", {"worker_id": "w1"})  # it was read before
    hub.replies.tick()
    assert held(hub, reply_id).state == "pressing"
    assert (await worker.tell(request, "sent", **SENT))["success"]
    assert held(hub, reply_id).state == "sent"
    await worker.disconnect()


async def test_a_worker_that_was_not_asked_cannot_refuse(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    other = ReplyWorker(await a_worker("w2"))
    await hub.refresh()
    assert await other.connect()
    await other.enter(worker_id="w2")
    refusal = {"success": False, "error_code": "busy", "error_message": "never asked"}
    await other.send("master:reply:request:ack", refusal, f"{reply_id}/{request['attempt']}")
    await other.send("master:reply:request:ack", refusal, f"{reply_id}/{'1' * 5_000}")  # more than Python reads
    await other.say("worker:heartbeat", {"worker_id": "w2"})  # its refusals were read before
    assert hub.replies._again_at == {}
    assert (await worker.ask(request))["success"]
    assert held(hub, reply_id).state == "pressing"
    await worker.disconnect()
    await other.disconnect()


async def test_the_result_of_a_reply_that_nobody_knows_is_refused_for_good(hub: Hub) -> None:
    worker = await a_reply_worker(hub)
    for account_id in ("a", "gone"):
        request = {"reply_id": f"repl_{account_id}_{1:032x}", "attempt": 1}
        answer = await worker.tell(request, "sent", **SENT)
        assert (answer["success"], answer["error_code"]) == (False, "unknown_reply")
    await worker.disconnect()


async def test_a_result_that_comes_again_is_acknowledged_also_where_the_account_is_out_of_memory(
    hub: Hub, clock: Clock
) -> None:
    worker = await a_reply_worker(hub)
    reply_id = await a_reply_at(hub)
    clock.ahead += 5_000
    request = await worker.take()
    await worker.ask(request)
    await worker.tell(request, "sent", **SENT)
    await put_out(hub, "a")
    assert (await worker.ask(request))["error_code"] == "not_permitted"
    assert (await worker.tell(request, "sent", **SENT))["success"]
    stored = await in_database(ChangeLog().load, "a", hub.store.new_view)
    assert stored.replies[reply_id].state == "sent"
    await worker.disconnect()


async def test_in_a_window_it_is_permitted_for_ten_minutes(hub: Hub, clock: Clock) -> None:
    worker = await a_reply_worker(hub, capabilities=("window",), reply_mode=None)
    reply_id = await a_reply_at(hub, mode="window")
    clock.ahead += 5_000
    request = await worker.take()
    assert request["mode"] == "window"
    assert (await worker.ask(request))["success"]
    clock.ahead += 599_000
    hub.replies.tick()
    await worker.sync("a", {"conversations": [a_conversation("8")]}, partial=["conversations"])
    assert held(hub, reply_id).state == "pressing"
    nobody = {"code": "not_pressed", "text": ""}
    assert (await worker.tell(request, "failed", reason=nobody))["success"]
    assert held(hub, reply_id).state == "failed"
    await worker.disconnect()
