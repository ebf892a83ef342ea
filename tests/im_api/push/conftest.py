import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

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
