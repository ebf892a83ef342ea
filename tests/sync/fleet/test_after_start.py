"""A hub that has just started: accounts are moved before the workers that have them open came back."""

from __future__ import annotations

from typing import Any

from sync.hub import Hub, set_hub, system_clock
from sync.models import Account, Worker
from tests.sync.worker.socket import PlainWorker, a_worker, an_account
from tests.sync.worker.socket_data import in_db


async def come(token: str, name: str) -> tuple[PlainWorker, list[str]]:
    """The worker, and the accounts that it is given at once."""
    worker = PlainWorker(token)
    assert await worker.connect()
    hello: dict[str, Any] = {"worker_id": name, "host": "h", "host_id": "shop", "version": "1", "max_accounts": 10}
    answer = await worker.say("worker:register", {**hello, "capabilities": []})
    return worker, [account["account_id"] for account in answer["payload"]["assigned_accounts"]]


def give_to_second() -> None:
    account = Account.objects.get(pk="a")
    account.worker = Worker.objects.get(name="w2")
    account.save()


async def test_what_is_moved_before_its_worker_came_back_waits_until_that_has_closed_it(transactional_db: None) -> None:
    tokens = [await a_worker(name) for name in ("w1", "w2")]
    await an_account("a")
    started = system_clock()
    hub = Hub(clock=lambda: started)
    hub.acquire()
    await hub.start()
    set_hub(hub)
    try:
        second, given = await come(tokens[1], "w2")
        assert given == []
        await in_db(give_to_second)
        await hub.refresh()
        assert hub.presence.lease_of(hub.directory.accounts["a"]) is None, "the first may have its browser open"
        first, given = await come(tokens[0], "w1")
        assert given == []
        await first.send("worker:heartbeat", {"worker_id": "w1"})
        assigned = await second.read()
        assert (assigned["type"], assigned["payload"]["account"]["lease_epoch"]) == ("master:task:assign", 2)
        await first.disconnect()
        await second.disconnect()
    finally:
        set_hub(None)
        await hub.stop()
