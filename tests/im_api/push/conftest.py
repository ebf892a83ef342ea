import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvicorn

from im_api.push import feed as feed_module
from im_api.push.consumer import ClientConsumer
from im_api.push.feed import PushFeed
from sync.hub import Hub
from sync.storage.database import in_database
from tests.im_api.push.client import Client

Listen = Callable[[str], Awaitable[Client]]


@pytest.fixture
async def listen(writing_hub: Hub, feed: PushFeed) -> AsyncIterator[Listen]:
    """A client with the token of that person."""
    opened: list[Client] = []

    async def connected(token: str) -> Client:
        client = Client(feed, (b"authorization", f"Token {token}".encode()))
        opened.append(await client.open())
        return client

    yield connected
    for client in opened:
        await client.leave()


@pytest.fixture(autouse=True)
def _fresh_when_asked_for() -> Iterator[None]:
    """Every ten seconds a client is told how fresh all is: on a busy machine, in the middle of any test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_module, "FRESH_EVERY", 1_000_000)
        yield


def tell_often_how_fresh_all_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(feed_module, "FRESH_EVERY", 10)


async def change(hub: Hub, work: Callable[[], Any]) -> None:
    """As an admin does it in another process: the hub follows."""
    await in_database(work)
    await hub.refresh()


@pytest.fixture
async def address(feed: PushFeed) -> AsyncIterator[str]:
    """Where a server of this process answers push sockets."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(ClientConsumer.as_asgi(feed=feed), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    yield f"ws://127.0.0.1:{listener.getsockname()[1]}/ws/im/"
    server.should_exit = True
    await serving
