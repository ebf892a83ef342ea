"""Many push clients of one hub: one of them deaf, and all of them back after a restart."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.e2e.cast import Cast, Operator, a_frame, make_cast
from tests.e2e.crowd import AT_ONCE, a_client, is_up, messages_of, subscribe
from tests.im_api.builders import T0, a_conversation, a_message, a_snapshot
from tests.servers import Installation, eventually

pytestmark = pytest.mark.e2e

MB = 1_000_000
LONG = "还在吗？" * 2_500
DEAF_WITHIN_S = 10.0
BACK_WITHIN_S = 60.0
HEARD_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    place = Installation(tmp_path_factory.mktemp("crowd"))
    try:
        cast = make_cast(place, Operator("ann", {"shop": "operate"}))
        place.start_hub()
        asyncio.run(_history(cast))
        yield cast
    finally:
        place.stop()


async def _history(cast: Cast) -> None:
    async with a_worker(cast) as tell:
        await tell(a_snapshot(conversations=[a_conversation("c1", "shop")]))


@asynccontextmanager
async def a_worker(cast: Cast) -> AsyncIterator[Any]:
    headers = {"Authorization": f"Bearer {cast.worker_token}"}
    async with connect(f"ws://127.0.0.1:{cast.place.port}/ws/worker/", additional_headers=headers) as worker:
        register = {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 5}
        await _ask(worker, "worker:register", register)

        async def tell(snapshot: dict[str, Any]) -> None:
            payload = {"accountId": "shop", "platform": "douyin", "timestamp": T0, "snapshot": snapshot}
            assert (await _ask(worker, "worker:data:sync", payload))["success"]

        yield tell


async def _ask(worker: ClientConnection, type: str, payload: Any) -> dict[str, Any]:
    await worker.send(a_frame(type, payload, "asked"))
    while (frame := json.loads(await worker.recv())).get("requestId") != "asked":
        pass
    answer: dict[str, Any] = frame["payload"]
    return answer


def news(number: int, content: str = "在吗") -> dict[str, Any]:
    message = a_message(f"n{number}", "c1", 100 + number, "shop", content=content)
    return {**a_snapshot(messages=[message]), "partial": ["messages"]}


# -- a client that does not read


@pytest.mark.parametrize("others", [9, pytest.param(199, marks=pytest.mark.soak)])
def test_a_client_that_does_not_read_is_closed_in_time_and_hardly_costs_memory(cast: Cast, others: int) -> None:
    """The others hear all that it does not."""
    asyncio.run(_beside_a_deaf_one(cast, others))


async def _beside_a_deaf_one(cast: Cast, count: int) -> None:
    process = psutil.Process(cast.place.processes[0].pid)
    others = await _open(cast, count)
    deaf = await _a_deaf_one(cast)
    idle = most = process.memory_info().rss
    heard = [0] * count
    hearing = [asyncio.create_task(_count_news(other, heard, number)) for number, other in enumerate(others)]
    sent, began, closed_after = 0, time.monotonic(), None
    async with a_worker(cast) as tell:
        while closed_after is None and time.monotonic() - began < 3 * DEAF_WITHIN_S:
            sent += 1
            await tell(news(0, f"{sent}{LONG}"))  # the same message: what the hub keeps does not grow
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.02)  # the pace is the load
            if not _is_connected(process, deaf):
                closed_after = time.monotonic() - began
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_WITHIN_S):
                while set(heard) != {sent}:  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(0.05)
    deaf.close()
    for other in others:
        await other.close()
    await asyncio.gather(*hearing)
    print(f"closed after {closed_after} s, {sent} changes told, memory {(most - idle) / MB:+.1f} MB at most")
    assert closed_after is not None
    assert closed_after < DEAF_WITHIN_S
    assert most - idle < 50 * MB
    assert set(heard) == {sent}


async def _open(cast: Cast, count: int) -> list[ClientConnection]:
    """Subscribed."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> ClientConnection:
        async with gate:
            client: ClientConnection = await a_client(cast, "ann")
            await subscribe(client)
            return client

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _a_deaf_one(cast: Cast) -> socket.socket:
    """It asks for everything, and takes nothing from its socket any more. The kernel holds little for it."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect(("127.0.0.1", cast.place.port))
    client = await a_client(cast, "ann", sock=one, max_queue=1)
    await subscribe(client)
    client.transport.pause_reading()
    return one


def _is_connected(hub: psutil.Process, client: socket.socket) -> bool:
    """As the hub sees it."""
    port = client.getsockname()[1]
    return any(c.raddr and c.raddr.port == port and c.status == psutil.CONN_ESTABLISHED for c in hub.net_connections())


async def _count_news(client: ClientConnection, heard: list[int], number: int) -> None:
    """Count in `heard`, at `number`, until the connection ends."""
    with suppress(ConnectionClosed):
        while True:
            heard[number] += json.loads(await client.recv()).get("kind") in ("message.created", "message.updated")


# -- everybody comes back at once


@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=pytest.mark.soak)])
def test_all_clients_come_back_after_a_restart_and_none_missed_anything(cast: Cast, count: int) -> None:
    asyncio.run(_storm(cast, count))


async def _storm(cast: Cast, count: int) -> None:
    clients = await _open(cast, count)
    known = [(await subscribe(client))[1] for client in clients]
    cast.place.processes[0].kill()
    cast.place.processes.clear()
    cast.place.start_hub()
    missed = {f"msg_shop_n{number}" for number in range(1_000 * count, 1_000 * count + 5)}
    async with a_worker(cast) as tell:
        for number in range(1_000 * count, 1_000 * count + 5):
            await tell(news(number))
    eventually(lambda: is_up(cast), "the hub is back", 30)
    began = time.monotonic()
    told = await asyncio.gather(*(_come_back(cast, since) for since in known))
    took = time.monotonic() - began
    lost = sum(len(missed - set(ids)) for ids, _ in told)
    doubled = sum(len(ids) - len(set(ids)) for ids, _ in told)
    tries = sum(tries for _, tries in told)
    print(f"{count} clients back after {took:.1f} s in {tries} tries; {lost} events lost, {doubled} told twice")
    assert (lost, doubled) == (0, 0)
    assert took < BACK_WITHIN_S


async def _come_back(cast: Cast, since: dict[str, Any]) -> tuple[list[str], int]:
    """(messages that were told, tries). All at once; whoever is not let in tries again."""
    tries = 0
    while True:
        tries += 1
        try:
            async with a_client(cast, "ann", close_timeout=1) as client:
                heard, _ = await subscribe(client, since)
                return messages_of(heard), tries
        except (OSError, ConnectionClosed, TimeoutError):
            await asyncio.sleep(0.2)
